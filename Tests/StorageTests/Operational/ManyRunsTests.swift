import Storage
import TestSupport
import Testing

/// Many runs of one statement answer as the runs one by one would, however the store does them.
@Suite("Many runs of a statement")
struct ManyRunsTests {
    private static let counter = "INSERT INTO counters (name, amount) VALUES (?, ?)"

    private func withThings(
        _ kind: StoreKind, _ body: (any OperationalStore) async throws -> Void
    ) async throws {
        try await TestDatabase.with(kind, migrated: false) { store in
            try await store.migrate([Things.migration])
            try await body(store)
        }
    }

    @Test("an insert tells which rows were there already, in the store and in the batch", arguments: StoreKind.allCases)
    func onlyNew(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            // Two spellings of é are two names; a NUL is stored as a replacement character.
            let names = ["e\u{301}", "\u{E9}", "a\u{0}b"] + (0..<30).map { "n\($0 % 20)" }
            let changed = try await store.write { connection in
                try connection.executeMany(
                    Self.counter, [[.text("n3"), .integer(1)], [.text("\u{E9}"), .integer(1)]])
                return try connection.executeMany(
                    Self.counter + " ON CONFLICT (name) DO NOTHING", names.map { [.text($0), .integer(2)] })
            }
            let expected = [1, 0, 1] + (0..<30).map { $0 < 20 && $0 != 3 ? 1 : 0 }
            #expect(changed == expected)
            let twos = try await store.read { try $0.query("SELECT COUNT(*) FROM counters WHERE amount = 2")[0].int(0) }
            #expect(twos == 21)
        }
    }

    @Test("constants stand among the placeholders, and a column may be null throughout", arguments: StoreKind.allCases)
    func constants(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            let found = try await store.write { connection in
                try connection.executeMany(
                    "INSERT INTO counters (name, amount)\nVALUES (?, 7) ON CONFLICT (name) DO NOTHING",
                    (0..<40).map { [.text("c\($0)")] })
                try connection.executeMany(
                    Things.insert, (0..<40).map { [.integer($0), .null, .text("t\($0)"), .null] })
                return (
                    try connection.query("SELECT SUM(amount) FROM counters")[0].int(0),
                    try connection.query("SELECT COUNT(*), COUNT(fraction), COUNT(bytes), SUM(whole) FROM things")[0]
                )
            }
            #expect(found.0 == 280)
            #expect(found.1.values == [.integer(40), .integer(0), .integer(0), .integer(780)])
        }
    }

    @Test("a query may answer each run with several rows in order, a sum, or none", arguments: StoreKind.allCases)
    func queries(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            let groups = (0..<30).map { [SQLValue.integer(Int64($0 / 2 * 2))] }
            _ = try await store.write { connection in
                try connection.executeMany(
                    Things.insert,
                    (0..<90).map { number in
                        let (group, word) = (Int64(number % 30), "w\(100 - number)")
                        return [.integer(group), .real(Double(number)), .text(word), .null]
                    })
            }
            try await store.write { connection in
                let lists = try connection.queryMany(
                    "SELECT words FROM things WHERE whole = ? ORDER BY words", groups)
                let words = try lists.map { rows in try rows.map { try $0.text(0) } }
                let expected = groups.indices.map { index in
                    let group = index / 2 * 2
                    return [100 - group, 70 - group, 40 - group].map { "w\($0)" }.sorted()
                }
                #expect(words == expected)
                let last = try connection.queryMany(
                    "SELECT fraction FROM things WHERE whole = ? ORDER BY fraction DESC LIMIT 1", groups)
                let latest = try last.map { try $0[0].real(0) }
                #expect(latest == groups.indices.map { Double($0 / 2 * 2 + 60) })
                let sums = try connection.queryMany(
                    "SELECT COUNT(*), '?' FROM things WHERE whole = ? AND words <> ?",
                    groups.map { $0 + [.text("w100")] })
                #expect(sums.map { $0[0].values } == groups.indices.map { [.integer($0 < 2 ? 2 : 3), .text("?")] })
                let locked = try connection.queryMany(
                    "SELECT id FROM things WHERE words = ?" + connection.dialect.forUpdate,
                    (0..<50).map { [.text("w\($0)")] })
                #expect(locked.map { $0.count } == (0..<50).map { $0 < 11 ? 0 : 1 })
                let limited = try connection.queryMany(
                    "SELECT words FROM things WHERE whole = ? ORDER BY words LIMIT ?",
                    groups.map { $0 + [.integer(2)] })
                #expect(limited.allSatisfy { $0.count == 2 })
            }
        }
    }

    @Test(
        "runs whose values are of several types, or null in one place, are answered too", arguments: StoreKind.allCases)
    func mixed(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            try await store.write { connection in
                try connection.executeMany(Things.insert, Things.rows(0..<20))
                let found = try connection.queryMany(
                    "SELECT words FROM things WHERE whole < ? ORDER BY id",
                    (0..<20).map { $0 % 2 == 0 ? [.integer(3)] : [.real(2.5)] })
                #expect(found.allSatisfy { $0.count == 2 })
                let none = try connection.queryMany(
                    "SELECT words FROM things WHERE words = ?", (0..<20).map { _ in [.null] })
                #expect(none.map(\.count) == Array(repeating: 0, count: 20))
            }
        }
    }

    @Test("changes by key tell whom they found, and follow each other where they meet", arguments: StoreKind.allCases)
    func changes(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            try await store.write { connection in
                try connection.executeMany(Self.counter, (0..<40).map { [.text("n\($0)"), .integer($0)] })
                let moved = try connection.executeMany(
                    """
                    UPDATE counters SET amount = CASE WHEN amount > ? THEN amount + ? ELSE amount END
                    WHERE name = ? AND amount < ?
                    """,
                    (0..<50).map { [.integer(9), .integer(100), .text("n\($0)"), .integer(30)] })
                #expect(moved == (0..<50).map { $0 < 30 ? 1 : 0 })
                #expect(try Self.sum(connection) == 780 + 2_000)
                let twice = try connection.executeMany(
                    "UPDATE counters SET amount = amount * ? + 1 WHERE name = ?",
                    (0..<40).map { [.integer(2), .text("n\($0 % 2)")] })
                #expect(twice == Array(repeating: 1, count: 40))
                let first = try connection.query("SELECT amount FROM counters WHERE name = 'n0'")[0].int(0)
                #expect(first == (1 << 20) - 1)
                // Each run moves to where the next one looks.
                let chained = try connection.executeMany(
                    "UPDATE counters SET amount = ? WHERE amount = ? AND name >= 'n38'",
                    (38..<60).map { [.integer($0 + 1), .integer($0)] })
                #expect(chained == (38..<60).map { $0 == 38 ? 1 : 2 })
                let gone = try connection.executeMany(
                    "DELETE FROM counters WHERE name = ?", (20..<45).map { [.text("n\($0)")] })
                #expect(gone == (20..<45).map { $0 < 40 ? 1 : 0 })
                #expect(try connection.query("SELECT COUNT(*) FROM counters")[0].int(0) == 20)
            }
        }
    }

    @Test("what is there already is updated, also twice in one batch", arguments: StoreKind.allCases)
    func upserts(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            try await store.write { connection in
                try connection.executeMany(Self.counter, (0..<20).map { [.text("n\($0)"), .integer(1)] })
                let upsert = """
                    \(Self.counter) ON CONFLICT (name) DO UPDATE SET
                    amount = counters.amount + excluded.amount
                    """
                let once = try connection.executeMany(upsert, (10..<40).map { [.text("n\($0)"), .integer(2)] })
                #expect(once == Array(repeating: 1, count: 30))
                #expect(try Self.sum(connection) == 20 + 60)
                try connection.executeMany(upsert, (0..<40).map { [.text("n\($0 % 3)"), .integer(5)] })
                #expect(try Self.sum(connection) == 80 + 200)
            }
        }
    }

    @Test("a change may write null for all, and a new row may have null", arguments: StoreKind.allCases)
    func nulls(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            try await store.write { connection in
                let insert = Things.insert + " ON CONFLICT DO NOTHING"
                let made = try connection.executeMany(
                    insert, (0..<40).map { [.integer($0), .null, $0 % 2 == 0 ? .null : .text("t\($0)"), .null] })
                #expect(made == Array(repeating: 1, count: 40))
                let changed = try connection.executeMany(
                    "UPDATE things SET words = ?, fraction = coalesce(fraction, ?) WHERE whole = ?",
                    (0..<40).map { [.null, .real(1.5), .integer($0)] })
                #expect(changed == Array(repeating: 1, count: 40))
                let left = try connection.query("SELECT COUNT(words), COUNT(fraction) FROM things")[0]
                #expect(left.values == [.integer(0), .integer(40)])
            }
        }
    }

    private static func sum(_ connection: any SQLConnection) throws -> Int64 {
        try connection.query("SELECT SUM(amount) FROM counters")[0].int(0)
    }

    @Test("what the store refuses fails the whole, and the connection goes on", arguments: StoreKind.allCases)
    func refused(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            await #expect(throws: StorageError.self) {
                try await store.write { connection in
                    _ = try connection.executeMany(
                        Self.counter, (0..<30).map { [.text("n\($0)"), .integer($0 == 20 ? -1 : 1)] })
                }
            }
            let left = try await store.read { try $0.query("SELECT COUNT(*) FROM counters")[0].int(0) }
            #expect(left == 0)
        }
    }
}
