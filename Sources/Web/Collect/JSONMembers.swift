import Engine

/// Looking into and adding to JSON objects that were validated before, as text.
enum JSONMembers {
    /// The keys and values of an object.
    static func slices(
        of bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) -> [(key: JSONSlice, value: JSONSlice)] {
        var found: [(key: JSONSlice, value: JSONSlice)] = []
        var scanner = JSONScanner(bytes, at: range.lowerBound)
        do {
            try scanner.enterObject()
            while let key = try scanner.nextKey() { found.append((key, try scanner.value())) }
        } catch {
            // The range was validated; what was read up to a flaw stands.
        }
        return found
    }

    /// The text of the member of this name when it is an object that is not empty.
    static func object(_ name: StaticString, in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String? {
        let scanner = JSONScanner(bytes)
        let found = slices(of: bytes, range).last { scanner.matches($0.key, name) }
        guard let value = found?.value, value.kind == .object, value.count > 0 else { return nil }
        return scanner.raw(value)
    }

    /// The object with members put before its own; where a name repeats, its own one is the last and wins.
    static func prepend(
        _ members: [(name: String, text: String?)], raw: [(name: String, json: String?)] = [], to object: String
    ) -> String {
        var parts: [String] = []
        for case (let name, let text?) in members { parts.append(JSONText.quoted(name) + ":" + JSONText.quoted(text)) }
        for case (let name, let json?) in raw { parts.append(JSONText.quoted(name) + ":" + json) }
        guard !parts.isEmpty else { return object }
        let rest = object.dropFirst()
        let isEmpty = rest.utf8.first { !isSpace($0) } == UInt8(ascii: "}")
        return "{" + parts.joined(separator: ",") + (isEmpty ? "}" : "," + rest)
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }
}
