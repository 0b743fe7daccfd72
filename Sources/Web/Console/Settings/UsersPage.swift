import Engine
import Storage

/// Who may sign in, and as what.
struct UsersModel: PageModel {
    struct Person: Encodable, Sendable {
        var id: String
        var name: String
        var email: String
        var initial: String
        var roles: [Choice]
        var since: String
        var isDisabled: Bool
        /// `0` lets a disabled user in again, `1` keeps one out: what the button sends.
        var toggle: String
        var isYou: Bool
        /// Invited and never came.
        var waitsForFirstSignIn: Bool
        /// Until when a link that was given works; nil when none waits.
        var linkUntil: String?
        var hasLink: Bool
        var hasTwoFactor: Bool
        var signedIn: String
        /// Of the role and whether the person may sign in, as shown.
        var revision: String
    }

    var people: [Person]
    var roles: [RoleCard]
    var email: String
    var name: String
    var problem: String?
    /// A link just made, shown this once.
    var link: String?
    var linkFor: String?

    struct RoleCard: Encodable, Sendable {
        var value: String
        var title: String
        var explanation: String
        var checked: String?
    }
}

enum UsersPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    static func invite(_ request: PageRequest) async throws -> Reply {
        let (form, actor, effects) = (request.form, request.actor, request.platform.effects)
        let role = Role(rawValue: form.text("role")) ?? .viewer
        let language = request.workspace.language
        return try await mending(request) {
            let (user, link) = try await request.platform.store.write { connection in
                let user = try Users.create(
                    email: form.text("email"), name: form.text("name"), role: role, language: language, by: actor,
                    connection, effects)
                return (user, try Users.oneTimeLink(for: user.id, purpose: .invitation, connection, effects))
            }
            return try await answer(request, link: link, for: user, keepsForm: false)
        }
    }

    static func makeLink(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("user")
        let (actor, effects) = (request.actor, request.platform.effects)
        return try await mending(request) {
            let (user, link) = try await request.platform.store.write { connection in
                guard let user = try Users.find(id: id, connection) else { throw AccountError.unknownUser }
                let isInvited = user.signedInAt == nil && !user.hasPassword
                let link = try Users.oneTimeLink(
                    for: id, purpose: isInvited ? .invitation : .passwordReset, connection, effects)
                try AuditLog.append(
                    actor: actor, action: "user.link", subject: "user:\(id)", detail: user.email, connection,
                    at: effects.now())
                return (user, link)
            }
            return try await answer(request, link: link, for: user)
        }
    }

    static func changeRole(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("user")
        guard let role = Role(rawValue: request.form.text("role")) else { throw PageFailure.notFound }
        let (actor, now, seen) = (request.actor, request.now, request.form["revision"])
        return try await mending(request, id) {
            try await request.platform.store.write { connection in
                try Revision.check(seen, against: Standing(try existing(id, connection)))
                try Users.change(role: role, of: id, by: actor, connection, at: now)
            }
            return .redirect(to: "/settings/users", notice: "settings.role_changed")
        }
    }

    static func revokeLink(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("user")
        let (actor, now) = (request.actor, request.now)
        return try await mending(request) {
            try await request.platform.store.write { try Users.revokeLinks(of: id, by: actor, $0, at: now) }
            return .redirect(to: "/settings/users", notice: "settings.link_revoked")
        }
    }

    /// For somebody whose phone and recovery codes are gone.
    static func turnOffTwoFactor(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("user")
        let (actor, now) = (request.actor, request.now)
        return try await mending(request) {
            try await request.platform.store.write { connection in
                _ = try existing(id, connection)
                try TwoFactor.turnOff(id, by: actor, connection, at: now)
            }
            return .redirect(to: "/settings/users", notice: "account.two_factor_ended")
        }
    }

    static func changeDisabled(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("user")
        let (actor, now, disabled) = (request.actor, request.now, request.form.text("disabled") == "1")
        let seen = request.form["revision"]
        return try await mending(request, id) {
            try await request.platform.store.write { connection in
                try Revision.check(seen, against: Standing(try existing(id, connection)))
                try Users.change(disabled: disabled, of: id, by: actor, connection, at: now)
            }
            return .redirect(to: "/settings/users", notice: "frame.saved")
        }
    }

    /// Shows what a person can mend on the page itself, with everything they had filled in.
    private static func mending(
        _ request: PageRequest, _ id: Int64? = nil, _ work: () async throws -> Reply
    ) async throws -> Reply {
        do {
            return try await work()
        } catch let error as AccountError {
            return try await answer(request, problem: AccountPage.text(error, request))
        } catch let conflict as EditConflict {
            return try await meet(conflict, request, id)
        }
    }

    /// What a change of a role or a lock was made against.
    private struct Standing: Encodable {
        var role: Role
        var isDisabled: Bool

        init(_ user: User) {
            role = user.role
            isDisabled = user.disabledAt != nil
        }
    }

    private static func existing(_ id: Int64, _ connection: any SQLConnection) throws -> User {
        guard let user = try Users.find(id: id, connection) else { throw AccountError.unknownUser }
        return user
    }

    private static func meet(_ conflict: EditConflict, _ request: PageRequest, _ id: Int64?) async throws -> Reply {
        guard let id, let user = try await request.platform.store.read({ try Users.find(id: id, $0) }) else {
            throw PageFailure.notFound
        }
        let form = request.form
        let mine = form["role"].flatMap(Role.init(rawValue:)) ?? user.role
        let locks = form["disabled"].map { $0 == "1" } ?? (user.disabledAt != nil)
        return EditConflictPage.answer(
            request, conflict,
            rows: [
                (request.text("settings.person"), user.name, user.name),
                (
                    request.text("settings.role"), request.text("roles.\(mine.rawValue)"),
                    request.text("roles.\(user.role.rawValue)")
                ),
                (
                    request.text("settings.disabled"), EditConflictPage.yesOrNo(locks, request),
                    EditConflictPage.yesOrNo(user.disabledAt != nil, request)
                ),
            ], back: "/settings/users")
    }

    private static func answer(
        _ request: PageRequest, problem: String? = nil, link: SignInLink? = nil, for holder: User? = nil,
        keepsForm: Bool = true
    ) async throws -> Reply {
        let now = request.now
        let (users, links) = try await request.platform.store.read {
            (try Users.list($0), try Users.waitingLinks($0, at: now))
        }
        let model = UsersModel(
            people: try users.map { try person($0, linkUntil: links[$0.id], request) },
            roles: Role.allCases.reversed().map { role in
                UsersModel.RoleCard(
                    value: role.rawValue, title: request.text("roles.\(role.rawValue)"),
                    explanation: request.text("settings.role_\(role.rawValue)"),
                    checked: role.rawValue == (keepsForm ? request.form["role"] : nil) ?? "marketer" ? "checked" : nil)
            },
            email: keepsForm ? request.form.text("email") : "", name: keepsForm ? request.form.text("name") : "",
            problem: problem, link: link.map { request.address + $0.path }, linkFor: link == nil ? nil : holder?.name)
        return .page(
            Page(
                "settings/users", title: request.text("settings.users"),
                crumbs: [Crumb(request.text("settings.title"), "/settings")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }

    private static func person(
        _ user: User, linkUntil: Timestamp?, _ request: PageRequest
    ) throws -> UsersModel.Person {
        let wording = request.wording
        return UsersModel.Person(
            id: String(user.id), name: user.name, email: user.email,
            initial: String(user.name.prefix(1)).uppercased(),
            roles: Role.allCases.map {
                Choice($0.rawValue, request.text("roles.\($0.rawValue)"), chosen: user.role.rawValue)
            },
            since: request.wording.shortDate(user.createdAt, now: request.now), isDisabled: user.disabledAt != nil,
            toggle: user.disabledAt == nil ? "1" : "0", isYou: user.id == request.user.id,
            waitsForFirstSignIn: !user.hasPassword && user.signedInAt == nil,
            linkUntil: linkUntil.map { request.text("settings.link_until", ["when": wording.dateTime($0)]) },
            hasLink: linkUntil != nil, hasTwoFactor: user.twoFactorSince != nil,
            signedIn: user.signedInAt.map { wording.ago($0, now: request.now) } ?? request.text("settings.never"),
            revision: try Revision(of: Standing(user)).text)
    }
}
