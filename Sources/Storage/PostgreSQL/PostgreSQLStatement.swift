import CPostgreSQL

/// A statement as one connection has prepared it: once for every combination of value types it was run with.
/// A `NULL` fits each of them, so one is the rule.
final class PostgreSQLStatement {
    struct Variant {
        var name: String
        var types: [Oid]

        func fits(_ values: [SQLValue]) -> Bool {
            for (value, type) in zip(values, types) where value != .null && PostgreSQLType.of(value) != type {
                return false
            }
            return true
        }
    }

    static let variantsMax = 8

    let text: String
    let parameters: Int
    var variants: [Variant] = []

    init(_ portable: String) {
        (text, parameters) = PostgreSQLPlaceholders.number(portable)
    }

    /// The types to prepare with for `values`: their own, and for a `NULL` what was seen elsewhere in its place.
    func types(for values: [SQLValue], seenIn rows: some Collection<[SQLValue]>) -> [Oid] {
        values.indices.map { index in
            let own = PostgreSQLType.of(values[index])
            if own != PostgreSQLType.unknown { return own }
            for variant in variants where variant.types[index] != PostgreSQLType.unknown {
                return variant.types[index]
            }
            for row in rows where row.count == values.count && row[index] != .null {
                return PostgreSQLType.of(row[index])
            }
            return PostgreSQLType.unknown
        }
    }
}
