import CPostgreSQL

/// The object ids of the types that travel (pg_type.dat).
enum PostgreSQLType {
    static let unknown: Oid = 0
    static let boolean: Oid = 16
    static let bytes: Oid = 17
    static let integer8: Oid = 20
    static let integer2: Oid = 21
    static let integer4: Oid = 23
    static let text: Oid = 25
    static let objectID: Oid = 26
    static let real4: Oid = 700
    static let real8: Oid = 701
    static let numeric: Oid = 1700

    /// The type a value is bound as. `NULL` fits every type, and left alone is inferred by the server.
    static func of(_ value: SQLValue) -> Oid {
        switch value {
        case .null: unknown
        case .integer: integer8
        case .real: real8
        case .text: text
        case .blob: bytes
        }
    }

    /// Its name in SQL, of a type that `of` knows.
    static func name(_ type: Oid) -> String {
        switch type {
        case integer8: "int8"
        case real8: "float8"
        case bytes: "bytea"
        default: "text"
        }
    }
}
