import Storage

/// The currencies of the program. Each can be changed, for what is earned from then on; none that was used can go.
package enum PointsCurrencies {
    /// A currency with what tells apart who changed it.
    package struct Stored: Sendable, Equatable {
        package var currency: PointsCurrency
        package var version: Int64
        package var updatedMS: Int64

        package var revision: Revision {
            get throws { try Revision(of: currency) }
        }
    }

    /// In the order in which they were made. Throws: `StorageError`.
    package static func list(_ connection: any SQLConnection) throws -> [Stored] {
        try connection.query("SELECT definition, version, updated_ms FROM points_currencies ORDER BY created_ms, code")
            .map(stored)
    }

    /// nil when there is none. Throws: `StorageError`.
    package static func stored(_ code: String, _ connection: any SQLConnection) throws -> Stored? {
        try connection.first(
            "SELECT definition, version, updated_ms FROM points_currencies WHERE code = \(code)"
        ).map(stored)
    }

    /// Throws: `PointsError.unknownCurrency`, `StorageError`.
    private static func get(_ code: String, _ connection: any SQLConnection) throws -> Stored {
        guard let found = try stored(code, connection) else { throw PointsError.unknownCurrency(code) }
        return found
    }

    /// Throws: `PointsError`, `StorageError`.
    package static func create(
        _ currency: PointsCurrency, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Stored {
        try currency.validate()
        try connection.lock("points_currencies")
        let codes = try connection.query("SELECT code FROM points_currencies").map { try $0.text(0) }
        guard !codes.contains(currency.code) else { throw PointsError.currencyExists(currency.code) }
        guard codes.count < PointsLimits.currencies else {
            throw PointsError.tooManyCurrencies(limit: PointsLimits.currencies)
        }
        try connection.execute(
            """
            INSERT INTO points_currencies (code, definition, version, created_ms, updated_ms)
            VALUES (\(currency.code), \(try StoredDocument.text(currency)), 1, \(now.milliseconds),
                \(now.milliseconds))
            """)
        return try get(currency.code, connection)
    }

    /// The scale of a currency that was used stays: amounts are counted in it. Throws: `PointsError`, `StorageError`.
    package static func update(
        _ currency: PointsCurrency, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Stored {
        try currency.validate()
        try connection.lock("points_currencies")
        let before = try get(currency.code, connection)
        if before.currency.scale != currency.scale, try isUsed(currency.code, connection) {
            throw PointsError.invalidCurrency(field: "scale", reason: "cannot change once the currency was used")
        }
        try connection.execute(
            """
            UPDATE points_currencies SET definition = \(try StoredDocument.text(currency)), version = version + 1,
                updated_ms = \(now.milliseconds) WHERE code = \(currency.code)
            """)
        // Notices may fall due earlier than was thought.
        try connection.execute(
            """
            UPDATE points_accounts SET due_ms = \(now.milliseconds) WHERE due_ms IS NOT NULL AND id IN
                (SELECT account_id FROM points_balances WHERE currency = \(currency.code) AND available > 0)
            """)
        return try get(currency.code, connection)
    }

    /// Throws: `PointsError.currencyInUse`, `.currencyUsedBy`, `.unknownCurrency`, `StorageError`.
    package static func delete(_ code: String, _ connection: any SQLConnection) throws {
        try connection.lock("points_currencies")
        _ = try get(code, connection)
        guard try !isUsed(code, connection) else { throw PointsError.currencyInUse(code) }
        let uses = try usedBy(code, connection)
        guard uses.isEmpty else { throw PointsError.currencyUsedBy(uses) }
        try connection.execute("DELETE FROM points_currencies WHERE code = \(code)")
    }

    /// Definitions that ask for its points. Throws: `StorageError`.
    package static func usedBy(_ code: String, _ connection: any SQLConnection) throws -> [SegmentUse] {
        try DefinitionUses.find(connection) { $0.currencies.contains(code) }
            + Journeys.uses(of: .currency(code), connection)
    }

    private static func isUsed(_ code: String, _ connection: any SQLConnection) throws -> Bool {
        try connection.first("SELECT 1 FROM points_balances WHERE currency = \(code) LIMIT 1") != nil
    }

    private static func stored(_ row: SQLRow) throws -> Stored {
        Stored(
            currency: try currency(row.text(0)), version: try row.int(1), updatedMS: try row.int(2))
    }

    private static let rememberedMax = 200
    private static let remembered = DecodedTexts<PointsCurrency>(limit: rememberedMax)

    /// A currency as its row tells it. Every command reads them all. Throws: `DecodingError`.
    static func currency(_ definition: String) throws -> PointsCurrency {
        try remembered.value(of: definition) { try StoredDocument.value(PointsCurrency.self, from: $0) }
    }
}
