import HTTPTypes
import Hummingbird

/// Answers 503 when a request takes longer than its time, a slow client's upload included, and cancels its work.
package struct TimeLimitResponder<Inner: HTTPResponder>: HTTPResponder where Inner.Context: RequestContext {
    private let inner: Inner
    private let seconds: Int

    /// For uploads of imports and event streams, which are bounded by size and by the idle time of their connection;
    /// this ends those that only dribble.
    private static var uploadSeconds: Int { 3_600 }

    package init(_ inner: Inner, seconds: Int) {
        self.inner = inner
        self.seconds = seconds
    }

    package func respond(to request: Request, context: Inner.Context) async throws -> Response {
        let seconds = Self.mayTakeLong(request) ? Self.uploadSeconds : seconds
        return try await withThrowingTaskGroup(of: Response?.self) { group in
            group.addTask { try await inner.respond(to: request, context: context) }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let response = first else {
                throw HTTPError(.serviceUnavailable, message: "The request took longer than \(seconds) seconds.")
            }
            return response
        }
    }

    private static func mayTakeLong(_ request: Request) -> Bool {
        guard request.method == .post else { return false }
        if request.uri.path == "/api/v1/events" {
            let type = request.headers[.contentType]?.lowercased() ?? ""
            return ["application/x-ndjson", "application/jsonl"].contains(where: type.hasPrefix)
        }
        return ["/api/v1/imports", "/imports"].contains(where: request.uri.path.hasPrefix)
    }
}
