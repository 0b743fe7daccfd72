import CPostgreSQL

/// The answer to one statement; frees libpq's memory when it goes.
struct PostgreSQLResult: ~Copyable {
    let pointer: OpaquePointer

    init?(_ pointer: OpaquePointer?) {
        guard let pointer else { return nil }
        self.pointer = pointer
    }

    deinit {
        PQclear(pointer)
    }

    var status: ExecStatusType { PQresultStatus(pointer) }

    var succeeded: Bool {
        status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
    }

    /// What was done: `COMMIT`, `INSERT 0 5`.
    var command: String {
        String(cString: PQcmdStatus(pointer))
    }

    /// Rows that the statement changed; reading changes none.
    var changedRows: Int {
        if status == PGRES_TUPLES_OK, command.hasPrefix("SELECT") { return 0 }
        return Int(String(cString: PQcmdTuples(pointer))) ?? 0
    }

    func rows() -> [SQLRow] {
        let rowCount = PQntuples(pointer)
        guard rowCount > 0 else { return [] }
        let types = (0..<PQnfields(pointer)).map { PQftype(pointer, $0) }
        return (0..<rowCount).map { row in
            SQLRow(
                types.indices.map { column in
                    value(row, Int32(column), types[column])
                })
        }
    }

    /// Values arrive as text, which is exact for every type and inferred by none.
    private func value(_ row: Int32, _ column: Int32, _ type: Oid) -> SQLValue {
        guard PQgetisnull(pointer, row, column) == 0, let start = PQgetvalue(pointer, row, column) else {
            return .null
        }
        let count = Int(PQgetlength(pointer, row, column))
        return start.withMemoryRebound(to: UInt8.self, capacity: count) {
            PostgreSQLText.value(UnsafeBufferPointer(start: $0, count: count), type)
        }
    }
}

/// PostgreSQL's text form of values, decoded.
enum PostgreSQLText {
    static func value(_ bytes: UnsafeBufferPointer<UInt8>, _ type: Oid) -> SQLValue {
        switch type {
        case PostgreSQLType.integer8, PostgreSQLType.integer4, PostgreSQLType.integer2, PostgreSQLType.objectID:
            return integer(bytes).map { .integer($0) } ?? text(bytes)
        case PostgreSQLType.boolean: return .integer(bytes.first == UInt8(ascii: "t") ? 1 : 0)
        case PostgreSQLType.real8, PostgreSQLType.real4: return real(bytes)
        // SUM over integers is NUMERIC without a point, AVG has one.
        case PostgreSQLType.numeric: return integer(bytes).map { .integer($0) } ?? real(bytes)
        case PostgreSQLType.bytes: return blob(bytes)
        default: return text(bytes)
        }
    }

    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> SQLValue {
        .text(String(decoding: bytes, as: UTF8.self))
    }

    private static func integer(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        let isNegative = bytes.first == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in bytes.dropFirst(isNegative ? 1 : 0) {
            let digit = byte &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            let (product, productOverflows) = value.multipliedReportingOverflow(by: 10)
            let (next, overflows) = product.subtractingReportingOverflow(Int64(digit))
            guard !productOverflows, !overflows else { return nil }
            value = next
        }
        // Counted downwards, as the smallest integer has no positive twin.
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    private static func real(_ bytes: UnsafeBufferPointer<UInt8>) -> SQLValue {
        let text = String(decoding: bytes, as: UTF8.self)
        return Double(text).map { .real($0) } ?? .text(text)
    }

    /// `\x` and two hexadecimal digits a byte.
    private static func blob(_ bytes: UnsafeBufferPointer<UInt8>) -> SQLValue {
        let count = max(0, (bytes.count - 2) / 2)
        return .blob(
            [UInt8](unsafeUninitializedCapacity: count) { blob, initialized in
                for index in 0..<count {
                    blob.initializeElement(
                        at: index, to: digit(bytes[2 + 2 * index]) << 4 | digit(bytes[3 + 2 * index]))
                }
                initialized = count
            })
    }

    private static func digit(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "a") ? byte - UInt8(ascii: "a") + 10 : byte - UInt8(ascii: "0")
    }
}
