import Engine
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// One request on its way through the member centre: finds session, settings and language, runs the handler, and turns
/// its answer, or its failure, into a response.
struct CentreVisit: Sendable {
    let console: Console
    let request: Request
    let parameters: [String: String]
    let logger: Logger

    /// A form is small.
    static let formBytes = 16 * 1024

    init<Context: RequestContext>(_ console: Console, _ request: Request, _ context: Context) {
        self.console = console
        self.request = request
        logger = context.logger
        var parameters: [String: String] = [:]
        for (name, value) in context.parameters { parameters[String(name)] = Fields.decoded(value) }
        self.parameters = parameters
    }

    var platform: Platform { console.platform }
    var query: Fields { Fields(encoded: request.uri.query ?? "") }

    /// Who asks, and how the site is set up.
    struct Scene: Sendable {
        var session: CentreSession?
        var settings = CentreSettings()
        var workspace = Workspace()
    }

    func answer(_ route: CentreRoute) async -> Response {
        var scene = Scene()
        do {
            scene = try await self.scene()
            guard scene.settings.isOn else { throw CentreError.off }
            if let section = route.section { try scene.settings.require(section) }
            guard let session = scene.session else { throw PageFailure.signInNeeded }
            let page = CentreRequest(
                console: console, session: session, settings: scene.settings, workspace: scene.workspace,
                wording: try wording(scene.workspace), path: request.uri.path, parameters: parameters, query: query,
                form: route.isChange ? try await form() : Fields(), now: platform.effects.now())
            if route.isChange { try require(page.form["csrf"], session) }
            return try respond(try await route.handler(page), scene, page.wording)
        } catch {
            return failure(error, scene)
        }
    }

    func scene() async throws -> Scene {
        let (now, token) = (platform.effects.now(), SessionCookie.read(CentreCookie.session, request))
        return try await platform.store.read { connection in
            Scene(
                session: try token.flatMap { try CentreSessions.find(token: $0, at: now, connection) },
                settings: try CentreSettings.load(connection), workspace: try Workspace.load(connection))
        }
    }

    /// The language in `lang=`, else the one chosen before, else the browser's, else the workspace's.
    func wording(_ workspace: Workspace) throws -> Wording {
        let chosen = [query["lang"], SessionCookie.read(CentreCookie.language, request)].compactMap { $0 }
            .first { Workspace.languages.contains($0) }
        let language =
            chosen
            ?? StringCatalogues.language(
                accepting: request.headers[.acceptLanguage], fallback: workspace.language)
        return Wording(catalogue: try console.strings[language], workspace: workspace)
    }

    /// Throws: `PageFailure.tooLarge`.
    func form() async throws -> Fields {
        do {
            return Fields(encoded: String(buffer: try await request.body.collect(upTo: Self.formBytes)))
        } catch is NIOTooManyBytesError {
            throw PageFailure.tooLarge(maximumBytes: Self.formBytes)
        }
    }

    /// Throws: `PageFailure.staleForm` unless the form carries the session's token and the browser names no other site.
    private func require(_ token: String?, _ session: CentreSession) throws {
        let site = request.headers[.fetchSite] ?? "same-origin"
        guard let token, Digest.equal(token, session.csrfToken), site == "same-origin" || site == "none" else {
            throw PageFailure.staleForm
        }
    }
}

// MARK: Answers

extension CentreVisit {
    private func respond(_ reply: CentreReply, _ scene: Scene, _ wording: Wording) throws -> Response {
        switch reply {
        case .page(let page): return html(page, scene, wording)
        case .redirect(let path, let notice): return redirect(to: path, notice: notice)
        case .download(let name, let type, let body):
            var headers: HTTPFields = [.contentType: type]
            Self.secure(&headers)
            headers[.contentDisposition] = "attachment; filename*=UTF-8''\(Fields.encoded(name))"
            return Response(status: .ok, headers: headers, body: body)
        case .left:
            var response = redirect(to: "/m", notice: nil)
            set(CentreCookie.session, "", seconds: 0, in: &response)
            return response
        }
    }

