/// What a value is, as its first byte tells.
package enum JSONKind: Sendable, Hashable {
    case null, bool, number, string, array, object
}

/// One value of a document: where it stands and what was noticed while passing over it.
package struct JSONSlice: Sendable {
    package var kind: JSONKind
    /// The bytes of the value, quotes and brackets included.
    package var range: Range<Int>
    /// Nesting: 0 for a scalar, 1 for `[]`, 2 for `[[]]`.
    package var depth = 0
    /// Elements or members at the top level of the value.
    package var count = 0
    /// A string with escapes.
    package var hasEscapes = false
    /// A number without fraction and exponent.
    package var isInteger = false
    /// A string somewhere inside holds `\u0000`.
    package var hasNUL = false
    /// The first thing inside the value that breaks RFC 8259 although its end could be found.
    package var flaw: JSONError?

    mutating func note(_ token: JSONLexer.Token) {
        if flaw == nil { flaw = token.flaw }
        if token.hasNUL { hasNUL = true }
    }
}
