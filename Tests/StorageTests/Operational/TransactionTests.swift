import Storage
import TestSupport
import Testing

@Suite("Operational transactions")
struct TransactionTests {
    private struct ChangedMyMind: Error {}

    private func withThings(
        _ kind: StoreKind, options: OperationalStoreOptions = TestDatabase.testOptions,
        _ body: (TestDatabase) async throws -> Void
    ) async throws {
        try await TestDatabase.withDatabase(kind, migrated: false, options: options) { database in
            try await database.store.migrate([Things.migration])
            try await body(database)
        }
    }

    private func expectThings(_ expected: Int64, in store: any OperationalStore) async throws {
        let found = try await store.read { try Things.count($0) }
        #expect(found == expected)
    }

    @Test("an error takes back everything the transaction did", arguments: StoreKind.allCases)
    func rollback(kind: StoreKind) async throws {
        try await withThings(kind) { database in
            await #expect(throws: ChangedMyMind.self) {
                try await database.store.write { connection in
                    try connection.executeMany(Things.insert, Things.rows(0..<10))
                    throw ChangedMyMind()
                }
            }
            try await expectThings(0, in: database.store)
        }
    }

    @Test("unique and check constraints are told apart from other refusals", arguments: StoreKind.allCases)
    func constraints(kind: StoreKind) async throws {
        try await withThings(kind) { database in
            let statements: [SQL] = [
                "INSERT INTO counters VALUES ('a', -1)", "INSERT INTO counters VALUES ('a', NULL)",
                "INSERT INTO counters VALUES ('a', 1), ('a', 1)",
            ]
            for statement in statements {
                await expectConstraint { try await database.store.write { _ = try $0.execute(statement) } }
            }
            await expectConstraint {
                try await database.store.write { connection in
                    let row: [SQLValue] = [.null, .null, .text("same"), .null]
                    _ = try connection.executeMany(Things.insert, Things.rows(0..<50) + [row, row])
                }
            }
            try await expectThings(0, in: database.store)
            do {
                _ = try await database.store.read { try $0.query("SELECT id FROM nowhere") }
                Issue.record("an unknown table answered")
            } catch StorageError.statement(_, let message, let sql) {
                #expect(message.contains("nowhere"))
                #expect(sql.contains("nowhere"))
            }
        }
    }

    private func expectConstraint(_ work: () async throws -> Void) async {
        do {
            try await work()
            Issue.record("the constraint let it pass")
        } catch StorageError.constraint(let message) {
            #expect(!message.isEmpty)
        } catch {
            Issue.record("not a constraint: \(error)")
        }
    }

    @Test("a failed statement dooms the transaction even when its error is caught", arguments: StoreKind.allCases)
    func doomed(kind: StoreKind) async throws {
        try await withThings(kind) { database in
            await expectConstraint {
                try await database.store.write { connection in
                    try connection.executeMany(Things.insert, Things.rows(0..<5))
                    do {
                        try connection.execute("INSERT INTO counters VALUES ('a', -1)")
                    } catch StorageError.constraint {
                        // The caller looks away.
                    }
                }
            }
            try await expectThings(0, in: database.store)
            // The connection is as good as new.
            try await database.store.write { _ = try $0.executeMany(Things.insert, Things.rows(0..<5)) }
            try await expectThings(5, in: database.store)
        }
    }

    @Test("a wrong number of values is refused before it reaches the table", arguments: StoreKind.allCases)
    func wrongArguments(kind: StoreKind) async throws {
        try await withThings(kind) { database in
            for row in [[SQLValue.integer(1)], Array(repeating: .null, count: 5)] {
                do {
                    try await database.store.write { _ = try $0.executeMany(Things.insert, Things.rows(0..<2) + [row]) }
                    Issue.record("\(row.count) values were taken for four places")
                } catch StorageError.statement(let code, _, _) {
                    #expect(code == "arguments")
                }
            }
            try await expectThings(0, in: database.store)
        }
    }

    @Test("reading cannot write", arguments: StoreKind.allCases)
    func readOnly(kind: StoreKind) async throws {
        try await withThings(kind) { database in
            do {
                try await database.store.read { _ = try $0.executeMany(Things.insert, Things.rows(0..<1)) }
                Issue.record("a read transaction wrote")
            } catch StorageError.cannotWrite(let message) {
                #expect(!message.isEmpty)
            }
        }
    }

    @Test("a reader keeps its snapshot while others write", arguments: StoreKind.allCases)
    func snapshot(kind: StoreKind) async throws {
        try await withThings(kind) { database in
            let store = database.store
            let (started, startedSignal) = AsyncStream.makeStream(of: Void.self)
            let gate = Gate()
            async let counts = store.read { connection in
                let before = try Things.count(connection)
                startedSignal.yield()
                gate.wait()
                return [before, try Things.count(connection)]
            }
            for await _ in started { break }
            try await store.write { _ = try $0.executeMany(Things.insert, Things.rows(0..<5)) }
            gate.open()
            #expect(try await counts == [0, 0])
            #expect(try await store.read { try Things.count($0) } == 5)
        }
    }

    @Test("concurrent increments through two stores lose none", arguments: StoreKind.allCases)
    func concurrentWrites(kind: StoreKind) async throws {
        try await withThings(kind) { database in
            try await database.store.write { _ = try $0.execute("INSERT INTO counters VALUES ('a', 0), ('b', 0)") }
            let other = try await openOperationalStore(database.url, options: TestDatabase.testOptions)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<24 {
                    let store = number.isMultiple(of: 2) ? database.store : other
                    // Opposite orders, so that PostgreSQL meets deadlocks and runs the losers again.
                    let names = number.isMultiple(of: 8) ? ["a", "b"] : ["b", "a"]
                    group.addTask {
                        try await store.write { connection in
                            for name in names {
                                try connection.execute("UPDATE counters SET amount = amount + 1 WHERE name = \(name)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            await other.close()
            let amounts = try await database.store.read {
                try $0.query("SELECT amount FROM counters").map { try $0.int(0) }
            }
            #expect(amounts == [24, 24])
        }
    }

    @Test("a named lock lets one holder in at a time", arguments: StoreKind.allCases)
    func namedLock(kind: StoreKind) async throws {
        try await withThings(kind) { database in
            try await database.store.write { _ = try $0.execute("INSERT INTO counters VALUES ('a', 0)") }
            let other = try await openOperationalStore(database.url, options: TestDatabase.testOptions)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    let store = number.isMultiple(of: 2) ? database.store : other
                    group.addTask {
                        try await store.write { connection in
                            try connection.lock("the counter")
                            // Read, then write what was read: right only under the lock.
                            let amount = try connection.query("SELECT amount FROM counters")[0].int(0)
                            try connection.execute("UPDATE counters SET amount = \(amount + 1)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            await other.close()
            #expect(try await database.store.read { try $0.query("SELECT amount FROM counters")[0].int(0) } == 20)
        }
    }

    @Test("a statement that runs too long is stopped and the store goes on", arguments: StoreKind.allCases)
    func statementTimeout(kind: StoreKind) async throws {
        let options = OperationalStoreOptions(connectionsMax: 2, statementTimeoutSeconds: 0.3)
        try await withThings(kind, options: options) { database in
            let endless: SQL = """
                WITH RECURSIVE numbers (n) AS (
                    SELECT CAST(1 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000000000
                ) SELECT MAX(n) FROM numbers
                """
            await #expect(throws: StorageError.timedOut(seconds: 0.3)) {
                try await database.store.read { _ = try $0.query(endless) }
            }
            await #expect(throws: StorageError.timedOut(seconds: 0.3)) {
                try await database.store.write { connection in
                    try connection.executeMany(Things.insert, Things.rows(0..<5))
                    _ = try connection.query(endless)
                }
            }
            try await expectThings(0, in: database.store)
        }
    }

    @Test("waiting for a busy store ends with an answer", arguments: StoreKind.allCases)
    func busy(kind: StoreKind) async throws {
        try await withThings(kind) { database in
            let options = OperationalStoreOptions(connectionsMax: 1, statementTimeoutSeconds: 60, waitSeconds: 0.2)
            let other = try await openOperationalStore(database.url, options: options)
            let (started, startedSignal) = AsyncStream.makeStream(of: Void.self)
            let gate = Gate()
            // SQLite has one writer among all processes, PostgreSQL one connection in this pool.
            let holder = kind == .sqlite ? database.store : other
            async let held: Void = holder.write { _ in
                startedSignal.yield()
                gate.wait()
            }
            for await _ in started { break }
            do {
                try await other.write { _ = try $0.execute("INSERT INTO counters VALUES ('a', 1)") }
                Issue.record("a busy store let another in")
            } catch StorageError.unavailable(let message) {
                #expect(!message.isEmpty)
            }
            gate.open()
            try await held
            try await other.write { _ = try $0.execute("INSERT INTO counters VALUES ('a', 1)") }
            await other.close()
        }
    }
}
