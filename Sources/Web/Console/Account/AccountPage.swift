import Engine
import Storage

/// One's own name, language, look, password and sessions.
struct AccountModel: PageModel {
    struct Visit: Encodable, Sendable {
        var device: String
        var address: String
        var seen: String
        var isThis: Bool
        /// Names the session in a form: the beginning of its token's hash.
        var key: String
    }

    var name: String
    var email: String
    var role: String
    var languages: [Choice]
    var themes: [Choice]
    var sessions: [Visit]
    var hasOthers: Bool
    var hasPassword: Bool
    /// The second factor, in words, and its tone.
    var twoFactor: String
    var twoFactorTone: String
    var problem: String?
}

enum AccountPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    /// Saves what is given and leaves the rest; comes back to the page it was sent from.
    static func savePreferences(_ request: PageRequest) async throws -> Reply {
        let form = request.form
        let user = request.user
        let theme = form["theme"].flatMap(User.Theme.init(rawValue:)) ?? user.theme
        do {
            try await request.platform.store.write { connection in
                try Users.change(
                    name: form["name"] ?? user.name, language: form["language"] ?? user.language, theme: theme,
                    of: user.id, connection)
            }
        } catch let error as AccountError {
            return try await answer(request, problem: text(error, request))
        }
        return .redirect(to: Visit.local(form["back"] ?? "/account"))
    }

    static func changePassword(_ request: PageRequest) async throws -> Reply {
        let (user, form, effects) = (request.user, request.form, request.platform.effects)
        do {
            guard form.text("password") == form.text("again") else {
                return try await answer(request, problem: request.text("signin.password_differs"))
            }
            let hash = try await PasswordHash.make(form.text("password"), effects: effects)
            try await SignIn.confirm(password: form.text("current"), of: user, on: request.platform.store)
            let (actor, now, session) = (request.actor, request.now, request.session.tokenHash)
            let current = request.session
            let rotated = try await request.platform.store.write { connection in
                try Users.change(password: hash, of: user.id, keeping: session, by: actor, connection, at: now)
                return try Sessions.rotate(current, connection, effects)
            }
            return .redirect(to: "/account", notice: "account.password_changed", session: rotated)
        } catch let error as AccountError {
            return try await answer(request, problem: text(error, request))
        }
    }

    /// Ends one of one's own sessions, named by the beginning of its hash.
    static func closeSession(_ request: PageRequest) async throws -> Reply {
        let (user, now, key) = (request.user, request.now, request.form.text("session"))
        let isFound = try await request.platform.store.write { connection in
            let sessions = try Sessions.list(of: user.id, connection, at: now)
            guard key.count == keyCharacters, let one = sessions.first(where: { $0.tokenHash.hasPrefix(key) }) else {
                return false
            }
            try Sessions.close(tokenHash: one.tokenHash, of: user.id, connection)
            return true
        }
        return .redirect(to: "/account", notice: isFound ? "account.session_closed" : "account.session_gone")
    }

    private static let keyCharacters = 16

    static func closeOtherSessions(_ request: PageRequest) async throws -> Reply {
        let session = request.session
        try await request.platform.store.write {
            try Sessions.closeOthers(than: session.tokenHash, of: session.user.id, $0)
        }
        return .redirect(to: "/account", notice: "account.sessions_closed")
    }

    /// What an account error says to the person who made it.
    static func text(_ error: AccountError, _ request: PageRequest) -> String {
        switch error {
        case .badEmail: request.text("account.bad_email")
        case .emailTaken(let email): request.text("account.email_taken", ["email": email])
        case .badName: request.text("account.bad_name")
        case .badPassword(let minimum): request.text("signin.password_short", count: Int64(minimum))
        case .wrongPassword: request.text("account.wrong_password")
        case .lastAdministrator: request.text("account.last_administrator")
        case .wrongCode: request.text("signin.wrong_code")
        case .twoFactorRequired: request.text("account.two_factor_required")
        case .unknownRole, .unknownUser, .linkNotValid, .linkTooOften: request.text("frame.failed")
        }
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let now = request.now
        let user = request.user
        let sessions = try await request.platform.store.read { try Sessions.list(of: user.id, $0, at: now) }
        let model = AccountModel(
            name: user.name, email: user.email, role: request.text("roles.\(user.role.rawValue)"),
            languages: [
                Choice("zh-Hans", "中文", chosen: user.language), Choice("en", "English", chosen: user.language),
            ],
            themes: User.Theme.allCases.map {
                Choice($0.rawValue, request.text("frame.theme_\($0.rawValue)"), chosen: user.theme.rawValue)
            },
            sessions: sessions.map { session in
                AccountModel.Visit(
                    device: device(session.userAgent), address: session.address,
                    seen: request.wording.ago(session.seenAt, now: now),
                    isThis: session.tokenHash == request.session.tokenHash,
                    key: String(session.tokenHash.prefix(keyCharacters)))
            },
            hasOthers: sessions.count > 1, hasPassword: user.hasPassword,
            twoFactor: request.text(user.twoFactorSince == nil ? "account.two_factor_is_off" : "account.two_factor_on"),
            twoFactorTone: user.twoFactorSince == nil ? "warn" : "good", problem: problem)
        return .page(
            Page(
                "account/page", title: request.text("frame.account"), model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }

    /// `Chrome · macOS` from a user agent; the agent's first words when it is none of the usual ones.
    private static func device(_ agent: String) -> String {
        let browsers = [
            ("Edg/", "Edge"), ("MicroMessenger", "WeChat"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"),
            ("Safari/", "Safari"),
        ]
        let systems = [
            ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Mac OS X", "macOS"),
            ("Windows", "Windows"), ("Linux", "Linux"),
        ]
        let found = [browsers, systems].compactMap { list in list.first { agent.contains($0.0) }?.1 }
        return found.isEmpty ? String(agent.prefix(40)) : found.joined(separator: " · ")
    }
}
