/// One row of a backup as a line of JSON: an array of null, integers, reals (always with a point or an exponent),
/// strings, and `{"hex":"…"}` for bytes. Exact in both directions.
enum BackupLine {
    static func append(_ row: SQLRow, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "["))
        for (index, value) in row.values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func append(_ value: SQLValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .integer(let integer): bytes.append(contentsOf: String(integer).utf8)
        case .real(let real) where real.isFinite: bytes.append(contentsOf: String(real).utf8)
        case .real(let real): bytes.append(contentsOf: "{\"real\":\"\(real)\"}".utf8)
        case .text(let text): append(text, to: &bytes)
        case .blob(let blob):
            bytes.append(contentsOf: "{\"hex\":\"".utf8)
            for byte in blob {
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
            bytes.append(contentsOf: "\"}".utf8)
        }
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static let digits = Array("0123456789abcdef".utf8)

    /// The values of a line without its newline, or nil when it was not written by `append`.
    static func parse(_ line: ArraySlice<UInt8>) -> [SQLValue]? {
        var parser = BackupLineParser(line)
        return parser.row()
    }
}

/// Reads exactly what `BackupLine.append` writes.
private struct BackupLineParser {
    private var rest: ArraySlice<UInt8>

    init(_ line: ArraySlice<UInt8>) {
        rest = line
    }

    mutating func row() -> [SQLValue]? {
        guard take("[") else { return nil }
        var values: [SQLValue] = []
        if take("]") { return rest.isEmpty ? values : nil }
        while let value = value() {
            values.append(value)
            if take(",") { continue }
            return take("]") && rest.isEmpty ? values : nil
        }
        return nil
    }

    private mutating func value() -> SQLValue? {
        switch rest.first {
        case UInt8(ascii: "n"): return take("null") ? .null : nil
        case UInt8(ascii: "\""): return string().map { .text($0) }
        case UInt8(ascii: "{"):
            if take("{\"hex\":") { return ending(string().flatMap(bytes).map { .blob($0) }) }
            if take("{\"real\":") { return ending(string().flatMap(Double.init).map { .real($0) }) }
            return nil
        default: return number()
        }
    }

    private mutating func ending(_ value: SQLValue?) -> SQLValue? {
        take("}") ? value : nil
    }

    private mutating func number() -> SQLValue? {
        let digits = rest.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "]") }
        rest = rest[digits.endIndex...]
        let text = String(decoding: digits, as: UTF8.self)
        if let integer = Int64(text) { return .integer(integer) }
        return Double(text).map { .real($0) }
    }

    private mutating func string() -> String? {
        guard take("\"") else { return nil }
        var found: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: found, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let escaped = escaped() else { return nil }
                found.append(escaped)
            default: found.append(byte)
            }
        }
        return nil
    }

    private mutating func escaped() -> UInt8? {
        if take("u00") {
            let code = rest.prefix(2)
            rest = rest.dropFirst(2)
            return UInt8(String(decoding: code, as: UTF8.self), radix: 16)
        }
        return rest.popFirst()
    }

    private func bytes(_ hex: String) -> [UInt8]? {
        let digits = Array(hex.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard rest.starts(with: wanted) else { return false }
        rest = rest.dropFirst(wanted.count)
        return true
    }
}
