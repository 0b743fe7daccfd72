import Engine
import Foundation
import HTTPTypes
import Storage

@testable import Web

/// What the tests of several dialects ask for.
extension CollectHarness {
    /// Just after the requests captured from the newer dialects.
    static let captured = now.adding(milliseconds: 3_600_000)

    func json(
        _ path: String, _ value: JSONValue, _ headers: HTTPFields = [:], gzip: Bool = false
    ) async throws -> Reply {
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = "application/json" }
        if gzip { headers[.contentEncoding] = "gzip" }
        let bytes = value.utf8Text()
        return try await send(.post, path, headers, bytes: gzip ? try Gzip.compress(bytes) : bytes)
    }

    func form(_ path: String, _ fields: [(String, String)]) async throws -> Reply {
        let text = fields.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")
        return try await send(
            .post, path, [.contentType: "application/x-www-form-urlencoded"], bytes: Array(text.utf8))
    }

    static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    struct Buyer: Equatable {
        var orders: Int64
        var spend: Int64
    }

    /// Orders and spend of everybody who bought, after everything collected was applied.
    func buyers() async throws -> [Buyer] {
        try await process()
        return try await platform.store.read { connection in
            try connection.query(
                "SELECT order_count, net_spend FROM profiles WHERE order_count > 0 AND merged_into IS NULL ORDER BY id"
            ).map { Buyer(orders: try $0.int(0), spend: try $0.int(1)) }
        }
    }

    func people() async throws -> Int64 {
        try await process()
        return try await platform.store.read { connection in
            try connection.first("SELECT count(*) FROM profiles WHERE merged_into IS NULL")?.int(0) ?? 0
        }
    }
}

extension String {
    func replacing(key: String, in names: [String]) -> String {
        names.reduce(self) { $0.replacingOccurrences(of: $1, with: key) }
    }
}
