import Engine
import HTTPTypes
import Hummingbird

/// Signing in with email and password.
struct SignInModel: PageModel {
    var email: String
    var next: String
    /// Where single sign-on begins; nil when it is off.
    var signOn: String?
    var problem: String?
}

enum SignInPage {
    static func show(_ visit: Visit) async throws -> Response {
        let (session, workspace) = try await visit.visitor()
        let next = Fields(encoded: visit.request.uri.query ?? "").text("next")
        if session != nil { return visit.redirect(to: Visit.local(next)) }
        return try await answer(visit, workspace, SignInModel(email: "", next: Visit.local(next)))
    }

    static func attempt(_ visit: Visit) async throws -> Response {
        let (_, workspace) = try await visit.visitor()
        let form = try await visit.form()
        try visit.requireFormToken(form)
        let platform = visit.console.platform
        let outcome = try await SignIn.attempt(
            email: form.text("email"), password: form.text("password"), from: visit.origin,
            replacing: SessionCookie.read(SessionCookie.session, visit.request), on: platform.store, platform.effects)
        var model = SignInModel(email: form.text("email"), next: Visit.local(form.text("next")))
        let wording = try visit.wording(nil, workspace)
        switch outcome {
        case .signedIn(let session):
            return visit.enter(session, next: model.next)
        case .challenge(let token):
            return visit.challenge(token, next: model.next)
        case .refused:
            model.problem = wording.text("signin.refused")
            return try await answer(visit, workspace, model, status: .unprocessableContent)
        case .wait(let seconds):
            model.problem = wording.text("signin.wait", ["length": wording.length(milliseconds: Int64(seconds) * 1000)])
            return try await answer(visit, workspace, model, status: .tooManyRequests)
        }
    }

    static func signOut(_ visit: Visit) async throws -> Response {
        let (session, _) = try await visit.visitor()
        let form = try await visit.form()
        if let session {
            guard Digest.equal(form.text("csrf"), session.csrfToken) else { throw PageFailure.staleForm }
            try await visit.console.platform.store.write {
                try Sessions.close(tokenHash: session.tokenHash, of: session.user.id, $0)
            }
        }
        var response = visit.redirect(to: "/sign-in")
        response.headers.append(
            HTTPField(
                name: .setCookie,
                value: SessionCookie.clear(
                    SessionCookie.session, secure: visit.console.configuration.secureCookies)))
        return response
    }

    private static func answer(
        _ visit: Visit, _ workspace: Workspace, _ model: SignInModel, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let wording = try visit.wording(nil, workspace)
        var model = model
        if try await visit.console.platform.store.read({ try SignOnSettings.load($0).isOn }) {
            model.signOn = "/sign-in/sso" + (model.next == "/" ? "" : "?next=" + Fields.encoded(model.next))
        }
        return visit.page(
            "signin/page", title: wording.text("signin.title"), model: model, wording: wording, workspace: workspace,
            status: status)
    }
}
