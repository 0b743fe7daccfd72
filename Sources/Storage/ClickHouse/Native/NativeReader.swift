/// Reads ClickHouse's Native format: blocks of columns, each with name, type and values
/// (https://clickhouse.com/docs/interfaces/formats/Native).
struct NativeReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// All blocks as one table. An answer without rows still brings its columns.
    mutating func table() throws -> AnalyticsTable {
        var table = AnalyticsTable(names: [], columns: [])
        while position < bytes.count {
            let width = try varint()
            let rows = try varint()
            for column in 0..<width {
                let name = try text()
                let type = try NativeType(try text())
                let values = try values(type, rows)
                if column < table.columns.count {
                    table.columns[column].append(values)
                } else {
                    table.names.append(name)
                    table.columns.append(values)
                }
            }
        }
        return table
    }

    /// The column of a type without values.
    static func empty(_ type: NativeType) throws -> AnalyticsColumn {
        var reader = NativeReader(UnsafeRawBufferPointer(start: nil, count: 0))
        return try reader.values(type, 0)
    }

    /// Passes over one block; nil at the end. Returns its rows.
    mutating func skipBlock() throws -> Int? {
        guard position < bytes.count else { return nil }
        let width = try varint()
        let rows = try varint()
        for _ in 0..<width {
            _ = try text()
            try skip(try NativeType(try text()), rows)
        }
        return rows
    }

    /// Where the next block begins.
    var offset: Int { position }

    private mutating func values(_ type: NativeType, _ rows: Int) throws -> AnalyticsColumn {
        switch type {
        case .integer(let width, let signed): return try integers(width, signed, rows)
        case .float(let width): return .float64(try floats(width, rows))
        case .string: return .string(try strings(rows))
        case .fixedString(let width):
            let data = try take(rows * width)
            return .string(
                (0..<rows).map { row in
                    let span = UnsafeRawBufferPointer(rebasing: data[row * width..<(row + 1) * width])
                    return String(decoding: span, as: UTF8.self)
                })
        case .nullable(let inner):
            _ = try take(rows)
            return try values(inner, rows)
        case .nothing:
            _ = try take(rows)
            return .int64([Int64](repeating: 0, count: rows))
        case .array(let inner):
            let ends = try offsets(rows)
            return try values(inner, ends.last ?? 0).split(ends)
        }
    }

    private mutating func integers(_ width: Int, _ signed: Bool, _ rows: Int) throws -> AnalyticsColumn {
        let data = try take(rows * width)
        func wide<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type) -> AnalyticsColumn {
            .int64(
                (0..<rows).map { Int64(truncatingIfNeeded: data.loadUnaligned(fromByteOffset: $0 * width, as: type)) })
        }
        switch (width, signed) {
        case (1, false): return wide(UInt8.self)
        case (1, true): return wide(Int8.self)
        case (2, false): return wide(UInt16.self)
        case (2, true): return wide(Int16.self)
        case (4, false): return wide(UInt32.self)
        case (4, true): return wide(Int32.self)
        case (_, true): return wide(Int64.self)
        default:
            return .uint64((0..<rows).map { data.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self) })
        }
    }

    private mutating func floats(_ width: Int, _ rows: Int) throws -> [Double] {
        let data = try take(rows * width)
        if width == 4 {
            return (0..<rows).map { Double(data.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self)) }
        }
        return (0..<rows).map { data.loadUnaligned(fromByteOffset: $0 * 8, as: Double.self) }
    }

    private mutating func strings(_ rows: Int) throws -> [String] {
        var out: [String] = []
        out.reserveCapacity(rows)
        for _ in 0..<rows { out.append(try text()) }
        return out
    }

    private mutating func offsets(_ rows: Int) throws -> [Int] {
        let data = try take(rows * 8)
        return (0..<rows).map { Int(truncatingIfNeeded: data.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
    }

    private mutating func skip(_ type: NativeType, _ rows: Int) throws {
        switch type {
        case .integer(let width, _), .float(let width), .fixedString(let width): _ = try take(rows * width)
        case .nothing: _ = try take(rows)
        case .string: for _ in 0..<rows { _ = try take(try varint()) }
        case .nullable(let inner):
            _ = try take(rows)
            try skip(inner, rows)
        case .array(let inner): try skip(inner, try offsets(rows).last ?? 0)
        }
    }

    private mutating func text() throws -> String {
        let span = try take(try varint())
        return String(decoding: span, as: UTF8.self)
    }

    private mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, bytes.count - position >= count else { throw Self.brokenOff }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    private mutating func varint() throws -> Int {
        var value = 0
        for shift in stride(from: 0, to: 63, by: 7) {
            guard position < bytes.count else { throw Self.brokenOff }
            let byte = bytes[position]
            position += 1
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw Self.brokenOff
    }

    private static var brokenOff: StorageError { .unavailable(message: "the data in Native format broke off") }
}
