import Engine

/// Fields of a query or of an `application/x-www-form-urlencoded` body (WHATWG URL, §5.1): the last of a name wins.
struct FormFields {
    private var fields: [String: [UInt8]] = [:]
    /// The names in the order they came in.
    private(set) var names: [String] = []

    init(_ text: some Collection<UInt8>, limit: Int = 200) {
        for pair in text.split(separator: UInt8(ascii: "&"), maxSplits: limit) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = String(decoding: Self.decoded(pair[..<equals]), as: UTF8.self)
            if fields[name] == nil { names.append(name) }
            fields[name] = equals == pair.endIndex ? [] : Self.decoded(pair[pair.index(after: equals)...])
        }
    }

    /// The text of a field; nil when it is missing. Bytes that are no UTF-8 become U+FFFD.
    subscript(name: String) -> String? {
        fields[name].map { String(decoding: $0, as: UTF8.self) }
    }

    func bytes(_ name: String) -> [UInt8]? { fields[name] }

    var texts: [String: String] { fields.mapValues { String(decoding: $0, as: UTF8.self) } }

    /// As an object of texts. Throws: `ItemFlaw` for U+0000, which stores cannot keep.
    func item() throws(ItemFlaw) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for (name, bytes) in fields {
            guard !bytes.contains(0) else {
                throw ItemFlaw(.badEncoding, "“\(name)” holds the character U+0000.")
            }
            members[name] = .string(String(decoding: bytes, as: UTF8.self))
        }
        return .object(members)
    }

    /// `%XX` and `+` decoded.
    static func decoded(_ text: some Collection<UInt8>) -> [UInt8] {
        let plus = UInt8(ascii: "+")
        guard text.contains(where: { $0 == plus || $0 == UInt8(ascii: "%") }) else { return Array(text) }
        return SensorsForm.percentDecoded(text.map { $0 == plus ? 0x20 : $0 })
    }
}
