import Engine
import HTTPTypes
import Hummingbird

/// Why a single sign-on did not come through, and what to do.
struct SignOnModel: PageModel {
    var heading: String
    var explanation: String
}

/// The way to the identity provider and back.
enum SignOnPages {
    static func begin(_ visit: Visit) async throws -> Response {
        let next = Visit.local(Fields(encoded: visit.request.uri.query ?? "").text("next"))
        do {
            let departure = try await signOn(visit).begin(redirect: redirect(visit), next: next)
            var response = visit.redirect(to: departure.address)
            response.headers.append(
                HTTPField(
                    name: .setCookie,
                    value: SessionCookie.set(
                        SessionCookie.signOn, departure.state, seconds: 600,
                        secure: visit.console.configuration.secureCookies)))
            return response
        } catch let error as SignOnError {
            return try await refuse(visit, error)
        }
    }

    static func callback(_ visit: Visit) async throws -> Response {
        let query = Fields(encoded: visit.request.uri.query ?? "")
        do {
            let arrival = SignOn.Arrival(
                state: query.text("state"), code: query.text("code"), error: query["error"], issuer: query["iss"])
            let (session, next) = try await signOn(visit).finish(
                arrival, cookie: SessionCookie.read(SessionCookie.signOn, visit.request) ?? "",
                redirect: redirect(visit), from: visit.origin,
                replacing: SessionCookie.read(SessionCookie.session, visit.request))
            var response = visit.enter(session, next: next)
            response.headers.append(
                HTTPField(
                    name: .setCookie,
                    value: SessionCookie.clear(
                        SessionCookie.signOn, secure: visit.console.configuration.secureCookies)))
            return response
        } catch let error as SignOnError {
            return try await refuse(visit, error)
        }
    }

    /// What is to be registered with the provider.
    static let callbackPath = "/sign-in/sso/callback"

    private static func redirect(_ visit: Visit) -> String { visit.serverAddress + callbackPath }

    private static func signOn(_ visit: Visit) -> SignOn {
        SignOn(visit.console.platform, provider: visit.console.signOn)
    }

    private static func refuse(_ visit: Visit, _ error: SignOnError) async throws -> Response {
        let (_, workspace) = try await visit.visitor()
        let wording = try visit.wording(nil, workspace)
        let (key, values, status): (String, [String: String], HTTPResponse.Status) =
            switch error {
            case .off, .badIssuer, .badClient, .badDomains, .badRoles, .secretAgain: ("off", [:], .notFound)
            case .provider: ("provider", [:], .badGateway)
            case .badState: ("state", [:], .badRequest)
            case .refused(let code): ("refused", ["code": code], .forbidden)
            case .badToken(let check): ("token", ["check": check], .badGateway)
            case .noVerifiedEmail: ("email", [:], .forbidden)
            case .domainNotAllowed(let domain): ("domain", ["domain": domain], .forbidden)
            case .notInvited(let email): ("invited", ["email": email], .forbidden)
            case .disabled: ("disabled", [:], .forbidden)
            }
        visit.logger.warning(
            "A single sign-on was refused", metadata: ["reason": "\(key)", "check": "\(check(error))"])
        return visit.page(
            "signin/sso", title: wording.text("signin.sso_failed"),
            model: SignOnModel(
                heading: wording.text("signin.sso_failed"), explanation: wording.text("signin.sso_\(key)", values)),
            wording: wording, workspace: workspace, status: status)
    }

    /// Without personal data, for the log.
    private static func check(_ error: SignOnError) -> String {
        switch error {
        case .provider(let text), .badToken(let text), .refused(let text): text
        default: ""
        }
    }
}
