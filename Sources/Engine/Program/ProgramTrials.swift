import Storage

/// Trials of versions: what the brand's own history would have come to. An approval is of one, and lapses when history
/// has moved on.
package enum ProgramTrials {
    static let jobKind = "program_trial"
    package static let oneInMax: Int64 = 1_000
    package static let listMax = 50
    /// History has moved materially when the log grew by more than a twentieth, or by so many events where that is more.
    static let materialEvents: Int64 = 1_000

    /// Begins one in the background. Throws: `ProgramError`, `StorageError`.
    package static func start(
        _ versionID: Int64, fromDay: Int64, oneIn: Int64 = 1, by actor: String, effects: Effects,
        _ connection: any SQLConnection
    ) throws -> ProgramTrial {
        let now = effects.now()
        try connection.lock("program_versions")
        let version = try ProgramVersions.get(versionID, connection)
        guard version.status != .retired else { throw ProgramError.status(version.status, verb: .submit) }
        let id = effects.newID()
        let job = try JobQueue.enqueue(
            connection, kind: jobKind, key: "program_trial:\(id)",
            request: try StoredDocument.text(["trial": String(id)]), dueAt: now, effects: effects)
        let compared = try ProgramVersions.published(connection)
        try connection.execute(
            """
            INSERT INTO program_trials (id, version_id, job_id, document_hash, compared, from_day, one_in, position,
                status, started_by, started_ms)
            VALUES (\(id), \(versionID), \(job.id), \(ProgramTrial.hash(of: version.document)),
                \(compared?.number ?? 0), \(fromDay), \(min(max(oneIn, 1), oneInMax)),
                \(try EventLog.end(connection)), 'running', \(actor), \(now.milliseconds))
            """)
        return try get(id, connection)
    }

    /// Throws: `ProgramError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> ProgramTrial {
        let row = try connection.first("SELECT \(raw: ProgramTrial.columns) FROM program_trials WHERE id = \(id)")
        guard let row else { throw ProgramError.notFound(id) }
        return try ProgramTrial(row)
    }

    /// Of one version, the newest first. Throws: `StorageError`.
    package static func list(_ versionID: Int64, _ connection: any SQLConnection) throws -> [ProgramTrial] {
        try connection.query(
            """
            SELECT \(raw: ProgramTrial.columns) FROM program_trials WHERE version_id = \(versionID)
            ORDER BY started_ms DESC, id DESC LIMIT \(listMax)
            """
        ).map(ProgramTrial.init)
    }

    /// The trial that an approval of the version as it is would be of. Throws: `ProgramError.trialMissing` when there is
    /// none of what it says now beside what is in force now, `.trialLapsed` when history has moved materially since.
    package static func valid(_ version: ProgramVersion, _ connection: any SQLConnection) throws -> ProgramTrial {
        let compared = try ProgramVersions.published(connection)?.number ?? 0
        let hash = ProgramTrial.hash(of: version.document)
        let done = try list(version.id, connection).first {
            $0.status == .done && $0.documentHash == hash && $0.compared == compared
        }
        guard let done else { throw ProgramError.trialMissing }
        return try current(done, connection)
    }

    /// The trial that its approval is of, as long as that holds: a newer one needs an approval of its own.
    /// Throws: `ProgramError.trialMissing` when another version is in force since, `.trialLapsed` when history has moved
    /// materially.
    package static func approved(_ version: ProgramVersion, _ connection: any SQLConnection) throws -> ProgramTrial {
        guard let id = version.trialID else { return try valid(version, connection) }
        let (trial, compared) = (try get(id, connection), try ProgramVersions.published(connection)?.number ?? 0)
        guard trial.documentHash == ProgramTrial.hash(of: version.document), trial.compared == compared else {
            throw ProgramError.trialMissing
        }
        return try current(trial, connection)
    }

    private static func current(_ trial: ProgramTrial, _ connection: any SQLConnection) throws -> ProgramTrial {
        let moved = try EventLog.end(connection) - trial.position
        guard moved <= max(materialEvents, trial.position / 20) else { throw ProgramError.trialLapsed }
        return trial
    }

    /// Whether its approval is of nothing any more. Throws: `StorageError`.
    package static func isLapsed(_ version: ProgramVersion, _ connection: any SQLConnection) throws -> Bool {
        do {
            _ = try approved(version, connection)
            return false
        } catch is ProgramError { return true }
    }

    static func conclude(
        _ id: Int64, _ status: ProgramTrial.Status, _ result: ProgramTrialResult?, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        let trial = try get(id, connection)
        let text = try result.map { try StoredDocument.text($0) }
        let hash = text.map { Digest.sha256(Array("\(trial.documentHash)\n\(trial.position)\n\($0)".utf8)) }
        try connection.execute(
            """
            UPDATE program_trials SET status = \(status.rawValue), finished_ms = \(now.milliseconds),
                result = \(text.sqlValue), hash = \(hash.sqlValue) WHERE id = \(id)
            """)
    }
}
