import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// Why a whole request was not taken, as collectors tell it: `{"success":false,"code":…,"message":…}`.
struct CollectFailure: Error, Sendable {
    var status: HTTPResponse.Status
    var code: String
    var message: String
    var headers: HTTPFields

    init(
        _ status: HTTPResponse.Status, _ code: String, _ message: String, headers: HTTPFields = HTTPFields()
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }

    /// What any error is to a client of a collector.
    init(_ error: any Error, _ platform: Platform) {
        if let failure = error as? CollectFailure {
            self = failure
        } else if let problem = Problem(error) {
            self.init(problem.status, problem.code, problem.detail, headers: problem.headers)
        } else {
            platform.logger.error("A collector failed", metadata: ["error": "\(error)"])
            self.init(.internalServerError, "internal", "Something went wrong on our side. Try again.")
        }
    }

    func response() -> Response {
        let body: JSONValue = ["success": false, "code": .string(code), "message": .string(message)]
        return CollectAnswer.json(status, body.text(), headers: headers)
    }
}

/// Answers of collectors.
enum CollectAnswer {
    static func json(_ status: HTTPResponse.Status, _ text: String, headers: HTTPFields = HTTPFields()) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    static let success = #"{"success":true}"#

    /// `{"success":true}`, with what was set aside when something was.
    static func text(_ batch: CollectedBatch) -> String {
        guard !batch.rejected.isEmpty else { return success }
        let rejected = batch.rejected.prefix(itemsMax).map { rejected -> JSONValue in
            [
                "index": JSONValue(rejected.index), "messageId": JSONValue(rejected.item.messageID),
                "code": .string(rejected.item.reason.rawValue), "message": .string(rejected.item.explanation),
            ]
        }
        let body: JSONValue = [
            "success": true, "rejected": JSONValue(batch.rejected.count), "errors": .array(Array(rejected)),
        ]
        return body.text()
    }

    private static let itemsMax = 100
}
