import Storage
import TestSupport
import Testing

@Suite("Operational store")
struct OperationalStoreTests {
    private func withThings(
        _ kind: StoreKind, options: OperationalStoreOptions = TestDatabase.testOptions,
        _ body: (any OperationalStore) async throws -> Void
    ) async throws {
        try await TestDatabase.with(kind, migrated: false, options: options) { store in
            try await store.migrate([Things.migration])
            try await body(store)
        }
    }

    @Test("every type of value comes back as it went in", arguments: StoreKind.allCases)
    func roundTrip(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            let rows: [[SQLValue]] = [
                [.null, .null, .null, .null],
                [.integer(0), .real(0), .text(""), .blob([])],
                [.integer(.max), .real(.greatestFiniteMagnitude), .text("常青 会员 🍵👨‍👩‍👧"), .blob([0, 255, 92, 39])],
                [.integer(.min), .real(-1.5e-300), .text("it's \"quoted\" \\ ? $1 %\n\t"), .blob(Array(0...255))],
                [.integer(-1), .real(0.1), .text("é e\u{301}"), .blob([0])],
            ]
            let back = try await store.write { connection in
                for row in rows { try connection.executeMany(Things.insert, [row]) }
                return try connection.query("SELECT whole, fraction, words, bytes FROM things ORDER BY id")
            }
            #expect(back.map(\.values) == rows)
        }
    }

    @Test("a zero character becomes U+FFFD in both stores", arguments: StoreKind.allCases)
    func zeroCharacter(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            let words = try await store.write { connection in
                try connection.execute("INSERT INTO things (words) VALUES (\("a\0b\0"))")
                return try connection.query("SELECT words FROM things")[0].text(0)
            }
            #expect(words == "a\u{FFFD}b\u{FFFD}")
        }
    }

    @Test("many rows go in and come out in order, with nulls among them", arguments: StoreKind.allCases)
    func manyRows(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            let rows = Things.rows(0..<3_500)
            let changed = try await store.write { try $0.executeMany(Things.insert, rows) }
            #expect(changed == Array(repeating: 1, count: rows.count))

            let found = try await store.read { connection in
                try connection.queryMany(
                    "SELECT whole, fraction, words, bytes FROM things WHERE words = ?",
                    rows.map { [$0[2]] } + [[.text("nothing")]])
            }
            #expect(found.dropLast().map { $0.map(\.values) } == rows.map { [$0] })
            #expect(found.last?.isEmpty == true)
        }
    }

    @Test("large values pass in one batch", arguments: StoreKind.allCases)
    func largeValues(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            let rows: [[SQLValue]] = (0..<20).map { number in
                let size = 700_000 + number
                return [.integer(Int64(size)), .null, .text("\(number)"), .blob([UInt8](repeating: 7, count: size))]
            }
            let found = try await store.write { connection in
                try connection.executeMany(Things.insert, rows)
                return try connection.queryMany("SELECT bytes FROM things WHERE words = ?", rows.map { [$0[2]] })
            }
            #expect(try found.map { try $0[0].blob(0).count } == (0..<20).map { 700_000 + $0 })
        }
    }

    @Test("one statement takes integers, reals and nulls in the same place", arguments: StoreKind.allCases)
    func mixedTypes(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            let values: [SQLValue] = [.null, .integer(2), .real(2.5), .null, .integer(3)]
            let back = try await store.write { connection in
                try connection.executeMany("INSERT INTO things (fraction) VALUES (?)", values.map { [$0] })
                return try connection.query("SELECT fraction FROM things ORDER BY id").map { try $0.realOrNil(0) }
            }
            #expect(back == [nil, 2, 2.5, nil, 3])
        }
    }

    @Test("long batches take columns of nulls and of mixed types", arguments: StoreKind.allCases)
    func longMixedBatches(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            let rows: [[SQLValue]] = (0..<333).map { number in
                [.null, number.isMultiple(of: 9) ? .integer(Int64(number)) : .real(Double(number)), .null, .null]
            }
            let (changed, back) = try await store.write { connection in
                let changed = try connection.executeMany(Things.insert, rows)
                // The same again, where a column that was empty no longer is.
                try connection.executeMany(Things.insert, rows.map { [.integer(7)] + $0.dropFirst() })
                return (changed, try connection.query("SELECT whole, fraction FROM things ORDER BY id"))
            }
            #expect(changed == Array(repeating: 1, count: 333))
            #expect(try back.prefix(333).map { try $0.real(1) } == (0..<333).map { Double($0) })
            #expect(back.prefix(333).allSatisfy { $0.values[0] == .null })
            #expect(back.dropFirst(333).allSatisfy { $0.values[0] == .integer(7) })
        }
    }

    @Test("counts and sums are integers, averages are real", arguments: StoreKind.allCases)
    func aggregates(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            let row = try await store.write { connection in
                try connection.executeMany("INSERT INTO things (whole) VALUES (?)", [[.integer(1)], [.integer(3)]])
                return try connection.query("SELECT COUNT(*), SUM(whole), AVG(whole), 2 < 3 FROM things")[0]
            }
            #expect(row.values == [.integer(2), .integer(4), .real(2), .integer(1)])
        }
    }

    @Test("text compares by its bytes and LIKE minds the case", arguments: StoreKind.allCases)
    func textComparison(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            let (sorted, alike) = try await store.write { connection in
                try connection.executeMany(
                    "INSERT INTO things (words) VALUES (?)",
                    ["b", "B", "a_", "茶", "é", "Z", "ab"].map { [.text($0)] })
                return (
                    try connection.query("SELECT words FROM things ORDER BY words").map { try $0.text(0) },
                    try connection.query("SELECT words FROM things WHERE words LIKE \("a\\_%") ESCAPE '\\'").map {
                        try $0.text(0)
                    } + connection.query("SELECT words FROM things WHERE words LIKE 'b%'").map { try $0.text(0) }
                )
            }
            #expect(sorted == ["B", "Z", "a_", "ab", "b", "é", "茶"])
            #expect(alike == ["a_", "b"])
        }
    }

    @Test("execute counts the rows it changed", arguments: StoreKind.allCases)
    func changedRows(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            let counts = try await store.write { connection in
                try connection.executeMany(Things.insert, Things.rows(0..<10))
                return [
                    try connection.execute("UPDATE things SET fraction = 1 WHERE id <= 4"),
                    try connection.execute("SELECT 1"),
                    try connection.execute("INSERT INTO counters (name, amount) VALUES ('a', 1)"),
                    try connection.execute("INSERT INTO counters VALUES ('a', 1) ON CONFLICT DO NOTHING"),
                    try connection.execute(
                        """
                        INSERT INTO counters VALUES ('a', 5) ON CONFLICT (name)
                        DO UPDATE SET amount = counters.amount + excluded.amount
                        """),
                    try connection.execute("DELETE FROM things"),
                    try connection.execute("DELETE FROM things"),
                ]
            }
            #expect(counts == [4, 0, 1, 0, 1, 10, 0])
        }
    }

    @Test("a query hands its rows over in batches while other statements run", arguments: StoreKind.allCases)
    func streaming(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            let (sizes, sum) = try await store.write { connection in
                try connection.executeMany(Things.insert, Things.rows(0..<250))
                var sizes: [Int] = []
                var sum: Int64 = 0
                try connection.forEach("SELECT id FROM things WHERE id <= \(200) ORDER BY id", batch: 100) { rows in
                    sizes.append(rows.count)
                    for row in rows { sum += try row.int(0) }
                    try connection.execute("INSERT INTO counters VALUES (\("batch \(sizes.count)"), \(rows.count))")
                }
                return (sizes, sum)
            }
            #expect(sizes == [100, 100])
            #expect(sum == 200 * 201 / 2)
        }
    }

    @Test("more different statements than are kept prepared still work", arguments: StoreKind.allCases)
    func manyStatements(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            let matched = try await store.write { connection in
                try connection.executeMany(Things.insert, Things.rows(1..<11))
                return try (1...600).map { length in
                    let list = (1...length).map { Int64($0) }
                    return try connection.query("SELECT COUNT(*) FROM things WHERE id IN (\(list: list))")[0].int(0)
                }
            }
            #expect(matched == (1...600).map { Int64(min($0, 10)) })
        }
    }

    @Test("a URL opens the same data again", arguments: StoreKind.allCases)
    func reopen(kind: StoreKind) async throws {
        try await TestDatabase.withDatabase(kind, migrated: false) { database in
            try await database.store.migrate([Things.migration])
            try await database.store.write { _ = try $0.executeMany(Things.insert, Things.rows(0..<10)) }
            let second = try await openOperationalStore(database.url)
            #expect(try await second.read { try Things.count($0) } == 10)
            await second.close()
        }
    }

    @Test("diagnosis names the product, the size and the schema, and no password", arguments: StoreKind.allCases)
    func diagnosis(kind: StoreKind) async throws {
        try await TestDatabase.withDatabase(kind, migrated: false) { database in
            #expect(try await database.store.diagnose().schemaVersion == 0)
            try await database.store.migrate([Things.migration])
            let diagnosis = try await database.store.diagnose()
            #expect(diagnosis.product == (kind == .sqlite ? "SQLite" : "PostgreSQL"))
            #expect(diagnosis.schemaVersion == 1)
            #expect((diagnosis.bytes ?? 0) > 0)
            #expect(!diagnosis.version.isEmpty)
        }
    }

    @Test(
        "rows of many owners are the same by one look at a range, by one look each, and of few",
        arguments: StoreKind.allCases)
    func owners(kind: StoreKind) async throws {
        try await withThings(kind) { store in
            // Owners 10, 20 … 600; two rows of 20 and of 300, one of 305, who is not asked about.
            let owned: [(Int64, String)] = [(20, "b"), (20, "a"), (300, "c"), (305, "d"), (300, "e")]
            try await store.write { connection in
                _ = try connection.executeMany(
                    Things.insert, owned.map { [.integer($0.0), .null, .text($0.1), .null] })
            }
            func found(_ owners: [Int64], most: Int) async throws -> [Int64: [String]] {
                try await store.read { connection in
                    try connection.rows(
                        ofEach: owners, place: 1, most: most,
                        range: { first, last, limit in
                            """
                            SELECT words, whole FROM things WHERE whole BETWEEN \(first) AND \(last)
                            ORDER BY whole, words LIMIT \(limit)
                            """
                        }, one: "SELECT words FROM things WHERE whole = ? ORDER BY words"
                    ).mapValues { rows in try rows.map { try $0.text(0) } }
                }
            }
            let many = (1...60).map { Int64($0) * 10 }
            let wanted: [Int64: [String]] = [20: ["a", "b"], 300: ["c", "e"]]
            #expect(try await found(many, most: 5) == wanted)
            #expect(try await found(many, most: 4) == wanted)
            #expect(try await found([20, 30, 300], most: 1) == wanted)
            #expect(try await found([], most: 0).isEmpty)
        }
    }

    @Test("a closed store answers that it is closed", arguments: StoreKind.allCases)
    func closed(kind: StoreKind) async throws {
        try await TestDatabase.withDatabase(kind, migrated: false) { database in
            try await database.store.migrate([Things.migration])
            await database.store.close()
            for isWriting in [false, true] {
                do {
                    if isWriting {
                        _ = try await database.store.write { try Things.count($0) }
                    } else {
                        _ = try await database.store.read { try Things.count($0) }
                    }
                    Issue.record("a closed store answered")
                } catch StorageError.unavailable(let message) {
                    #expect(message.contains("closed"))
                }
            }
        }
    }
}
