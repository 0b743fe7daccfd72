import Storage
import TestSupport
import Testing

@Suite("Operational store")
struct OperationalStoreTests {
    static let table = Migration(
        version: 1, name: "things",
        statements: """
            CREATE TABLE things (
                id {id},
                whole BIGINT, fraction DOUBLE PRECISION, words TEXT, bytes {blob}
            );
            -- A comment; with a semicolon.
            CREATE UNIQUE INDEX things_by_words ON things (words);
            """)

    @Test("every type of value comes back as it went in", arguments: StoreKind.allCases)
    func roundTrip(kind: StoreKind) async throws {
        try await TestDatabase.with(kind, migrated: false) { store in
            try await store.migrate([Self.table])
            let rows: [[SQLValue]] = [
                [.null, .null, .null, .null],
                [.integer(0), .real(0), .text(""), .blob([])],
                [.integer(.max), .real(.greatestFiniteMagnitude), .text("常青 会员 🍵👨‍👩‍👧"), .blob([0, 255, 92, 39])],
                [.integer(.min), .real(-1.5e-300), .text("it's \"quoted\" \\ ? $1 %\n\t"), .blob(Array(0...255))],
                [.integer(-1), .real(0.1), .text("é e\u{301}"), .blob([0])],
            ]
            let back = try await store.write { connection in
                for row in rows {
                    try connection.executeMany(
                        "INSERT INTO things (whole, fraction, words, bytes) VALUES (?, ?, ?, ?)", [row])
                }
                return try connection.query("SELECT whole, fraction, words, bytes FROM things ORDER BY id")
            }
            #expect(back.map(\.values) == rows)
        }
    }
}
