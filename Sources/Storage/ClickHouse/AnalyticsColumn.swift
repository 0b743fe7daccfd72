/// One column of values, as loaded into or answered by the analytics store.
package enum AnalyticsColumn: Sendable, Equatable {
    case uint8([UInt8])
    case uint16([UInt16])
    case uint32([UInt32])
    case uint64([UInt64])
    case int64([Int64])
    case float64([Double])
    case string([String])
    case strings([[String]])
    case int64s([[Int64]])
    case float64s([[Double]])

    package var count: Int {
        switch self {
        case .uint8(let values): values.count
        case .uint16(let values): values.count
        case .uint32(let values): values.count
        case .uint64(let values): values.count
        case .int64(let values): values.count
        case .float64(let values): values.count
        case .string(let values): values.count
        case .strings(let values): values.count
        case .int64s(let values): values.count
        case .float64s(let values): values.count
        }
    }

    fileprivate func values(_ places: [Int]) -> AnalyticsColumn {
        switch self {
        case .uint8(let values): .uint8(places.map { values[$0] })
        case .uint16(let values): .uint16(places.map { values[$0] })
        case .uint32(let values): .uint32(places.map { values[$0] })
        case .uint64(let values): .uint64(places.map { values[$0] })
        case .int64(let values): .int64(places.map { values[$0] })
        case .float64(let values): .float64(places.map { values[$0] })
        case .string(let values): .string(places.map { values[$0] })
        case .strings(let values): .strings(places.map { values[$0] })
        case .int64s(let values): .int64s(places.map { values[$0] })
        case .float64s(let values): .float64s(places.map { values[$0] })
        }
    }
}

/// Rows to load into one table, by column. Dates are `uint16` (days since 1970), times `uint32` (seconds since 1970).
package struct AnalyticsBlock: Sendable {
    package var table: String
    package var columns: [(name: String, values: AnalyticsColumn)]

    package init(table: String, columns: [(name: String, values: AnalyticsColumn)]) {
        self.table = table
        self.columns = columns
    }

    package var count: Int { columns.first?.values.count ?? 0 }

    /// The rows at these places.
    package func rows(_ places: [Int]) -> AnalyticsBlock {
        AnalyticsBlock(table: table, columns: columns.map { ($0.name, $0.values.values(places)) })
    }
}

/// An answer of the analytics store. Every integer type arrives as `int64` (`uint64` where the type is UInt64), dates
/// as `int64` days and times as `int64` seconds since 1970, floats as `float64`, strings as `string`, arrays
/// likewise.
package struct AnalyticsTable: Sendable, Equatable {
    package var names: [String]
    package var columns: [AnalyticsColumn]

    package init(names: [String], columns: [AnalyticsColumn]) {
        self.names = names
        self.columns = columns
    }

    package var count: Int { columns.first?.count ?? 0 }

    /// A column of whole numbers. Throws: `StorageError.unexpectedValue` for another type.
    package func ints(_ column: Int) throws -> [Int64] {
        switch columns[column] {
        case .int64(let values): return values
        case .uint64(let values): return values.map { Int64(bitPattern: $0) }
        default: throw mismatch(column, "int64")
        }
    }

    package func doubles(_ column: Int) throws -> [Double] {
        switch columns[column] {
        case .float64(let values): return values
        case .int64(let values): return values.map(Double.init)
        case .uint64(let values): return values.map(Double.init)
        default: throw mismatch(column, "float64")
        }
    }

    package func strings(_ column: Int) throws -> [String] {
        guard case .string(let values) = columns[column] else { throw mismatch(column, "string") }
        return values
    }

    private func mismatch(_ column: Int, _ expected: String) -> StorageError {
        .unexpectedValue(column: column, expected: expected, found: names[column])
    }
}
