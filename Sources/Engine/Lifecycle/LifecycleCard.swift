import Science
import Storage

/// A published lifecycle model with what it was learnt from and whom it moved.
package struct LifecycleCard: Sendable, Codable, Equatable {
    package var version: Int64
    package var created: Timestamp
    /// The first and last day of the purchases used, in the workspace's calendar; nil without purchases.
    package var firstDay: Int64?
    package var lastDay: Int64
    /// People who bought, and their purchase days.
    package var buyers: Int
    package var purchases: Int
    package var model: LifecycleModel
    /// People whose stage this model changed, and everybody it was applied to so far.
    package var moves: [Move] = []
    package var assessed: Int = 0

    package struct Move: Sendable, Codable, Equatable {
        package var from: LifecycleStage?
        package var to: LifecycleStage
        package var people: Int
    }
}

extension LifecycleCard {
    /// The card of the model in force. Throws: `StorageError`, `DecodingError`.
    package static func newest(_ connection: any SQLConnection) throws -> LifecycleCard? {
        try connection.first("SELECT card FROM lifecycle_models ORDER BY version DESC LIMIT 1").map {
            try StoredDocument.value(LifecycleCard.self, from: try $0.text(0))
        }
    }

    /// Cards from the newest back, at most `limit`. Throws: `StorageError`, `DecodingError`.
    package static func list(_ connection: any SQLConnection, limit: Int = 30) throws -> [LifecycleCard] {
        try connection.query("SELECT card FROM lifecycle_models ORDER BY version DESC LIMIT \(limit)").map {
            try StoredDocument.value(LifecycleCard.self, from: try $0.text(0))
        }
    }

    /// The card of one version; nil when there is none. Throws: `StorageError`, `DecodingError`.
    package static func version(_ version: Int64, _ connection: any SQLConnection) throws -> LifecycleCard? {
        try connection.first("SELECT card FROM lifecycle_models WHERE version = \(version)").map {
            try StoredDocument.value(LifecycleCard.self, from: try $0.text(0))
        }
    }

    func save(_ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO lifecycle_models (version, created_ms, card)
            VALUES (\(version), \(created.milliseconds), \(try StoredDocument.text(self)))
            ON CONFLICT (version) DO UPDATE SET card = excluded.card
            """)
    }

    mutating func count(_ changes: [StageChange]) {
        for change in changes {
            if let index = moves.firstIndex(where: { $0.from == change.from && $0.to == change.to }) {
                moves[index].people += 1
            } else {
                moves.append(Move(from: change.from, to: change.to, people: 1))
            }
        }
    }
}
