/// Writes one JSON object member by member into reused memory.
struct JSONObjectWriter {
    private(set) var bytes: [UInt8] = []

    mutating func begin() {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(UInt8(ascii: "{"))
    }

    /// Closes the object and returns its text.
    mutating func end() -> String {
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    var isEmpty: Bool { bytes.count <= 1 }

    mutating func key(_ name: String) {
        separate()
        JSONText.append(name, to: &bytes)
        bytes.append(ASCII.colon)
    }

    /// A key that needs no escapes.
    mutating func key(_ name: StaticString) {
        separate()
        bytes.append(ASCII.quote)
        name.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(ASCII.quote)
        bytes.append(ASCII.colon)
    }

    mutating func string(named name: String, _ value: ByteView) {
        guard value.count > 0 else { return }
        key(name)
        append(value)
    }

    mutating func string(_ name: StaticString, _ value: String) {
        guard !value.isEmpty else { return }
        key(name)
        var value = value
        value.withUTF8 { append($0) }
    }

    mutating func integer(_ name: StaticString, _ value: Int64) {
        key(name)
        bytes.append(contentsOf: String(value).utf8)
    }

    mutating func amount(_ name: StaticString, _ value: ExactAmount) {
        key(name)
        value.append(to: &bytes)
    }

    private mutating func append(_ value: ByteView) {
        bytes.append(ASCII.quote)
        var plain = 0
        for (index, byte) in value.enumerated() where byte < 0x20 || byte == ASCII.quote || byte == UInt8(ascii: "\\") {
            bytes.append(contentsOf: value[plain..<index])
            escape(byte)
            plain = index + 1
        }
        bytes.append(contentsOf: value[plain..<value.count])
        bytes.append(ASCII.quote)
    }

    /// Under a name that is only known at run time.
    mutating func string(named name: String, _ value: String) {
        guard !value.isEmpty else { return }
        key(name)
        var value = value
        value.withUTF8 { append($0) }
    }

    mutating func raw(_ name: StaticString, _ value: some Sequence<UInt8>) {
        key(name)
        bytes.append(contentsOf: value)
    }

    /// A value that is JSON already: a number's text, `true`, a document.
    mutating func raw(named name: String, _ value: some Sequence<UInt8>) {
        key(name)
        bytes.append(contentsOf: value)
    }

    /// Members that another writer wrote, without their braces.
    mutating func members(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func separate() {
        if bytes.last != UInt8(ascii: "{") { bytes.append(ASCII.comma) }
    }

    private mutating func escape(_ byte: UInt8) {
        let hex = Array("0123456789abcdef".utf8)
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case ASCII.quote, UInt8(ascii: "\\"): bytes.append(byte)
        case ASCII.lineFeed: bytes.append(UInt8(ascii: "n"))
        case ASCII.carriageReturn: bytes.append(UInt8(ascii: "r"))
        case ASCII.tab: bytes.append(UInt8(ascii: "t"))
        default:
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(hex[Int(byte >> 4)])
            bytes.append(hex[Int(byte & 15)])
        }
    }
}
