import Foundation

/// Typed values as the JSON text in which the stores keep them: keys sorted, so equal values give equal text.
package enum StoredDocument {
    /// Throws: `EncodingError` for values JSON cannot express.
    package static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Throws: `DecodingError` when the text is of another shape.
    package static func value<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
