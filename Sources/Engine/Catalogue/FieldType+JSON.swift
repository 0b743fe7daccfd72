extension FieldType {
    /// The type of a slice; nil for null, which has none.
    static func of(_ slice: JSONSlice, _ bytes: UnsafeBufferPointer<UInt8>) -> FieldType? {
        switch slice.kind {
        case .null: return nil
        case .bool: return .boolean
        case .number: return slice.isInteger ? .integer : .number
        case .array: return .list
        case .object: return .object
        case .string: return isDateTime(bytes, slice.range) ? .datetime : .string
        }
    }

    /// `2026-05-01` or `2026-05-01T…` or `2026-05-01 …` (RFC 3339), in quotes.
    private static func isDateTime(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
        let start = range.lowerBound + 1
        let count = range.count - 2
        guard count == 10 || (16...40).contains(count) else { return false }
        guard bytes[start + 4] == UInt8(ascii: "-"), bytes[start + 7] == UInt8(ascii: "-") else { return false }
        for offset in [0, 1, 2, 3, 5, 6, 8, 9] where bytes[start + offset] &- UInt8(ascii: "0") > 9 { return false }
        guard count > 10 else { return true }
        return bytes[start + 10] == UInt8(ascii: "T") || bytes[start + 10] == UInt8(ascii: " ")
    }
}
