import GRDBSQLite

/// A prepared statement in use. Values are bound and read through the C interface without intermediate objects.
struct SQLiteStatement {
    enum Refusal: Error {
        case code(Int32)
        case arguments(given: Int, wanted: Int)
    }

    private let pointer: OpaquePointer
    private let handle: OpaquePointer
    private let parameters: Int
    private let columns: Int32

    init(pointer: OpaquePointer, handle: OpaquePointer) {
        self.pointer = pointer
        self.handle = handle
        parameters = Int(sqlite3_bind_parameter_count(pointer))
        columns = sqlite3_column_count(pointer)
    }

    /// Ends a run and lets go of the values bound.
    mutating func reset() {
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
    }

    mutating func bind(_ values: [SQLValue]) throws {
        guard values.count == parameters else {
            throw Refusal.arguments(given: values.count, wanted: parameters)
        }
        sqlite3_reset(pointer)
        var index: Int32 = 1
        for value in values {
            let code = bind(value, at: index)
            guard code == SQLITE_OK else { throw Refusal.code(code) }
            index += 1
        }
    }

    /// Runs to the end and returns how many rows were changed.
    mutating func run() throws -> Int {
        let before = sqlite3_total_changes64(handle)
        while true {
            switch sqlite3_step(pointer) {
            case SQLITE_ROW: continue
            case SQLITE_DONE: return Int(sqlite3_total_changes64(handle) - before)
            case let code: throw Refusal.code(code)
            }
        }
    }

    /// The next rows, at most `max` of them; fewer mean the end.
    mutating func rows(max: Int = .max) throws -> [SQLRow] {
        var rows: [SQLRow] = []
        while rows.count < max {
            switch sqlite3_step(pointer) {
            case SQLITE_ROW: rows.append(row())
            case SQLITE_DONE: return rows
            case let code: throw Refusal.code(code)
            }
        }
        return rows
    }

    private func row() -> SQLRow {
        SQLRow(
            [SQLValue](unsafeUninitializedCapacity: Int(columns)) { values, count in
                for column in 0..<columns {
                    values.initializeElement(at: Int(column), to: value(at: column))
                }
                count = Int(columns)
            })
    }

    private func value(at column: Int32) -> SQLValue {
        switch sqlite3_column_type(pointer, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(pointer, column))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(pointer, column))
        case SQLITE_TEXT:
            let start = sqlite3_column_text(pointer, column)
            let count = Int(sqlite3_column_bytes(pointer, column))
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(pointer, column)
            let count = Int(sqlite3_column_bytes(pointer, column))
            return .blob([UInt8](UnsafeRawBufferPointer(start: start, count: count)))
        default: return .null
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        // SQLite copies bytes bound with this marker before the call returns.
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        switch value {
        case .null: return sqlite3_bind_null(pointer, index)
        case .integer(let integer): return sqlite3_bind_int64(pointer, index, integer)
        case .real(let real): return sqlite3_bind_double(pointer, index, real)
        case .text(let text):
            return StorableText.withBytes(text) { bytes in
                guard let start = bytes.baseAddress, !bytes.isEmpty else {
                    return sqlite3_bind_text(pointer, index, "", 0, transient)
                }
                guard bytes.count <= Int(Int32.max) else { return SQLITE_TOOBIG }
                return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                    sqlite3_bind_text(pointer, index, $0, Int32(bytes.count), transient)
                }
            }
        case .blob(let bytes):
            guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(pointer, index, 0) }
            guard bytes.count <= Int(Int32.max) else { return SQLITE_TOOBIG }
            return bytes.withUnsafeBytes {
                sqlite3_bind_blob(pointer, index, $0.baseAddress, Int32($0.count), transient)
            }
        }
    }
}
