import Storage

/// A small schema with every type of column.
enum Things {
    static let migration = Migration(
        version: 1, name: "things",
        statements: """
            CREATE TABLE things (
                id {id},
                whole BIGINT, fraction DOUBLE PRECISION, words TEXT, bytes {blob}
            );
            -- A comment; with a semicolon;
            CREATE UNIQUE INDEX things_by_words ON things (words);

            CREATE TABLE counters (
                name TEXT NOT NULL PRIMARY KEY,
                -- Checked so that a test can break it.
                amount BIGINT NOT NULL CHECK (amount >= 0)
            ) {without_rowid};
            """)

    static let insert = "INSERT INTO things (whole, fraction, words, bytes) VALUES (?, ?, ?, ?)"

    static func rows(_ range: Range<Int>) -> [[SQLValue]] {
        range.map { number in
            [
                number % 5 == 0 ? .null : .integer(Int64(number)),
                number % 7 == 0 ? .null : .real(Double(number) / 8),
                .text("茶 \(number)"),
                number % 3 == 0 ? .null : .blob([UInt8](repeating: UInt8(number % 256), count: number % 50)),
            ]
        }
    }

    static func count(_ connection: any SQLConnection) throws -> Int64 {
        try connection.query("SELECT COUNT(*) FROM things")[0].int(0)
    }
}
