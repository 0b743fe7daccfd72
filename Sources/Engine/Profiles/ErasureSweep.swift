import Storage

/// Searches what an erasure cannot reach by id: rows of the log that are nobody's, quarantined bytes, examples of the
/// catalogue, imported files, kept answers and requests of jobs.
///
/// The values to search for are kept sealed until the search has ended. Safe to repeat; every room removes its own.
package enum ErasureSweep {
    package static let kind = "erasure"
    private static let purpose = "erasure"

    /// How an erasure stands.
    package struct Standing: Sendable, Equatable {
        package var requestedAt: Timestamp
        /// When the analytics store had forgotten the person.
        package var analyticsAt: Timestamp?
        /// When every text and file had been searched.
        package var sweptAt: Timestamp?
        package var isSearching: Bool
        package var progress: JobProgress?
        package var isFailed: Bool
    }

    /// One part of the search: its name, and what removes there. Each returns how much it removed.
    private struct Part: Sendable {
        var name: String
        var forget: @Sendable (JobContext, SoughtValues, Timestamp) async throws -> Int
    }

    private static let parts = [
        Part(name: "log", forget: EventLog.forget), Part(name: "quarantine", forget: QuarantineList.forget),
        Part(name: "catalogue", forget: CatalogueRows.forget), Part(name: "imports", forget: ImportedFiles.forget),
        Part(name: "answers", forget: IdempotentAnswers.forget), Part(name: "jobs", forget: JobQueue.forget),
        Part(name: "exports", forget: Exports.forget), Part(name: "views", forget: SavedViews.forget),
        Part(name: "webhooks", forget: WebhookRetention.forget),
    ]

    /// The names of the parts, in the order in which they are searched.
    package static var partNames: [String] { parts.map(\.name) }

    static func ask(
        for profileID: Int64, _ sought: SoughtValues, at now: Timestamp, effects: Effects, _ seal: Seal,
        _ connection: any SQLConnection
    ) throws {
        let sealed = seal.seal(try StoredDocument.text(sought), for: "\(purpose):\(profileID)", effects)
        try connection.execute("UPDATE profile_erasures SET sought = \(sealed) WHERE profile_id = \(profileID)")
        try JobQueue.enqueue(
            connection, kind: kind, key: key(profileID), request: "{\"profile\":\"\(profileID)\"}", dueAt: now,
            effects: effects)
    }

    /// Nil when the person was never erased. Throws: `StorageError`.
    package static func standing(of profileID: Int64, _ connection: any SQLConnection) throws -> Standing? {
        guard
            let row = try connection.first(
                """
                SELECT requested_ms, erased_ms, swept_ms, sought FROM profile_erasures WHERE profile_id = \(profileID)
                """)
        else { return nil }
        let living = try JobQueue.living(connection, key: key(profileID))
        let isSearching = try row.textOrNil(3) != nil
        return Standing(
            requestedAt: Timestamp(milliseconds: try row.int(0)),
            analyticsAt: try row.intOrNil(1).map(Timestamp.init(milliseconds:)),
            sweptAt: try row.intOrNil(2).map(Timestamp.init(milliseconds:)), isSearching: isSearching,
            progress: living?.progress, isFailed: isSearching && living == nil)
    }

    package static let handler = JobHandler(kind: kind) { context in
        let request = try JSONValue(parsing: context.job.request)
        guard let id = request["profile"]?.stringValue.flatMap({ Int64($0) }) else {
            throw JobFailure(code: "bad_request", message: "The erasure names no profile.")
        }
        let row = try await context.platform.store.read { connection in
            try connection.first("SELECT sought, requested_ms FROM profile_erasures WHERE profile_id = \(id)")
        }
        guard let row, let sealed = try row.textOrNil(0) else { return "{}" }
        let text = try context.platform.seal.open(sealed, for: "\(purpose):\(id)")
        let sought = try StoredDocument.value(SoughtValues.self, from: text)
        let requested = Timestamp(milliseconds: try row.int(1))
        var removed: [String: Int] = [:]
        for (index, part) in parts.enumerated() {
            try await context.report(
                JobProgress(done: Int64(index), total: Int64(parts.count), unit: "parts", phase: part.name))
            removed[part.name] = try await part.forget(context, sought, requested)
        }
        try await context.platform.analytics.forgetNobodys(sought, before: requested)
        try await context.write { connection in
            let now = context.platform.effects.now().milliseconds
            try connection.execute(
                """
                UPDATE profile_erasures SET sought = NULL, swept_ms = \(now) WHERE profile_id = \(id)
                """)
        }
        return try StoredDocument.text(removed)
    }

    private static func key(_ profileID: Int64) -> String { "erasure:\(profileID)" }
}
