import HTTPTypes
import Hummingbird

/// An address that leads nowhere: a page that says so and where to go, for a person's browser; the bare status for
/// programs.
struct DeadEndMiddleware<Context: RequestContext>: RouterMiddleware {
    let console: Console

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound && isPersons(request) {
            return await Visit(console, request, context).answerNotFound()
        }
    }

    private func isPersons(_ request: Request) -> Bool {
        request.method == .get && request.headers[.accept]?.contains("text/html") == true
    }
}
