import Engine
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// One request on its way through the console: finds the session and the language, passes the gate, runs the handler,
/// and turns its answer, or its failure, into a response.
struct Visit: Sendable {
    let console: Console
    let request: Request
    let parameters: [String: String]
    let address: String
    let network: String?
    let logger: Logger

    init<Context: RequestContext>(_ console: Console, _ request: Request, _ context: Context) {
        self.console = console
        self.request = request
        logger = context.logger
        var parameters: [String: String] = [:]
        for (name, value) in context.parameters { parameters[String(name)] = Fields.decoded(value) }
        self.parameters = parameters
        let peer = (context as? any RemoteAddressRequestContext)?.remoteAddress
        address = peer?.ipAddress ?? "local"
        network = ClientNetwork.of(request, peer)
    }

    /// Answers one line of the catalogue.
    func answer(_ route: ConsoleRoute) async -> Response {
        var language: Wording?
        var known: (session: Session, workspace: Workspace)?
        do {
            let (session, workspace) = try await visitor()
            let wording = try self.wording(session?.user.language, workspace)
            language = wording
            known = session.map { ($0, workspace) }
            var facts = try await facts(workspace: workspace, wording: wording, readsForm: route.kind == .action)
            if route.kind == .page, let session { facts.waiting = try await waiting(for: session.user.role) }
            let page = try ConsoleGate.admit(
                session, to: route, facts: facts,
                presentedToken: request.headers[.csrfToken] ?? facts.form["csrf"])
            return try respond(try await run(route, page), to: page)
        } catch PageFailure.signInNeeded {
            return toSignIn(route)
        } catch PageFailure.secondFactorNeeded {
            return redirect(to: "/account/two-factor")
        } catch is CancellationError {
            // Stopped by who asked for it: nobody waits for an answer.
            return Response(status: .noContent)
        } catch {
            return failure(error, wording: language, known: known)
        }
    }

    /// The handler's answer; a panel with a ticket can be stopped while it counts, and what is asked while one writes
    /// gives way to what is asked next under its ticket.
    private func run(_ route: ConsoleRoute, _ page: PageRequest) async throws -> Reply {
        guard route.kind != .page, let ticket = request.headers[.panelTicket] else {
            return try await route.handler(page)
        }
        return try await console.panels.run(page.panelName(ticket), isNewest: route.kind == .action) {
            try await route.handler(page)
        }
    }

    /// The living session of the request's cookie, seen just now, and the workspace.
    func visitor() async throws -> (Session?, Workspace) {
        let platform = console.platform
        let now = platform.effects.now()
        let token = SessionCookie.read(SessionCookie.session, request)
        let (session, workspace) = try await platform.store.read { connection in
            (
                try token.flatMap { try Sessions.find(token: $0, connection, at: now) },
                try Workspace.load(connection)
            )
        }
        if let session, Sessions.needsTouch(session, at: now) {
            try await platform.store.write { try Sessions.touch(session, $0, at: now) }
        }
        return (session, workspace)
    }

    /// The visitor's language: the one chosen, else the one in `lang=`, else the browser's, else the workspace's.
    func wording(_ chosen: String?, _ workspace: Workspace) throws -> Wording {
        let asked = Fields(encoded: request.uri.query ?? "")["lang"].flatMap {
            Workspace.languages.contains($0) ? $0 : nil
        }
        let language =
            chosen ?? asked
            ?? StringCatalogues.language(
                accepting: request.headers[.acceptLanguage], fallback: workspace.language)
        return Wording(catalogue: try console.strings[language], workspace: workspace)
    }

    func facts(workspace: Workspace, wording: Wording, readsForm: Bool) async throws -> Facts {
        Facts(
            console: console, workspace: workspace, wording: wording, path: request.uri.path, parameters: parameters,
            query: Fields(encoded: request.uri.query ?? ""), form: readsForm ? try await form() : Fields(),
            body: request.body, now: console.platform.effects.now(),
            notice: SessionCookie.read(SessionCookie.notice, request), lastEventID: request.headers[.lastEventID],
            address: serverAddress, network: network, waiting: [:])
    }

    /// What waits for a decision, for who may decide.
    private func waiting(for role: Role) async throws -> [String: Int64] {
        guard role.may(.approveLoyalty) else { return [:] }
        return [
            "/approvals": try await console.platform.store.read {
                try Approvals.waiting($0) + ProgramVersions.waiting($0)
            }
        ]
    }

