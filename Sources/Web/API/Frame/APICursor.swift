import Engine
import Foundation

/// Where the next page of a list begins, opaque to callers: base64url over JSON.
package enum APICursor {
    package static let characters = 1_024
    package static let pageDefault = 50
    package static let pageMax = 200

    package static func text(_ value: JSONValue) -> String {
        Data(value.utf8Text()).base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }

    /// Throws: `Problem` when the text was not made by `text`.
    package static func value(_ text: String) throws -> JSONValue {
        let standard = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        let padded = standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        do {
            guard let data = Data(base64Encoded: padded) else { throw JSONError(.empty, at: 0) }
            return try JSONValue(parsing: Array(data), maximumDepth: 4)
        } catch {
            throw Problem(
                .badRequest, "bad_cursor", "The cursor is not one that this list gave out.",
                flaws: [Problem.Flaw("query.cursor", "is not a cursor")])
        }
    }
}
