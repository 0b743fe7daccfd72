/// Walks a document without building a tree: the hot path of collection.
///
/// The caller enters the objects and arrays it knows and takes everything else as raw, validated slices:
/// ```swift
/// try scanner.enterObject()
/// while let key = try scanner.nextKey() {
///     let value = try scanner.value()
///     if scanner.matches(key, "event") { name = scanner.string(value) }
/// }
/// try scanner.finish()
/// ```
/// Only a broken structure throws. A flaw inside a value whose end is clear (`NaN`, bytes that are not UTF-8) is told
/// in `JSONSlice.flaw`, so that one bad event of a batch can be set aside and the others kept. Nesting is not limited
/// here (the walk does not recurse); `JSONSlice.depth` tells it.
package struct JSONScanner {
    package let bytes: UnsafeBufferPointer<UInt8>
    package private(set) var position: Int
    /// No member or element of the container just entered has been read yet.
    private var isFresh = false

    /// `bytes` must outlive the scanner, which begins at `position`.
    package init(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    /// Checks that the whole document is JSON and returns it as one slice. Throws: also for flaws.
    package static func validate(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> JSONSlice {
        var scanner = JSONScanner(bytes)
        let slice = try scanner.value()
        if let flaw = slice.flaw { throw flaw }
        try scanner.finish()
        return slice
    }

    // MARK: Walking

    /// What the next value is; nil at the end of the document or before a structural character.
    package mutating func peek() -> JSONKind? {
        skipSpace()
        guard position < bytes.count else { return nil }
        switch bytes[position] {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case JSONLexer.quote: return .string
        case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","), UInt8(ascii: ":"): return nil
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case UInt8(ascii: "n"): return .null
        default: return .bool
        }
    }

    package mutating func enterObject() throws(JSONError) {
        try expect(UInt8(ascii: "{"))
        isFresh = true
    }

    /// The next key of the object entered, with its value up next; nil behind the last one.
    package mutating func nextKey() throws(JSONError) -> JSONSlice? {
        guard try nextPlace(closing: UInt8(ascii: "}")) else { return nil }
        return try key()
    }

    package mutating func enterArray() throws(JSONError) {
        try expect(UInt8(ascii: "["))
        isFresh = true
    }

    /// Whether an element of the array entered is up next; false behind the last one.
    package mutating func nextElement() throws(JSONError) -> Bool {
        try nextPlace(closing: UInt8(ascii: "]"))
    }

    /// Throws unless only white space is left.
    package mutating func finish() throws(JSONError) {
        skipSpace()
        if position < bytes.count { throw JSONError(.trailingCharacters, at: position) }
    }

    /// Passes over the next value, whatever it is.
    package mutating func value() throws(JSONError) -> JSONSlice {
        skipSpace()
        guard position < bytes.count else {
            throw JSONError(position == 0 || bytes.isEmpty ? .empty : .unexpectedEnd, at: position)
        }
        let byte = bytes[position]
        if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") { return try container() }
        return try scalar()
    }

    // MARK: Reading slices

    /// Whether a key (or any string without escapes) is this ASCII word.
    @inline(__always)
    package func matches(_ slice: JSONSlice, _ word: StaticString) -> Bool {
        JSONLexer.matches(bytes, slice.range.lowerBound + 1..<slice.range.upperBound - 1, word)
    }

    /// The text of a string slice; nil for any other kind.
    package func string(_ slice: JSONSlice) -> String? {
        guard slice.kind == .string else { return nil }
        return JSONLexer.decode(bytes, slice.range, hasEscapes: slice.hasEscapes)
    }

    /// The integer of a number slice, also of `3.0`; nil for any other kind and beyond 64 bits.
    package func integer(_ slice: JSONSlice) -> Int64? {
        guard slice.kind == .number else { return nil }
        if slice.isInteger { return JSONLexer.integer(bytes, slice.range) }
        return Int64(exactly: JSONLexer.double(bytes, slice.range))
    }

    package func bool(_ slice: JSONSlice) -> Bool? {
        guard slice.kind == .bool else { return nil }
        return bytes[slice.range.lowerBound] == UInt8(ascii: "t")
    }

    /// The bytes of a slice as text, as they were written.
    package func raw(_ slice: JSONSlice) -> String {
        String(decoding: UnsafeBufferPointer(rebasing: bytes[slice.range]), as: UTF8.self)
    }

    /// A copy of the bytes of a range.
    package func copy(_ range: Range<Int>) -> [UInt8] {
        Array(bytes[range])
    }

    // MARK: Inside

    private mutating func skipSpace() {
        while position < bytes.count, JSONLexer.isSpace(bytes[position]) { position += 1 }
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        skipSpace()
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        guard bytes[position] == byte else { throw JSONError(.unexpectedCharacter, at: position) }
        position += 1
    }

    private mutating func nextPlace(closing: UInt8) throws(JSONError) -> Bool {
        skipSpace()
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        let wasFresh = isFresh
        isFresh = false
        if bytes[position] == closing {
            position += 1
            return false
        }
        if wasFresh { return true }
        try expect(UInt8(ascii: ","))
        return true
    }

    private mutating func key() throws(JSONError) -> JSONSlice {
        skipSpace()
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
        guard bytes[position] == JSONLexer.quote else { throw JSONError(.unexpectedCharacter, at: position) }
        let key = try scalar()
        try expect(UInt8(ascii: ":"))
        return key
    }

    private mutating func scalar() throws(JSONError) -> JSONSlice {
        let start = position
        let byte = bytes[start]
        var kind = JSONKind.string
        let token: JSONLexer.Token
        if byte == JSONLexer.quote {
            token = try JSONLexer.string(bytes, at: start)
        } else if byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") < 10 {
            kind = .number
            token = JSONLexer.number(bytes, at: start)
        } else {
            (token, kind) = JSONLexer.literal(bytes, at: start)
            guard token.end > start else { throw JSONError(.unexpectedCharacter, at: start) }
        }
        position = token.end
        var slice = JSONSlice(kind: kind, range: start..<token.end)
        slice.hasEscapes = token.hasEscapes
        slice.isInteger = token.isInteger
        slice.note(token)
        return slice
    }

    /// Passes over an object or array with the open brackets on a bit stack instead of the call stack.
    private mutating func container() throws(JSONError) -> JSONSlice {
        let start = position
        var slice = JSONSlice(kind: bytes[start] == UInt8(ascii: "{") ? .object : .array, range: start..<start)
        var open = BracketStack()
        repeat {
            let byte = bytes[position]
            if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                open.push(isObject: byte == UInt8(ascii: "{"))
                slice.depth = max(slice.depth, open.count)
                position += 1
                isFresh = true
            } else {
                let inner = try scalar()
                absorb(inner, into: &slice)
            }
            try advance(&open, &slice)
        } while open.count > 0
        slice.range = start..<position
        isFresh = false
        return slice
    }

    /// Closes what ends here and stops before the next value, or behind the outermost bracket.
    private mutating func advance(_ open: inout BracketStack, _ slice: inout JSONSlice) throws(JSONError) {
        while open.count > 0 {
            guard try nextPlace(closing: open.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
                open.pop()
                continue
            }
            if open.count == 1 { slice.count += 1 }
            if open.isObject { absorb(try key(), into: &slice) }
            skipSpace()
            guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
            return
        }
    }

    private func absorb(_ inner: JSONSlice, into slice: inout JSONSlice) {
        if slice.flaw == nil { slice.flaw = inner.flaw }
        if inner.hasNUL { slice.hasNUL = true }
    }
}
