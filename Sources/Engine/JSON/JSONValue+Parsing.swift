extension JSONValue {
    /// Deeper documents are refused: the parser recurses, and so does everything that walks a tree.
    package static let maximumDepth = 128

    /// Reads one document. Throws: `JSONError` for everything that RFC 8259 does not allow.
    package init(parsing text: some StringProtocol, maximumDepth: Int = JSONValue.maximumDepth) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), maximumDepth: maximumDepth)
    }

    /// Reads one document from UTF-8.
    package init(parsing bytes: [UInt8], maximumDepth: Int = JSONValue.maximumDepth) throws(JSONError) {
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result { () throws(JSONError) in try JSONValue(parsing: buffer, maximumDepth: maximumDepth) }
        }
        self = try result.get()
    }

    /// Reads one document from bytes that are only borrowed.
    package init(
        parsing bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int = JSONValue.maximumDepth
    ) throws(JSONError) {
        var scanner = JSONScanner(bytes)
        self = try JSONValue.tree(&scanner, depth: maximumDepth)
        try scanner.finish()
    }

    private static func tree(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) -> JSONValue {
        switch scanner.peek() {
        case .object:
            guard depth > 0 else { throw JSONError(.tooDeep, at: scanner.position) }
            return try object(&scanner, depth: depth - 1)
        case .array:
            guard depth > 0 else { throw JSONError(.tooDeep, at: scanner.position) }
            var elements: [JSONValue] = []
            try scanner.enterArray()
            while try scanner.nextElement() {
                elements.append(try tree(&scanner, depth: depth - 1))
            }
            return .array(elements)
        default:
            let slice = try scanner.value()
            if let flaw = slice.flaw { throw flaw }
            return scalar(scanner, slice)
        }
    }

    private static func object(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) -> JSONValue {
        var members: [String: JSONValue] = [:]
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if let flaw = key.flaw { throw flaw }
            members[scanner.string(key) ?? ""] = try tree(&scanner, depth: depth)
        }
        return .object(members)
    }

    private static func scalar(_ scanner: JSONScanner, _ slice: JSONSlice) -> JSONValue {
        switch slice.kind {
        case .string: return .string(scanner.string(slice) ?? "")
        case .bool: return .bool(scanner.bool(slice) ?? false)
        case .number:
            if slice.isInteger, let value = scanner.integer(slice) { return .integer(value) }
            return .number(JSONLexer.double(scanner.bytes, slice.range))
        case .null, .array, .object: return .null
        }
    }
}
