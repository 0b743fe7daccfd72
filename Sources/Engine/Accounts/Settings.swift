import Foundation
import Storage

/// Small facts about the workspace and the background work, each a JSON document under a name.
package enum Settings {
    /// The document under `name`, or nil when it was never saved.
    /// Throws: `StorageError`, `DecodingError` when the document is of another shape.
    package static func load<Value: Decodable>(
        _ type: Value.Type, _ name: String, _ connection: any SQLConnection
    ) throws -> Value? {
        try text(name, connection).map { try JSONDecoder().decode(type, from: Data($0.utf8)) }
    }

    /// The same as it is stored. Throws: `StorageError`.
    static func text(_ name: String, _ connection: any SQLConnection) throws -> String? {
        try connection.first("SELECT value FROM settings WHERE name = \(name)")?.text(0)
    }

    /// Saves a document under `name`, over the one before. Throws: `StorageError`.
    package static func save(
        _ value: some Encodable, _ name: String, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(value), as: UTF8.self)
        try connection.execute(
            """
            INSERT INTO settings (name, value, updated_ms) VALUES (\(name), \(text), \(now.milliseconds))
            ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_ms = excluded.updated_ms
            """)
    }
}
