import Engine
import HTTPTypes
import Hummingbird

/// How members come in: by a link, or by the brand's own token.
struct CentreEntry: Sendable {
    let method: HTTPRequest.Method
    let path: String
    let handler: @Sendable (CentreVisit, CentreVisit.Scene) async throws -> Response

    static let all: [CentreEntry] = [
        CentreEntry(method: .get, path: "/m/l/{token}", handler: showLink),
        CentreEntry(method: .post, path: "/m/l/{token}", handler: openLink),
        CentreEntry(method: .get, path: "/m/enter", handler: enter),
        CentreEntry(method: .post, path: "/m/enter", handler: enter),
    ]

    struct LinkModel: PageModel {
        var token: String
    }

    /// A link for one opening is not used up by messengers that look ahead: its form opens it. Others open at once.
    @Sendable private static func showLink(
        _ visit: CentreVisit, _ scene: CentreVisit.Scene
    ) async throws -> Response {
        let (token, now) = (visit.parameters["token"] ?? "", visit.platform.effects.now())
        let link = try await visit.platform.store.read { try CentreLinks.find(token, at: now, $0) }
        guard link.isOnce else { return try await openLink(visit, scene) }
        let wording = try visit.wording(scene.workspace)
        var stranger = scene
        stranger.session = nil
        return visit.html(
            CentrePage(
                "link", title: wording.text("centre.welcome"), place: "", back: nil, model: LinkModel(token: token)),
            stranger, wording)
    }

    @Sendable private static func openLink(
        _ visit: CentreVisit, _ scene: CentreVisit.Scene
    ) async throws -> Response {
        let (token, effects) = (visit.parameters["token"] ?? "", visit.platform.effects)
        let old = SessionCookie.read(CentreCookie.session, visit.request)
        let opened = try await visit.platform.store.write {
            try CentreLinks.open(token, replacing: old, effects, $0)
        }
        return letIn(opened, to: "/m", visit)
    }

    /// `?token=` or a form's field `token`; `to` names the page, `/m/coupons`.
    @Sendable private static func enter(_ visit: CentreVisit, _ scene: CentreVisit.Scene) async throws -> Response {
        let fields = visit.request.method == .post ? try await visit.form() : visit.query
        let (token, platform) = (fields.text("token"), visit.platform)
        let old = SessionCookie.read(CentreCookie.session, visit.request)
        do {
            let opened = try await platform.store.write {
                try CentreSessions.open(brandToken: token, replacing: old, platform.seal, platform.effects, $0)
            }
            return letIn(opened, to: local(fields.text("to")), visit)
        } catch CentreError.badToken(let check) {
            visit.logger.notice("A brand's token was refused", metadata: ["check": "\(check)"])
            throw CentreError.badToken(check)
        }
    }

    @Sendable static func signOut(_ request: CentreRequest) async throws -> CentreReply {
        let hash = request.session.tokenHash
        try await request.platform.store.write { try CentreSessions.close(tokenHash: hash, $0) }
        return .left
    }

    private static func letIn(_ opened: OpenedCentre, to path: String, _ visit: CentreVisit) -> Response {
        var response = visit.redirect(to: path, notice: nil)
        let left = opened.expiresAt.seconds - visit.platform.effects.now().seconds
        visit.set(CentreCookie.session, opened.token, seconds: Int(max(1, left)), in: &response)
        return response
    }

    /// A page of the member centre, or its first for anything that could lead elsewhere.
    static func local(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || $0 == 0x2F || $0 == 0x2D
        }
        return isPlain && path.hasPrefix("/m/") && !path.contains("//") ? path : "/m"
    }
}

extension CentreVisit {
    func answer(_ entry: CentreEntry) async -> Response {
        var scene = Scene()
        do {
            scene = try await self.scene()
            guard scene.settings.isOn else { throw CentreError.off }
            return try await entry.handler(self, scene)
        } catch {
            return failure(error, scene)
        }
    }
}
