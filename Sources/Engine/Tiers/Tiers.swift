import Storage

/// The pyramid of tiers: who stands where, why, until when, and what is missing to the next.
///
/// Invariants: `TierCourse` decides, purely; this room brings it facts and writes what follows in the transaction in which
/// they became true. A member has one row; every change has one row of the history, numbered without a gap, and one event
/// `Tier Changed`. `profiles.tier` is what the row says. A ladder that is published holds for everybody at once; nobody
/// falls by it.
package enum Tiers {
    package static let changed = "Tier Changed"
    package static let noticed = "Tier Notice"
}

/// Ladders as they were published; the last one holds.
package enum TierLadders {
    package struct Published: Sendable, Equatable {
        package var version: Int64
        package var ladder: TierLadder
        package var author: String
        package var publishedAt: Timestamp
    }

    private static let columns = "version, definition, author, published_ms"

    /// nil while none is published. Throws: `StorageError`, `DecodingError`.
    package static func current(_ connection: any SQLConnection) throws -> Published? {
        try connection.first("SELECT \(raw: columns) FROM tier_ladders ORDER BY version DESC LIMIT 1").map(published)
    }

    /// Throws: `TierError.noLadder`, `StorageError`.
    package static func required(_ connection: any SQLConnection) throws -> Published {
        guard let found = try current(connection) else { throw TierError.noLadder }
        return found
    }

    /// The newest first. Throws: `StorageError`.
    package static func list(
        before version: Int64 = .max, limit: Int, _ connection: any SQLConnection
    ) throws -> [Published] {
        try connection.query(
            """
            SELECT \(raw: columns) FROM tier_ladders WHERE version < \(version) ORDER BY version DESC LIMIT \(limit)
            """
        ).map(published)
    }

    /// Lets a ladder hold from now on; members are placed by it in a job. The same ladder again changes nothing.
    /// `after`: the version that it was written after; nil: whichever. Throws: `TierError`, `StorageError`.
    @discardableResult
    package static func publish(
        _ ladder: TierLadder, after version: Int64? = nil, isApproved: Bool = false, by author: String,
        effects: Effects,
        _ connection: any SQLConnection
    ) throws -> Published {
        if let program = try ProgramVersions.published(connection), program.program?.tiers != nil {
            throw TierError.ofProgram(number: program.number)
        }
        if !isApproved, try ApprovalPolicy.load(connection).coversLadders, let last = try current(connection),
            last.ladder != ladder
        {
            throw TierError.needsApproval
        }
        return try put(ladder, after: version, by: author, at: effects.now(), connection)
    }

    /// The tiers of a program that comes into force. Throws: `TierError`, `DecodingError`, `StorageError`.
    package static func follow(
        _ tiers: JSONValue, by author: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try put(try ladder(of: tiers), by: author, at: now, connection)
    }

    /// Throws: `TierError.invalidLadder` with what cannot be used.
    package static func ladder(of tiers: JSONValue) throws -> TierLadder {
        do {
            let ladder = try StoredDocument.value(TierLadder.self, from: tiers.text())
            try ladder.validate()
            return ladder
        } catch let error as DecodingError {
            throw TierError.invalidLadder(field: "", reason: "lacks a field, or has one of another kind: \(error)")
        }
    }

    @discardableResult
    private static func put(
        _ ladder: TierLadder, after version: Int64? = nil, by author: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> Published {
        try ladder.validate()
        try connection.lock("tier_ladders")
        let last = try current(connection)
        if let version, version != last?.version ?? 0 {
            throw TierError.editedMeanwhile(version: last?.version ?? 0)
        }
        if let last, last.ladder == ladder { return last }
        let next = (last?.version ?? 0) + 1
        try connection.execute(
            """
            INSERT INTO tier_ladders (version, definition, author, published_ms)
            VALUES (\(next), \(try StoredDocument.text(ladder)), \(author), \(now.milliseconds))
            """)
        return Published(version: next, ladder: ladder, author: author, publishedAt: now)
    }

    private static func published(_ row: SQLRow) throws -> Published {
        Published(
            version: try row.int(0), ladder: try stored(row.text(1)), author: try row.text(2),
            publishedAt: Timestamp(milliseconds: try row.int(3)))
    }

    private static let rememberedMax = 100
    private static let remembered = DecodedTexts<TierLadder>(limit: rememberedMax)

    /// A ladder as its row tells it: whatever earns points reads it.
    private static func stored(_ definition: String) throws -> TierLadder {
        try remembered.value(of: definition) { try StoredDocument.value(TierLadder.self, from: $0) }
    }
}