    var serverAddress: String {
        let host = request.head.authority ?? "localhost"
        return (console.configuration.secureCookies ? "https://" : "http://") + host
    }

    /// The posted form. Throws: `PageFailure.tooLarge`.
    func form() async throws -> Fields {
        do {
            let buffer = try await request.body.collect(upTo: Visit.formBytes)
            return Fields(encoded: String(buffer: buffer))
        } catch is NIOTooManyBytesError {
            throw PageFailure.tooLarge(maximumBytes: Visit.formBytes)
        }
    }

    /// Whether htmx asks for a piece of a page.
    var isPartial: Bool { request.headers[.hxRequest] != nil }

    /// A form is bounded; files go to upload routes.
    static let formBytes = 256 * 1024
}

// MARK: Answers

extension Visit {
    private func respond(_ reply: Reply, to page: PageRequest) throws -> Response {
        switch reply {
        case .page(let model):
            var response = html(render(model, page), status: model.status, clearingNotice: page.notice != nil)
            if !model.frames.isEmpty {
                response.headers[.contentSecurityPolicy] = SecurityHeaders.policy(framing: model.frames)
            }
            if let session = model.session { keep(session, in: &response) }
            return response
        case .panel(let template, let model):
            let chrome = Chrome(page, page: Page(template, title: "", model: model))
            return html(
                console.render(
                    template, PageContext(chrome: chrome, t: page.wording.catalogue.texts, page: model)),
                status: .ok)
        case .redirect(let path, let notice, let session):
            var response = redirect(to: path, notice: notice)
            if let session { keep(session, in: &response) }
            return response
        case .json(let text, let status):
            return response(status, type: "application/json; charset=utf-8", Array(text.utf8))
        case .file(let name, let type, let path):
            return attachment(name, type, try FileBody.reading(path))
        case .temporaryFile(let name, let type, let path):
            return attachment(name, type, try FileBody.readingOnce(path))
        case .download(let name, let type, let body):
            return attachment(name, type, body)
        case .picture(let type, let bytes): return response(.ok, type: type, bytes)
        case .letter(let text):
            var response = html(text, status: .ok)
            response.headers[.contentSecurityPolicy] = SecurityHeaders.letterPolicy
            return response
        case .framed(let text):
            var response = html(text, status: .ok)
            response.headers[.contentSecurityPolicy] = SecurityHeaders.framedPolicy
            response.headers[.frameOptions] = "SAMEORIGIN"
            return response
        case .events(let body):
            var response = response(.ok, type: "text/event-stream; charset=utf-8", [])
            response.body = body
            return response
        }
    }

    private func attachment(_ name: String, _ type: String, _ body: ResponseBody) -> Response {
        var response = response(.ok, type: type, [])
        response.headers[.contentDisposition] = "attachment; filename*=UTF-8''\(Fields.encoded(name))"
        response.body = body
        return response
    }

    private func render(_ model: Page, _ page: PageRequest) -> String {
        console.render(
            model.template,
            PageContext(
                chrome: Chrome(page, page: model), t: page.wording.catalogue.texts, page: model.model))
    }

    func html(_ text: String, status: HTTPResponse.Status, clearingNotice: Bool = false) -> Response {
        var response = response(status, type: "text/html; charset=utf-8", Array(text.utf8))
        if clearingNotice {
            response.headers.append(
                HTTPField(
                    name: .setCookie,
                    value: SessionCookie.clear(SessionCookie.notice, secure: console.configuration.secureCookies)))
        }
        return response
    }

    func redirect(to path: String, notice: String? = nil) -> Response {
        var headers: HTTPFields = isPartial ? [.hxRedirect: path] : [.location: path]
        SecurityHeaders.add(to: &headers)
        if let notice {
            headers.append(
                HTTPField(
                    name: .setCookie,
                    value: SessionCookie.set(
                        SessionCookie.notice, notice, seconds: 60, secure: console.configuration.secureCookies)))
        }
        return Response(status: isPartial ? .noContent : .seeOther, headers: headers)
    }

    private func response(_ status: HTTPResponse.Status, type: String, _ bytes: [UInt8]) -> Response {
        var headers: HTTPFields = [.contentType: type]
        SecurityHeaders.add(to: &headers)
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private func toSignIn(_ route: ConsoleRoute) -> Response {
        let wanted = route.kind == .page ? request.uri.string : "/"
        let suffix = wanted == "/" ? "" : "?next=" + Fields.encoded(wanted)
        return redirect(to: "/sign-in" + suffix)
    }
}
