import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Leases on the log's shards")
struct ConsumerLeaseTests {
    private static let now = Timestamp(milliseconds: 1_790_000_000_000)

    @Test("a shard that is ahead of the others is never moved back", arguments: StoreKind.allCases)
    func neverBack(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let lease = ConsumerLease(consumer: "processor", owner: "a", shards: 4)
            let positions = try await store.write { connection in
                try lease.prepare(connection)
                try lease.balance(connection, now: Self.now)
                try connection.execute("UPDATE log_consumers SET position = 100 WHERE shard = 2")
                try lease.advance(to: 50, now: Self.now, connection)
                return try lease.locked(connection).map(\.position)
            }
            #expect(positions == [50, 50, 100, 50])
        }
    }
}
