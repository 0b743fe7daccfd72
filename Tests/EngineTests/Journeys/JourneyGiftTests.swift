import Storage
import TestSupport
import Testing

@testable import Engine

/// What journeys give: within a budget, and back again when the order is refunded.
@Suite("What journeys give", .serialized)
struct JourneyGiftTests {
    private static func gift(_ amount: Int64, _ more: [String: JSONValue]) -> JSONValue {
        .object(
            ["id": "gift", "kind": "points", "currency": "points", "amount": .integer(amount)].merging(more) { $1 })
    }

    private static func balance(_ harness: JourneyHarness, _ user: String) async throws -> Int64 {
        let person = try await harness.person(user)
        return try await harness.count(
            """
            SELECT coalesce(sum(b.available), 0) FROM points_balances b JOIN points_accounts a ON a.id = b.account_id
            WHERE a.profile_id = \(person)
            """)
    }

    @Test("a node gives no more than its budget, over all versions, whoever comes", arguments: StoreKind.allCases)
    func budget(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            for user in 0..<5 { try await harness.send("identify", "u\(user)") }
            try await harness.settle()
            for user in 0..<5 { try await harness.member("u\(user)") }
            let journey = try await harness.live(JourneyHarness.definition([Self.gift(40, ["most": 100])]))
            for user in 0..<5 { try await harness.send("Signed Up", "u\(user)") }
            try await harness.settle()
            var given: Int64 = 0
            for user in 0..<5 { given += try await Self.balance(harness, "u\(user)") }
            #expect(given == 80)
            let figures = try await harness.platform.store.read { try JourneyFigures.load(journey.id, $0) }
            #expect(figures.nodes["gift"]?["refused:budget"] == 3)
            #expect(try await harness.runs(journey).allSatisfy { $0.ending == .finished })
            var filter = JourneyRunFilter(journey: journey.id)
            (filter.passed, filter.note) = ("gift", "refused:budget")
            let noted = try await harness.platform.store.read { [filter] in
                try JourneyRuns.list(filter, limit: 9, $0)
            }
            #expect(noted.count == 3)
        }
    }

    @Test(
        "points come back by the part of the order that did, all of them with all of it", arguments: StoreKind.allCases)
    func refunds(kind: StoreKind) async throws {
        try await JourneyHarness.with(kind) { harness in
            for user in ["ann", "bob"] { try await harness.send("identify", user) }
            try await harness.settle()
            for user in ["ann", "bob"] { try await harness.member(user) }
            let steps = [Self.gift(100, ["reverses": true])]
            _ = try await harness.live(
                JourneyHarness.definition(
                    on: "Order Completed", reentry: ["kind": "per_key", "key": "order_id"], steps))
            for user in ["ann", "bob"] {
                try await harness.send(
                    "Order Completed", user, #"{"order_id":"o-\#(user)","revenue":200,"currency":"CNY"}"#)
            }
            try await harness.settle()
            #expect(try await Self.balance(harness, "ann") == 100)
            try await harness.send(
                "Order Refunded", "ann", #"{"order_id":"o-ann","refund_id":"r1","refund_amount":50,"currency":"CNY"}"#)
            try await harness.send(
                "Order Refunded", "bob", #"{"order_id":"o-bob","refund_id":"r2","refund_amount":200,"currency":"CNY"}"#)
            try await harness.settle()
            let runner = JobRunner(platform: harness.platform, catalog: JobCatalog([JourneyRefunds.handler]))
            for _ in 0..<2 {
                try await runner.ensureRecurring()
                try await runner.drain()
                harness.clock.advance(milliseconds: 120_000)
            }
            #expect(try await Self.balance(harness, "ann") == 75)
            #expect(try await Self.balance(harness, "bob") == 0)
        }
    }
}
