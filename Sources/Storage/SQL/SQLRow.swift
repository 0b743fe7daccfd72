/// One row of an answer, by column position.
package struct SQLRow: Sendable {
    package var values: [SQLValue]

    package init(_ values: [SQLValue]) {
        self.values = values
    }

    /// The integer in a column. Throws: `StorageError.unexpectedValue` when it holds anything else.
    package func int(_ column: Int) throws -> Int64 {
        guard case .integer(let value) = values[column] else { throw mismatch(column, "integer") }
        return value
    }

    package func intOrNil(_ column: Int) throws -> Int64? {
        if case .null = values[column] { return nil }
        return try int(column)
    }

    package func bool(_ column: Int) throws -> Bool {
        try int(column) != 0
    }

    package func text(_ column: Int) throws -> String {
        guard case .text(let value) = values[column] else { throw mismatch(column, "text") }
        return value
    }

    package func textOrNil(_ column: Int) throws -> String? {
        if case .null = values[column] { return nil }
        return try text(column)
    }

    package func real(_ column: Int) throws -> Double {
        switch values[column] {
        case .real(let value): return value
        case .integer(let value): return Double(value)
        default: throw mismatch(column, "real")
        }
    }

    package func realOrNil(_ column: Int) throws -> Double? {
        if case .null = values[column] { return nil }
        return try real(column)
    }

    package func blob(_ column: Int) throws -> [UInt8] {
        switch values[column] {
        case .blob(let value): return value
        case .text(let value): return Array(value.utf8)
        default: throw mismatch(column, "blob")
        }
    }

    private func mismatch(_ column: Int, _ expected: String) -> StorageError {
        .unexpectedValue(column: column, expected: expected, found: String(describing: values[column]))
    }
}
