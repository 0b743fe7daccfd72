import Engine
import Storage

/// What the API reads of an account of points: a member's, or a pool's.
enum PointsAccountReading {
    /// Finds the account, or throws that there is none: `PointsAccounts.get`, `PointsAccounts.pool`.
    typealias Find = @Sendable (_ id: Int64, _ connection: any SQLConnection) throws -> MemberAccount

    private static let lotsMax: Int64 = 1_000
    static let openLots: [APIParameter] = [
        .query("open", .boolean, "Only lots with something left; true unless told."),
        .query("limit", .integer(1...lotsMax)),
    ]

    /// Of one `currency` where the route knows that parameter.
    static func lots(of find: @escaping Find) -> APIRoute.Handler {
        { request, context in
            let (id, currency) = (try request.id("id"), request.string("currency"))
            let (onlyOpen, limit) = (request.bool("open") ?? true, Int(request.int("limit") ?? lotsMax))
            let lots = try await context.platform.store.read { connection in
                _ = try find(id, connection)
                return try PointsAccounts.lots(of: id, currency: currency, onlyOpen: onlyOpen, limit: limit, connection)
            }
            return APIResponse(["items": .array(lots.map(PointsSchemas.json))])
        }
    }

    static func transactions(of find: @escaping Find) -> APIRoute.Handler {
        { request, context in
            let (id, before, limit) = (try request.id("id"), try request.cursorID(), request.limit)
            let found = try await context.platform.store.read { connection in
                _ = try find(id, connection)
                return try PointsStatement.page(of: id, before: before, limit: limit + 1, connection)
            }
            let page = Array(found.prefix(limit))
            return APIResponse(
                page: page, next: found.count > limit ? page.last.map { .integer($0.sequence) } : nil,
                PointsSchemas.json)
        }
    }
}
