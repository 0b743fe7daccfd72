import CADBC

/// Reads an Arrow stream into an `AnalyticsTable`.
enum ArrowReader {
    /// Reads every batch. Throws: `StorageError` with the engine's words, or naming a type that has no column kind.
    static func read(_ stream: inout ArrowArrayStream, sql: String) throws -> AnalyticsTable {
        var schema = ArrowSchema()
        guard cadbc_stream_schema(&stream, &schema) == 0 else { throw failure(&stream, sql) }
        defer { cadbc_schema_release(&schema) }
        let fields = children(schema)
        let names = fields.map { $0.name.map { String(cString: $0) } ?? "" }
        var builders = try zip(names, fields).map { try ArrowColumn(name: $0, schema: $1) }
        while true {
            var batch = ArrowArray()
            guard cadbc_stream_next(&stream, &batch) == 0 else { throw failure(&stream, sql) }
            guard batch.release != nil else { break }
            defer { cadbc_array_release(&batch) }
            for index in builders.indices {
                guard let child = batch.children?[index] else { continue }
                builders[index].append(child.pointee)
            }
        }
        return AnalyticsTable(names: names, columns: builders.map(\.values))
    }

    static func children(_ schema: ArrowSchema) -> [ArrowSchema] {
        (0..<Int(schema.n_children)).compactMap { schema.children?[$0]?.pointee }
    }

    private static func failure(_ stream: inout ArrowArrayStream, _ sql: String) -> any Error {
        let message = cadbc_stream_error(&stream).map { String(cString: $0) } ?? "the answer broke off"
        return ChDBError.translate(message, sql: sql)
    }
}

/// One column under construction: an Arrow layout, and the values read so far.
struct ArrowColumn {
    private(set) var values: AnalyticsColumn
    private let format: String
    private let itemFormat: String

    init(name: String, schema: ArrowSchema) throws {
        guard schema.dictionary == nil else { throw ArrowColumn.unsupported(name, "dictionary") }
        format = schema.format.map { String(cString: $0) } ?? ""
        if format == "+l" || format == "+L" {
            let item = ArrowReader.children(schema).first
            itemFormat = item?.format.map { String(cString: $0) } ?? ""
            switch ArrowColumn.kind(itemFormat) {
            case .int64?, .uint64?: values = .int64s([])
            case .float64?: values = .float64s([])
            case .string?: values = .strings([])
            default: throw ArrowColumn.unsupported(name, "array of \(itemFormat)")
            }
        } else {
            itemFormat = ""
            guard let kind = ArrowColumn.kind(format) else { throw ArrowColumn.unsupported(name, format) }
            values = kind
        }
    }

    /// Appends one batch. NULL reads as zero or the empty string, as ClickHouse's own defaults do.
    mutating func append(_ array: ArrowArray) {
        let range = Int(array.offset)..<Int(array.offset + array.length)
        switch values {
        case .int64(var column):
            values = .int64([])
            Self.readIntegers(array, format, range, into: &column)
            values = .int64(column)
        case .uint64(var column):
            values = .uint64([])
            Self.readWords(array, range, into: &column)
            values = .uint64(column)
        case .float64(var column):
            values = .float64([])
            Self.readFloats(array, format, range, into: &column)
            values = .float64(column)
        case .string(var column):
            values = .string([])
            Self.readStrings(array, format, range, into: &column)
            values = .string(column)
        case .int64s(let column):
            values = .int64s(
                column
                    + lists(array, range) { items, span in
                        var out: [Int64] = []
                        Self.readIntegers(items, itemFormat, span, into: &out)
                        return out
                    })
        case .float64s(let column):
            values = .float64s(
                column
                    + lists(array, range) { items, span in
                        var out: [Double] = []
                        Self.readFloats(items, itemFormat, span, into: &out)
                        return out
                    })
        case .strings(let column):
            values = .strings(
                column
                    + lists(array, range) { items, span in
                        var out: [String] = []
                        Self.readStrings(items, itemFormat, span, into: &out)
                        return out
                    })
        case .uint8, .uint16, .uint32:
            preconditionFailure("answers hold wide integers only")
        }
    }

    /// The empty column for an Arrow format, nil when there is none. `n` is the type of NULL itself.
    private static func kind(_ format: String) -> AnalyticsColumn? {
        switch format {
        case "b", "c", "C", "s", "S", "i", "I", "l", "tdD", "tdm", "n": .int64([])
        case "L": .uint64([])
        case "f", "g": .float64([])
        case "u", "U", "z", "Z": .string([])
        default:
            if format.hasPrefix("w:") { .string([]) } else if format.hasPrefix("ts") { .int64([]) } else { nil }
        }
    }

    private static func unsupported(_ name: String, _ type: String) -> StorageError {
        .unexpectedValue(column: 0, expected: "a number, string, date or array of these", found: "\(name): \(type)")
    }

    private func lists<T>(
        _ array: ArrowArray, _ range: Range<Int>, _ read: (ArrowArray, Range<Int>) -> [T]
    ) -> [[T]] {
        guard let items = array.children?[0]?.pointee, let offsets = array.buffers?[1] else {
            return range.map { _ in [] }
        }
        let base = Int(items.offset)
        if format == "+L" {
            let ends = offsets.assumingMemoryBound(to: Int64.self)
            return range.map { read(items, base + Int(ends[$0])..<base + Int(ends[$0 + 1])) }
        }
        let ends = offsets.assumingMemoryBound(to: Int32.self)
        return range.map { read(items, base + Int(ends[$0])..<base + Int(ends[$0 + 1])) }
    }
}