    func html(_ page: CentrePage, _ scene: Scene, _ wording: Wording) -> Response {
        let notice = SessionCookie.read(CentreCookie.notice, request)
        let frame = CentreFrame(
            language: wording.language, title: page.title, brand: scene.brand,
            stylesheet: console.assets.centreStyle, brandStyle: BrandStyle.path(scene.settings.colour),
            icon: BrandStyle.icon(scene.settings.colour),
            icons: console.assets.icons, csrf: scene.session?.csrfToken ?? "",
            places: scene.session == nil ? [] : Self.places(scene.settings, page.place, wording),
            hasPlaces: scene.session != nil, notice: notice.flatMap { wording.known($0) },
            isPreview: scene.session?.isPreview ?? false, back: page.back, isKnown: scene.session != nil,
            languagePath: request.method == .get ? "" : page.back ?? "/m")
        let text = console.render(
            page.template, CentreContext(chrome: frame, t: wording.catalogue.texts, page: page.model))
        var headers: HTTPFields = [.contentType: "text/html; charset=utf-8", .contentLanguage: wording.language]
        Self.secure(&headers)
        var response = Response(
            status: page.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        if notice != nil { set(CentreCookie.notice, "", seconds: 0, in: &response) }
        if let chosen = query["lang"], Workspace.languages.contains(chosen) {
            set(CentreCookie.language, chosen, seconds: 365 * 86_400, in: &response)
        }
        return response
    }

    func redirect(to path: String, notice: String?) -> Response {
        var headers: HTTPFields = [.location: path]
        Self.secure(&headers)
        var response = Response(status: .seeOther, headers: headers)
        if let notice { set(CentreCookie.notice, notice, seconds: 60, in: &response) }
        return response
    }

    func set(_ name: String, _ value: String, seconds: Int, in response: inout Response) {
        let secure = console.configuration.secureCookies ? "; Secure" : ""
        response.headers.append(
            HTTPField(
                name: .setCookie,
                value: "\(name)=\(value); Path=/m; HttpOnly; SameSite=Lax; Max-Age=\(seconds)\(secure)"))
    }

    private static func places(
        _ settings: CentreSettings, _ current: String, _ wording: Wording
    ) -> [CentreFrame.Place] {
        let all: [(name: String, section: CentreSection?, icon: String)] = [
            ("home", nil, "overview"), ("points", .points, "points"), ("coupons", .coupons, "coupon"),
            ("rewards", .rewards, "gift"), ("rules", .rules, "info"),
        ]
        return all.filter { $0.section.map(settings.shows) ?? true }.map { place in
            CentreFrame.Place(
                title: wording.text("centre.place_\(place.name)"),
                href: place.name == "home" ? "/m" : "/m/\(place.name)",
                icon: place.icon, current: place.name == current ? "page" : nil)
        }
    }

    /// Styles and pictures of our own; no script at all.
    static func secure(_ headers: inout HTTPFields) {
        SecurityHeaders.add(to: &headers)
        headers[.contentSecurityPolicy] = [
            "default-src 'none'", "style-src 'self'", "img-src 'self'", "form-action 'self'",
            "frame-ancestors 'none'", "base-uri 'none'",
        ].joined(separator: "; ")
        // The address of a link is a secret.
        headers[.referrerPolicy] = "no-referrer"
    }
}

extension CentreVisit.Scene {
    var brand: String { settings.brandName.isEmpty ? workspace.name : settings.brandName }
}

/// The cookies of the member centre, all below `/m`: none of them reaches the console, nor the console's this.
enum CentreCookie {
    static let session = "perennial_member"
    static let notice = "perennial_member_notice"
    static let language = "perennial_member_language"
}

extension Console {
    func render(_ template: String, _ context: CentreContext) -> String {
        templates.render(context, withTemplate: template) ?? ""
    }
}
