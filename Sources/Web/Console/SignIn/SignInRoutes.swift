import Engine
import HTTPTypes
import Hummingbird

/// The pages before somebody is signed in, and the way out.
///
/// Their forms carry a token that must equal a cookie's (double submit), as there is no session yet to hold one.
enum SignInRoutes {
    struct Entry: Sendable {
        let method: HTTPRequest.Method
        let path: String
        let handler: @Sendable (Visit) async throws -> Response
    }

    static let all: [Entry] = [
        Entry(method: .get, path: "/sign-in") { try await SignInPage.show($0) },
        Entry(method: .post, path: "/sign-in") { try await SignInPage.attempt($0) },
        Entry(method: .get, path: "/sign-in/sso") { try await SignOnPages.begin($0) },
        Entry(method: .get, path: SignOnPages.callbackPath) { try await SignOnPages.callback($0) },
        Entry(method: .get, path: "/sign-in/code") { try await CodePage.show($0) },
        Entry(method: .post, path: "/sign-in/code") { try await CodePage.attempt($0) },
        Entry(method: .get, path: "/sign-in/link/{token}") { try await LinkPage.show($0) },
        Entry(method: .post, path: "/sign-in/link/{token}") { try await LinkPage.redeem($0) },
        Entry(method: .get, path: "/u/{token}") { try await PreferencePage.show($0) },
        Entry(method: .post, path: "/u/{token}") { try await PreferencePage.change($0) },
        Entry(method: .get, path: "/confirm/{token}") { try await ConfirmPage.show($0) },
        Entry(method: .post, path: "/confirm/{token}") { try await ConfirmPage.agree($0) },
        Entry(method: .post, path: "/sign-out") { try await SignInPage.signOut($0) },
    ]
}

extension Visit {
    func answer(_ entry: SignInRoutes.Entry) async -> Response {
        do {
            return try await entry.handler(self)
        } catch {
            return failure(error, wording: nil, known: nil)
        }
    }

    var origin: SignInOrigin {
        SignInOrigin(address: address, userAgent: request.headers[.userAgent] ?? "")
    }

    /// A page before sign-in, with a form token in a cookie.
    func page(
        _ template: String, title: String, model: any PageModel, wording: Wording, workspace: Workspace,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let known = SessionCookie.read(SessionCookie.form, request).flatMap { $0.count == 43 ? $0 : nil }
        let token = known ?? SecretToken(effects: console.platform.effects).text
        var chrome = Chrome(
            console: console, wording: wording, workspace: workspace, path: request.uri.path, title: title)
        chrome.csrf = token
        let context = PageContext(chrome: chrome, t: wording.catalogue.texts, page: model)
        var response = html(console.render(template, context), status: status)
        if known == nil {
            response.headers.append(
                HTTPField(
                    name: .setCookie,
                    value: SessionCookie.set(
                        SessionCookie.form, token, secure: console.configuration.secureCookies)))
        }
        return response
    }

    /// Throws: `PageFailure.staleForm` unless form and cookie carry the same token and the browser names no other site.
    func requireFormToken(_ form: Fields) throws {
        let site = request.headers[.fetchSite] ?? "same-origin"
        guard let cookie = SessionCookie.read(SessionCookie.form, request), let token = form["csrf"],
            !cookie.isEmpty, Digest.equal(cookie, token), site == "same-origin" || site == "none"
        else { throw PageFailure.staleForm }
    }

    /// Puts a new session into the browser and goes on.
    func enter(_ session: OpenedSession, next: String) -> Response {
        var response = redirect(to: Visit.local(next))
        keep(session, in: &response)
        return response
    }

    /// Puts a session into the cookie of an answer.
    func keep(_ session: OpenedSession, in response: inout Response) {
        let seconds = AccountLimits.sessionDays * 86_400
        response.headers.append(
            HTTPField(
                name: .setCookie,
                value: SessionCookie.set(
                    SessionCookie.session, session.token, seconds: seconds,
                    secure: console.configuration.secureCookies)))
    }

    /// A path of this console, or `/` for anything that could lead elsewhere.
    static func local(_ path: String) -> String {
        let isPlain = path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }
        return path.hasPrefix("/") && !path.hasPrefix("//") && isPlain ? path : "/"
    }
}
