import Engine
import HTTPTypes
import Hummingbird
import Logging
import Storage

/// What an error page of the member centre says.
struct CentreFailureModel: PageModel {
    var explanation: String
    /// To be told to the brand, and found in the log.
    var reference: String?
}

extension CentreVisit {
    func answerNotFound() async -> Response {
        do {
            return failure(PageFailure.notFound, try await scene())
        } catch {
            return failure(error, Scene())
        }
    }

    /// The page for a failure. It tells nothing of what is behind it.
    func failure(_ error: any Error, _ scene: Scene) -> Response {
        let (status, key) = Self.classify(error)
        let isOurs = status.code >= 500
        let reference = isOurs ? platform.effects.randomHex(bytes: 4) : nil
        if let reference {
            logger.error("Member centre request failed", metadata: ["reference": "\(reference)", "error": "\(error)"])
        }
        guard let wording = try? self.wording(scene.workspace) else { return Response(status: status) }
        var values: [String: String] = [:]
        if case CentreError.throttled(let seconds) = error {
            values["time"] = wording.length(milliseconds: seconds * 1_000)
        }
        let model = CentreFailureModel(
            explanation: wording.text("centre.failure_\(key)_text", values), reference: reference)
        var shown = scene
        if !scene.settings.isOn { shown.session = nil }
        var response = html(
            CentrePage(
                "failure", title: wording.text("centre.failure_\(key)"), place: "",
                back: shown.session == nil ? nil : "/m", model: model, status: status), shown, wording)
        if case CentreError.throttled(let seconds) = error { response.headers[.retryAfter] = String(seconds) }
        return response
    }

    /// Status and text key.
    private static func classify(_ error: any Error) -> (HTTPResponse.Status, String) {
        switch error {
        case CentreError.off, CentreError.linkNotFound, PageFailure.notFound: return (.notFound, "not_found")
        case RewardError.notFound, RewardError.claimNotFound, CouponError.couponNotFound:
            return (.notFound, "not_found")
        case MessageError.notFound: return (.notFound, "not_found")
        case PoolError.notFound, PoolError.notInPool, PoolError.dissolved: return (.notFound, "not_found")
        case CentreError.linkNotValid: return (.gone, "link")
        case CentreError.badToken: return (.unauthorized, "token")
        case CentreError.notMember: return (.forbidden, "not_member")
        case CentreError.preview: return (.forbidden, "preview")
        case CentreError.throttled: return (.tooManyRequests, "throttled")
        case CentreError.form: return (.unprocessableContent, "form")
        case PageFailure.signInNeeded: return (.unauthorized, "signed_out")
        case PageFailure.staleForm: return (.forbidden, "stale")
        case PageFailure.tooLarge: return (.contentTooLarge, "form")
        case PointsError.accountClosed, PointsError.accountNotFound: return (.forbidden, "not_member")
        case StorageError.unavailable, StorageError.timedOut, StorageError.cannotWrite:
            return (.serviceUnavailable, "busy")
        default: return (.internalServerError, "busy")
        }
    }
}
