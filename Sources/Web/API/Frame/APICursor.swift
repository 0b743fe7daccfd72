import Engine

/// Where the next page of a list begins, opaque to callers: base64url over JSON.
package enum APICursor {
    package static let characters = 1_024
    package static let pageDefault = 50
    package static let pageMax = 200

    package static func text(_ value: JSONValue) -> String {
        Base64URL.text(value.utf8Text())
    }

    /// Throws: `Problem` when the text was not made by `text`.
    package static func value(_ text: String) throws -> JSONValue {
        do {
            guard let bytes = Base64URL.bytes(text) else { throw JSONError(.empty, at: 0) }
            return try JSONValue(parsing: bytes, maximumDepth: 4)
        } catch {
            throw Problem(
                .badRequest, "bad_cursor", "The cursor is not one that this list gave out.",
                flaws: [Problem.Flaw("query.cursor", "is not a cursor")])
        }
    }
}
