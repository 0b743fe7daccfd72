/// Why a text is not JSON, and at which byte.
package struct JSONError: Error, Sendable, Hashable {
    package enum Reason: String, Sendable, Hashable {
        case empty = "the document is empty"
        case unexpectedEnd = "the document ends too early"
        case unexpectedCharacter = "a character is out of place"
        case badLiteral = "a bare word is neither true, false, null nor a number"
        case badNumber = "a number is not written as JSON asks"
        case numberOutOfRange = "a number is too large for a double"
        case badEscape = "a backslash is followed by something unknown"
        case badUTF8 = "the bytes are not UTF-8"
        case controlCharacter = "a control character stands in a string without an escape"
        case tooDeep = "arrays and objects are nested too deeply"
        case trailingCharacters = "something follows the document"
    }

    package var reason: Reason
    /// Byte offset in the document.
    package var offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "\(reason.rawValue) (byte \(offset))" }
}
