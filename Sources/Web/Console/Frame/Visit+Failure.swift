import Engine
import HTTPTypes
import Hummingbird
import Logging
import Storage

/// What an error page says: what happened and what to do.
struct FailureModel: PageModel {
    var code: String
    var heading: String
    var explanation: String
    var advice: String
    /// To be told to whoever hosts this, and found in the log.
    var reference: String?
    /// The address to try again; nil where that would change nothing.
    var again: String?
}

extension Visit {
    func answerNotFound() async -> Response {
        do {
            let (session, workspace) = try await visitor()
            let wording = try self.wording(session?.user.language, workspace)
            return failure(PageFailure.notFound, wording: wording, known: session.map { ($0, workspace) })
        } catch {
            return failure(error, wording: nil, known: nil)
        }
    }

    /// The page for a failure; in the frame of the console when it is known who asks.
    func failure(
        _ error: any Error, wording: Wording?, known: (session: Session, workspace: Workspace)?
    ) -> Response {
        let (status, key, isOurs) = Visit.classify(error)
        let reference = isOurs ? console.platform.effects.randomHex(bytes: 4) : nil
        if let reference {
            logger.error("Console request failed", metadata: ["reference": "\(reference)", "error": "\(error)"])
        }
        guard let wording = wording ?? (try? self.wording(nil, Workspace())) else {
            return Response(status: status)
        }
        let model = FailureModel(
            code: String(status.code), heading: wording.text("failure.\(key)_heading"),
            explanation: wording.text("failure.\(key)_explanation"), advice: wording.text("failure.\(key)_advice"),
            reference: reference,
            again: isOurs && request.method == .get ? request.uri.string : nil)
        let workspace = known?.workspace ?? Workspace()
        var chrome = Chrome(
            console: console, wording: wording, workspace: workspace, path: request.uri.path, title: model.heading)
        if isPartial {
            let context = PageContext(chrome: chrome, t: wording.catalogue.texts, page: model)
            return html(console.render("failure/panel", context), status: .ok)
        }
        if let known {
            chrome = Chrome(
                known.session, console: console, wording: wording, workspace: workspace, path: request.uri.path,
                title: model.heading)
        }
        let context = PageContext(chrome: chrome, t: wording.catalogue.texts, page: model)
        return html(console.render(known == nil ? "failure/bare" : "failure/page", context), status: status)
    }

    /// Status, text key and whether the fault is on this side.
    private static func classify(_ error: any Error) -> (HTTPResponse.Status, String, Bool) {
        switch error {
        case PageFailure.notFound: return (.notFound, "not_found", false)
        case PageFailure.forbidden: return (.forbidden, "forbidden", false)
        case PageFailure.staleForm: return (.forbidden, "stale_form", false)
        case PageFailure.tooLarge: return (.contentTooLarge, "too_large", false)
        case StorageError.unavailable: return (.serviceUnavailable, "store_down", true)
        case StorageError.timedOut: return (.serviceUnavailable, "too_slow", true)
        case StorageError.cannotWrite:
            return (HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage"), "disk_full", true)
        default: return (.internalServerError, "internal", true)
        }
    }
}
