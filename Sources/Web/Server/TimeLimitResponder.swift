import HTTPTypes
import Hummingbird

/// Answers 503 when a request takes longer than its time, a slow client's upload included, and cancels its work.
package struct TimeLimitResponder<Inner: HTTPResponder>: HTTPResponder where Inner.Context: RequestContext {
    private let inner: Inner
    private let seconds: Int

    package init(_ inner: Inner, seconds: Int) {
        self.inner = inner
        self.seconds = seconds
    }

    package func respond(to request: Request, context: Inner.Context) async throws -> Response {
        if Self.mayTakeLong(request) { return try await inner.respond(to: request, context: context) }
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

    /// Uploads of imports and event streams are bounded by size, and by the idle time of their connection.
    private static func mayTakeLong(_ request: Request) -> Bool {
        request.method == .post
            && ["/api/v1/imports", "/api/v1/events", "/imports"].contains(where: request.uri.path.hasPrefix)
    }
}
