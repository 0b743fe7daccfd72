import Engine
import Storage

/// One member's links to the member centre: made, shown once, taken back; and a preview.
struct CentreLinksModel: PageModel {
    struct Row: Encodable, Sendable {
        var id: String
        var made: String
        var by: String
        var kind: String
        var ends: String
        var used: String
        var state: String
        var tone: String
        var isLiving: Bool
    }

    var member: String
    var isOn: Bool
    /// Where it is turned on, for who may.
    var settings: String?
    var rows: [Row]
    var isEmpty: Bool
    var hours: String
    /// The address of a link just made, shown this once.
    var link: String?
    var problem: String?
}

enum CentreLinksPage {
    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func make(_ request: PageRequest) async throws -> Reply {
        let (member, form, actor) = (try request.id("member"), request.form, request.actor)
        let effects = request.platform.effects
        let wish = CentreLinks.Wish(isOnce: form.text("kind") != "many", hours: Int(form.text("hours")) ?? 0)
        do {
            let made = try await found {
                try await request.platform.store.write {
                    try CentreLinks.make(for: member, wish, by: actor, effects, $0)
                }
            }
            return try await answer(request, link: request.address + CentreLink.path(made.token))
        } catch CentreError.invalid(let field, _) {
            return try await answer(request, problem: request.text("centre.invalid_\(field)"))
        } catch CentreError.tooMany {
            return try await answer(request, problem: request.text("centre.too_many"))
        } catch CentreError.off {
            return try await answer(request, problem: request.text("centre.is_off"))
        }
    }

    static func revoke(_ request: PageRequest) async throws -> Reply {
        let (member, link) = (try request.id("member"), try request.id("link"))
        let (actor, now) = (request.actor, request.now)
        _ = try await found {
            try await request.platform.store.write {
                try CentreLinks.revoke(link, of: member, by: actor, at: now, $0)
            }
        }
        return .redirect(to: "/members/\(member)/centre", notice: "centre.link_is_revoked")
    }

    /// Opens the member's pages in this browser, to look only.
    static func preview(_ request: PageRequest) async throws -> Reply {
        let member = try request.id("member")
        do {
            return .redirect(to: try await found { try await previewPath(of: member, request) })
        } catch CentreError.off {
            return try await answer(request, problem: request.text("centre.is_off"))
        }
    }

    static func previewPath(of member: Int64, _ request: PageRequest) async throws -> String {
        let (actor, effects) = (request.actor, request.platform.effects)
        let made = try await request.platform.store.write {
            try CentreLinks.make(for: member, CentreLinks.Wish(isPreview: true), by: actor, effects, $0)
        }
        return CentreLink.path(made.token)
    }

    /// What is not there, or closed, is a page that is not there.
    private static func found<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch CentreError.linkNotFound {
            throw PageFailure.notFound
        } catch is PointsError {
            throw PageFailure.notFound
        }
    }

    private static func answer(
        _ request: PageRequest, link: String? = nil, problem: String? = nil
    ) async throws -> Reply {
        let member = try request.id("member")
        let (account, links, settings, actors) = try await found {
            try await request.platform.store.read { connection in
                let account = try PointsAccounts.get(member, connection)
                return (
                    account, try CentreLinks.list(of: account.profileID, connection),
                    try CentreSettings.load(connection), try ActorNames.load(connection)
                )
            }
        }
        let model = CentreLinksModel(
            member: String(member), isOn: settings.isOn,
            settings: !settings.isOn && request.user.role.may(.manageWorkspace) ? "/settings/member-centre" : nil,
            rows: links.map { row($0, actors, request) }, isEmpty: links.isEmpty,
            hours: problem == nil ? String(settings.linkHours) : request.form.text("hours"), link: link,
            problem: problem)
        return .page(
            Page(
                "centre-console/links", title: request.text("centre.title"),
                crumbs: [
                    Crumb(request.text("member.title"), "/members"),
                    Crumb(PointsWords.number(account.number), "/members/\(member)"),
                ], model: model, status: problem == nil ? .ok : .unprocessableContent))
    }

    private static func row(
        _ link: CentreLink, _ actors: ActorNames, _ request: PageRequest
    ) -> CentreLinksModel.Row {
        let (wording, isLiving) = (request.wording, link.isLiving(at: request.now))
        let state = link.revokedAt != nil ? "revoked" : isLiving ? "living" : "over"
        return CentreLinksModel.Row(
            id: String(link.id), made: wording.dateTime(link.createdAt), by: actors.name(link.createdBy),
            kind: request.text(
                link.isPreview ? "centre.link_preview" : link.isOnce ? "centre.link_once" : "centre.link_many"),
            ends: wording.dateTime(link.expiresAt),
            used: link.usedAt.map(wording.dateTime) ?? request.text("frame.none"),
            state: request.text("centre.link_\(state)"), tone: isLiving ? "chip-good" : "", isLiving: isLiving)
    }
}
