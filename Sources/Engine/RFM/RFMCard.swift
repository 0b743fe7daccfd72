import Science
import Storage

/// A saved RFM computation: its settings, cut points and counts, and whom it moved.
package struct RFMCard: Sendable, Codable, Equatable {
    package var version: Int64
    package var created: Timestamp
    package var report: RFMReport
    /// People whose class changed, by class before and after; nil: none.
    package var moves: [RFMMovement.Flow] = []

    /// The card behind the profiles' present classes. Throws: `StorageError`, `DecodingError`.
    package static func newest(_ connection: any SQLConnection) throws -> RFMCard? {
        try list(connection, limit: 1).first
    }

    /// Cards from the newest back. Throws: `StorageError`, `DecodingError`.
    package static func list(_ connection: any SQLConnection, limit: Int = 30) throws -> [RFMCard] {
        try connection.query("SELECT card FROM rfm_models ORDER BY version DESC LIMIT \(limit)").map {
            try StoredDocument.value(RFMCard.self, from: try $0.text(0))
        }
    }

    func save(_ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO rfm_models (version, created_ms, card)
            VALUES (\(version), \(created.milliseconds), \(try StoredDocument.text(self)))
            ON CONFLICT (version) DO UPDATE SET card = excluded.card
            """)
    }

    mutating func count(from before: String?, to after: String?) {
        if let index = moves.firstIndex(where: { $0.from == before && $0.to == after }) {
            moves[index].people += 1
        } else {
            moves.append(RFMMovement.Flow(from: before, to: after, people: 1))
        }
    }
}
