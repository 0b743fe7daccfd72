import Engine
import HTTPTypes
import Hummingbird

/// A checked request: parameters and body have the shapes that the route declares.
package struct APIRequest: Sendable {
    package var id: String
    package var caller: APICaller
    /// Where it comes from (`ClientNetwork`).
    package var network: String?
    package var body: JSONValue
    /// The request as it came, for handlers that read the body themselves.
    package var raw: Request
    var parameters: [String: JSONValue]

    package func string(_ name: String) -> String? { parameters[name]?.stringValue }
    package func int(_ name: String) -> Int64? { parameters[name]?.intValue }
    package func double(_ name: String) -> Double? { parameters[name]?.doubleValue }
    package func bool(_ name: String) -> Bool? { parameters[name]?.boolValue }

    /// An identifier of the path or the query. Throws: `Problem` when it is missing.
    package func id(_ name: String) throws -> Int64 {
        guard let number = string(name).flatMap({ Int64($0) }) else {
            throw Problem(.badRequest, "invalid_parameter", "“\(name)” must be an identifier.")
        }
        return number
    }

    package var limit: Int { Int(int("limit") ?? Int64(APICursor.pageDefault)) }

    /// The cursor, decoded; nil on the first page. Throws: `Problem`.
    package func cursor() throws -> JSONValue? {
        try string("cursor").map { try APICursor.value($0) }
    }

    /// The cursor of a list that is ordered by id. Throws: `Problem`.
    package func cursorID() throws -> Int64? {
        guard let cursor = try cursor() else { return nil }
        guard let id = cursor.intValue else {
            throw Problem(.badRequest, "bad_cursor", "The cursor is not one that this list gave out.")
        }
        return id
    }
}

extension APIRequest {
    /// Who asks about codes of coupons, and where from.
    var couponCaller: CouponCaller { CouponCaller(caller.actor, network: network) }
}

/// Who calls.
package enum APICaller: Sendable, Equatable {
    case nobody
    case key(APIKey)
    case source(Int64)

    /// Whether it is a key with this scope.
    package func has(_ scope: APIScope) -> Bool {
        if case .key(let key) = self { key.scopes.contains(scope) } else { false }
    }

    /// How the caller is named in the audit log and for idempotency.
    package var actor: String {
        switch self {
        case .nobody: return "nobody"
        case .key(let key): return key.actor
        case .source(let id): return "source:\(id)"
        }
    }
}
