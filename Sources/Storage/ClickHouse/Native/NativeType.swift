/// A column type as far as its layout in ClickHouse's Native format goes.
indirect enum NativeType: Sendable, Equatable {
    /// Whole numbers, and what is stored as one: dates, times, enumerations.
    case integer(bytes: Int, signed: Bool)
    case float(bytes: Int)
    case string
    case fixedString(Int)
    case array(NativeType)
    case nullable(NativeType)
    /// The type of NULL and of the items of an empty array: one byte each.
    case nothing

    /// Reads a type name as in `system.columns`. Throws: `StorageError.unexpectedValue` for one without column kind.
    init(_ name: String) throws {
        if let inner = Self.inner(name, of: "Array") {
            self = .array(try NativeType(inner))
        } else if let inner = Self.inner(name, of: "Nullable") {
            self = .nullable(try NativeType(inner))
        } else if let inner = Self.inner(name, of: "LowCardinality") {
            self = try NativeType(inner)
        } else if let width = Self.inner(name, of: "FixedString").flatMap({ Int($0) }) {
            self = .fixedString(width)
        } else if let plain = Self.plain(name.prefix { $0 != "(" }) {
            self = plain
        } else {
            throw StorageError.unexpectedValue(
                column: 0, expected: "a number, string, date or array of these", found: name)
        }
    }

    private static func plain(_ name: Substring) -> NativeType? {
        switch name {
        case "UInt8", "Bool": .integer(bytes: 1, signed: false)
        case "UInt16", "Date": .integer(bytes: 2, signed: false)
        case "UInt32", "DateTime": .integer(bytes: 4, signed: false)
        case "UInt64": .integer(bytes: 8, signed: false)
        case "Int8", "Enum8": .integer(bytes: 1, signed: true)
        case "Int16", "Enum16": .integer(bytes: 2, signed: true)
        case "Int32", "Date32": .integer(bytes: 4, signed: true)
        case "Int64", "DateTime64": .integer(bytes: 8, signed: true)
        case "Float32": .float(bytes: 4)
        case "Float64": .float(bytes: 8)
        case "String": .string
        case "Nothing": .nothing
        default: nil
        }
    }

    private static func inner(_ name: String, of wrapper: String) -> String? {
        guard name.hasPrefix(wrapper + "("), name.hasSuffix(")") else { return nil }
        return String(name.dropFirst(wrapper.count + 1).dropLast())
    }
}
