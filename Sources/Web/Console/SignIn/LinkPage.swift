import Engine
import HTTPTypes
import Hummingbird

/// The page behind a one-time link. Opening it changes nothing, since mail programs open links too; its form does.
struct LinkModel: PageModel {
    var token: String
    var email: String
    var minimumCharacters: String
    /// False when the link is used up, too old or was never given.
    var isValid: Bool
    var problem: String?
}

enum LinkPage {
    static func show(_ visit: Visit) async throws -> Response {
        let (_, workspace) = try await visit.visitor()
        let holder = try await holder(visit)
        return try answer(visit, workspace, model(visit, holder, workspace), isValid: holder != nil)
    }

    static func redeem(_ visit: Visit) async throws -> Response {
        let (_, workspace) = try await visit.visitor()
        let form = try await visit.form()
        try visit.requireFormToken(form)
        let holder = try await holder(visit)
        var model = try model(visit, holder, workspace)
        guard holder != nil else { return try answer(visit, workspace, model, isValid: false) }
        let password = form.text("password")
        let platform = visit.console.platform
        var hash: PasswordHash?
        if !password.isEmpty || form["later"] == nil {
            let wording = try visit.wording(holder?.language, workspace)
            guard PasswordHash.isAcceptable(password) else {
                model.problem = wording.text("signin.password_short", count: minimum)
                return try answer(visit, workspace, model, isValid: true, status: .unprocessableContent)
            }
            guard password == form.text("again") else {
                model.problem = wording.text("signin.password_differs")
                return try answer(visit, workspace, model, isValid: true, status: .unprocessableContent)
            }
            hash = try await PasswordHash.make(password, effects: platform.effects)
        }
        do {
            let token = model.token
            let outcome = try await platform.store.write { [hash] connection in
                try Users.redeem(
                    link: token, password: hash, from: visit.origin,
                    replacing: SessionCookie.read(SessionCookie.session, visit.request), connection, platform.effects)
            }
            switch outcome {
            case .signedIn(let session): return visit.enter(session, next: "/")
            case .challenge(let token): return visit.challenge(token, next: "/")
            case .refused, .wait: throw AccountError.linkNotValid
            }
        } catch AccountError.linkNotValid {
            model.isValid = false
            return try answer(visit, workspace, model, isValid: false)
        }
    }

    private static let minimum = Int64(AccountLimits.passwordMinimumCharacters)

    private static func holder(_ visit: Visit) async throws -> User? {
        let token = visit.parameters["token"] ?? ""
        let now = visit.console.platform.effects.now()
        do {
            return try await visit.console.platform.store.read {
                try Users.holder(ofLink: token, $0, at: now)
            }
        } catch AccountError.linkNotValid {
            return nil
        }
    }

    private static func model(_ visit: Visit, _ holder: User?, _ workspace: Workspace) throws -> LinkModel {
        let wording = try visit.wording(holder?.language, workspace)
        return LinkModel(
            token: visit.parameters["token"] ?? "", email: holder?.email ?? "",
            minimumCharacters: wording.number(minimum), isValid: holder != nil)
    }

    private static func answer(
        _ visit: Visit, _ workspace: Workspace, _ model: LinkModel, isValid: Bool,
        status: HTTPResponse.Status? = nil
    ) throws -> Response {
        let wording = try visit.wording(nil, workspace)
        return visit.page(
            "signin/link", title: wording.text("signin.title"), model: model, wording: wording,
            workspace: workspace, status: status ?? (isValid ? .ok : .gone))
    }
}
