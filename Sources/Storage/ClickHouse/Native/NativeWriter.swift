/// Writes blocks in ClickHouse's Native format.
struct NativeWriter {
    private(set) var bytes: [UInt8] = []

    /// Appends a block whose columns have the types of the table's columns of the same names.
    /// Throws: `StorageError.unexpectedValue` for a column that the table lacks or a value that its type cannot hold.
    mutating func write(_ block: AnalyticsBlock, types: [String: String]) throws {
        varint(block.columns.count)
        varint(block.count)
        for (index, column) in block.columns.enumerated() {
            guard let name = types[column.name] else {
                throw StorageError.unexpectedValue(
                    column: index, expected: "a column of \(block.table)", found: column.name)
            }
            let type = try NativeType(name)
            text(column.name)
            text(AnalyticsBackup.plain(name))
            guard write(column.values, as: type) else {
                throw StorageError.unexpectedValue(
                    column: index, expected: name, found: "other values in \(block.table).\(column.name)")
            }
        }
    }

    /// Returns whether the type could hold the values.
    private mutating func write(_ column: AnalyticsColumn, as type: NativeType) -> Bool {
        switch (column, type) {
        case (.uint8(let values), .integer(let width, let signed)): integers(values, width, signed)
        case (.uint16(let values), .integer(let width, let signed)): integers(values, width, signed)
        case (.uint32(let values), .integer(let width, let signed)): integers(values, width, signed)
        case (.uint64(let values), .integer(let width, let signed)): integers(values, width, signed)
        case (.int64(let values), .integer(let width, let signed)): integers(values, width, signed)
        case (.float64(let values), .float(let width)): floats(values, width)
        case (.string(let values), .string): strings(values)
        case (.strings(let lists), .array(let inner)):
            ends(lists.map(\.count)) && write(.string(Array(lists.joined())), as: inner)
        case (.int64s(let lists), .array(let inner)):
            ends(lists.map(\.count)) && write(.int64(Array(lists.joined())), as: inner)
        case (.float64s(let lists), .array(let inner)):
            ends(lists.map(\.count)) && write(.float64(Array(lists.joined())), as: inner)
        default: false
        }
    }

    private mutating func integers<T: FixedWidthInteger>(_ values: [T], _ width: Int, _ signed: Bool) -> Bool {
        switch (width, signed) {
        case (1, false): raw(values, UInt8.self)
        case (1, true): raw(values, Int8.self)
        case (2, false): raw(values, UInt16.self)
        case (2, true): raw(values, Int16.self)
        case (4, false): raw(values, UInt32.self)
        case (4, true): raw(values, Int32.self)
        case (_, false): raw(values, UInt64.self)
        default: raw(values, Int64.self)
        }
    }

    private mutating func raw<T: FixedWidthInteger, U: FixedWidthInteger & BitwiseCopyable>(
        _ values: [T], _ type: U.Type
    ) -> Bool {
        var exact: [U] = []
        exact.reserveCapacity(values.count)
        for value in values {
            guard let fitting = U(exactly: value) else { return false }
            exact.append(fitting.littleEndian)
        }
        exact.withUnsafeBytes { bytes.append(contentsOf: $0) }
        return true
    }

    private mutating func floats(_ values: [Double], _ width: Int) -> Bool {
        if width == 4 {
            values.map { Float($0) }.withUnsafeBytes { bytes.append(contentsOf: $0) }
        } else {
            values.withUnsafeBytes { bytes.append(contentsOf: $0) }
        }
        return true
    }

    private mutating func strings(_ values: [String]) -> Bool {
        for value in values { text(value) }
        return true
    }

    private mutating func ends(_ counts: [Int]) -> Bool {
        var end: UInt64 = 0
        let ends = counts.map { count in
            end += UInt64(count)
            return end
        }
        return raw(ends, UInt64.self)
    }

    private mutating func text(_ value: String) {
        varint(value.utf8.count)
        bytes.append(contentsOf: value.utf8)
    }

    private mutating func varint(_ value: Int) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
