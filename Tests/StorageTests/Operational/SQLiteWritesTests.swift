import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

@Suite("SQLite: work that waits together")
struct SQLiteWritesTests {
    private struct ChangedMyMind: Error {}

    private final class Arrivals: Sendable {
        let count = Mutex(0)
    }

    /// Works that all wait before the first of them begins; what became of each.
    private func together(
        _ store: any OperationalStore, _ works: [@Sendable (any SQLConnection) throws -> Void]
    ) async throws -> [Result<Void, any Error>] {
        let (gate, begun, coming) = (Gate(), Gate(), Arrivals())
        let held: @Sendable (any SQLConnection) throws -> Void = { _ in
            begun.open()
            gate.wait()
        }
        return try await withThrowingTaskGroup(of: (Int, Result<Void, any Error>).self) { group in
            for (place, work) in ([held] + works).enumerated() {
                group.addTask {
                    coming.count.withLock { $0 += 1 }
                    do {
                        return (place, .success(try await store.write(work)))
                    } catch {
                        return (place, .failure(error))
                    }
                }
                if place == 0 {
                    await withCheckedContinuation { going in
                        DispatchQueue.global().async {
                            begun.wait()
                            going.resume()
                        }
                    }
                }
            }
            // Between here and the store's queue nothing waits: all but the last few are in it when all have come.
            while coming.count.withLock({ $0 }) <= works.count { try await Task.sleep(for: .milliseconds(5)) }
            gate.open()
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }.sorted { $0.key < $1.key }.dropFirst().map(
                \.value)
        }
    }

    private func bytesOfLog(_ database: TestDatabase) throws -> Int {
        let path = database.url.dropFirst("sqlite://".count) + "-wal"
        return try FileManager.default.attributesOfItem(atPath: String(path))[.size] as? Int ?? 0
    }

    private func put(_ number: Int64) -> @Sendable (any SQLConnection) throws -> Void {
        { try $0.execute("INSERT INTO counters VALUES (\("c\(number)"), \(number))") }
    }

    @Test("is committed together: pages that all of them change are written once")
    func once() async throws {
        try await TestDatabase.withDatabase(.sqlite, migrated: false) { database in
            try await database.store.migrate([Things.migration])
            let before = try bytesOfLog(database)
            let ends = try await together(database.store, (0..<200).map { put($0) })
            #expect(ends.allSatisfy { (try? $0.get()) != nil })
            #expect(try await database.store.read { try $0.query("SELECT COUNT(*) FROM counters")[0].int(0) } == 200)
            // Each by itself writes two pages at least.
            #expect(try bytesOfLog(database) - before < 200 * 4_096)
        }
    }

    @Test("one that fails takes back its own alone, and each sees what the ones before it wrote")
    func apart() async throws {
        try await TestDatabase.withDatabase(.sqlite, migrated: false) { database in
            try await database.store.migrate([Things.migration])
            let ends = try await together(
                database.store,
                (0..<60).map { number in
                    { connection in
                        try connection.execute("INSERT INTO counters VALUES (\("c\(number)"), 0)")
                        switch number % 3 {
                        case 1: throw ChangedMyMind()
                        // Refused, and swallowed by the body: it is not committed all the same.
                        case 2: _ = try? connection.execute("INSERT INTO counters VALUES (\("c\(number)"), 1)")
                        default:
                            let count = try connection.query("SELECT COUNT(*) FROM counters")[0].int(0)
                            try connection.execute("UPDATE counters SET amount = \(count) WHERE name = \("c\(number)")")
                        }
                    }
                })
            for (number, end) in ends.enumerated() {
                switch number % 3 {
                case 1: #expect(throws: ChangedMyMind.self) { try end.get() }
                case 2: #expect(throws: StorageError.self) { try end.get() }
                default: #expect(throws: Never.self) { try end.get() }
                }
            }
            let counted = try await database.store.read {
                try $0.query("SELECT amount FROM counters ORDER BY amount").map { try $0.int(0) }
            }
            #expect(counted == Array(1...20))
        }
    }

    @Test("work that takes the whole transaction down fails alone; the rest is run again")
    func lost() async throws {
        try await TestDatabase.withDatabase(.sqlite, migrated: false) { database in
            let store = database.store
            try await store.migrate([Things.migration])
            let pages = try await store.read { try $0.query("PRAGMA page_count")[0].int(0) }
            try await store.write { _ = try $0.query("PRAGMA max_page_count = \(raw: String(pages + 5))") }
            var works = (0..<20).map { put($0) }
            works[7] = { _ = try $0.executeMany(Things.insert, Things.rows(0..<5_000)) }
            let ends = try await together(store, works)
            for (number, end) in ends.enumerated() {
                if number == 7 {
                    #expect(throws: StorageError.self) { try end.get() }
                } else {
                    #expect(throws: Never.self) { try end.get() }
                }
            }
            #expect(try await store.read { try $0.query("SELECT COUNT(*) FROM counters")[0].int(0) } == 19)
            #expect(try await store.read { try Things.count($0) } == 0)
        }
    }
}
