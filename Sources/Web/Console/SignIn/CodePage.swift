import Engine
import HTTPTypes
import Hummingbird

/// The second step of signing in: the code of the authenticator app, or a recovery code.
struct CodeModel: PageModel {
    var next: String
    var problem: String?
}

enum CodePage {
    static func show(_ visit: Visit) async throws -> Response {
        let (session, workspace) = try await visit.visitor()
        let next = Visit.local(Fields(encoded: visit.request.uri.query ?? "").text("next"))
        if session != nil { return visit.redirect(to: next) }
        let token = SessionCookie.read(SessionCookie.challenge, visit.request) ?? ""
        let now = visit.console.platform.effects.now()
        let isOpen = try await visit.console.platform.store.read {
            try SignInChallenge.isOpen(token, $0, at: now)
        }
        guard isOpen else { return visit.redirect(to: "/sign-in?next=" + Fields.encoded(next)) }
        return try answer(visit, workspace, CodeModel(next: next))
    }

    static func attempt(_ visit: Visit) async throws -> Response {
        let (_, workspace) = try await visit.visitor()
        let form = try await visit.form()
        try visit.requireFormToken(form)
        var model = CodeModel(next: Visit.local(form.text("next")))
        let wording = try visit.wording(nil, workspace)
        let outcome = try await SignInChallenge.answer(
            SessionCookie.read(SessionCookie.challenge, visit.request) ?? "",
            code: String(form.text("code").prefix(64)),
            from: visit.origin, replacing: SessionCookie.read(SessionCookie.session, visit.request),
            visit.console.platform)
        switch outcome {
        case .signedIn(let session):
            var response = visit.enter(session, next: model.next)
            response.headers.append(
                HTTPField(
                    name: .setCookie,
                    value: SessionCookie.clear(
                        SessionCookie.challenge, secure: visit.console.configuration.secureCookies)))
            return response
        case .wrongCode:
            model.problem = wording.text("signin.wrong_code")
            return try answer(visit, workspace, model, status: .unprocessableContent)
        case .wait(let seconds):
            model.problem = wording.text("signin.wait", ["length": wording.length(milliseconds: Int64(seconds) * 1000)])
            return try answer(visit, workspace, model, status: .tooManyRequests)
        case .notValid:
            return visit.redirect(to: "/sign-in?next=" + Fields.encoded(model.next))
        }
    }

    private static func answer(
        _ visit: Visit, _ workspace: Workspace, _ model: CodeModel, status: HTTPResponse.Status = .ok
    ) throws -> Response {
        let wording = try visit.wording(nil, workspace)
        return visit.page(
            "signin/code", title: wording.text("signin.code_title"), model: model, wording: wording,
            workspace: workspace, status: status)
    }
}

extension Visit {
    /// On to the second factor.
    func challenge(_ token: String, next: String) -> Response {
        let next = Visit.local(next)
        var response = redirect(to: "/sign-in/code" + (next == "/" ? "" : "?next=" + Fields.encoded(next)))
        response.headers.append(
            HTTPField(
                name: .setCookie,
                value: SessionCookie.set(
                    SessionCookie.challenge, token, seconds: AccountLimits.challengeMinutes * 60,
                    secure: console.configuration.secureCookies)))
        return response
    }
}
