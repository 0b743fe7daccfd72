import Storage

/// The versions of the program and their way from draft to retired.
package enum ProgramVersions {
    // MARK: Reading

    /// The newest first. Throws: `StorageError`.
    package static func list(_ connection: any SQLConnection) throws -> [ProgramVersion] {
        try connection.query(
            """
            SELECT \(raw: ProgramVersion.columns) FROM program_versions ORDER BY number DESC
            LIMIT \(ProgramLimits.versions)
            """
        ).map(ProgramVersion.init)
    }

    /// Throws: `ProgramError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> ProgramVersion {
        let row = try connection.first(
            "SELECT \(raw: ProgramVersion.columns) FROM program_versions WHERE id = \(id)")
        guard let row else { throw ProgramError.notFound(id) }
        return try ProgramVersion(row)
    }

    /// By the number that awards name. Throws: `StorageError`.
    package static func numbered(_ number: Int64, _ connection: any SQLConnection) throws -> ProgramVersion? {
        try connection.first(
            "SELECT \(raw: ProgramVersion.columns) FROM program_versions WHERE number = \(number)"
        ).map(ProgramVersion.init)
    }

    /// The one in force; nil when there is none. Throws: `StorageError`.
    package static func published(_ connection: any SQLConnection) throws -> ProgramVersion? {
        try connection.first(
            "SELECT \(raw: ProgramVersion.columns) FROM program_versions WHERE status = 'published'"
        ).map(ProgramVersion.init)
    }

    /// What was done to a version, the oldest first. Throws: `StorageError`.
    package static func steps(of id: Int64, _ connection: any SQLConnection) throws -> [ProgramStep] {
        try connection.query(
            "SELECT at_ms, actor, verb, note FROM program_steps WHERE version_id = \(id) ORDER BY step"
        ).map { row in
            ProgramStep(
                at: Timestamp(milliseconds: try row.int(0)), actor: try row.text(1),
                verb: ProgramStep.Verb(rawValue: try row.text(2)) ?? .edit, note: try row.text(3))
        }
    }

    /// Versions that wait for a review, the newest first. Throws: `StorageError`.
    package static func inReview(_ connection: any SQLConnection) throws -> [ProgramVersion] {
        try connection.query(
            """
            SELECT \(raw: ProgramVersion.columns) FROM program_versions WHERE status = 'review' ORDER BY number DESC
            LIMIT \(ProgramLimits.versions)
            """
        ).map(ProgramVersion.init)
    }

    /// Those whose approval has lapsed, which wait for another, the newest first. Throws: `StorageError`.
    package static func lapsed(_ connection: any SQLConnection) throws -> [ProgramVersion] {
        try connection.query(
            """
            SELECT \(raw: ProgramVersion.columns) FROM program_versions WHERE status = 'approved' ORDER BY number DESC
            LIMIT \(ProgramLimits.versions)
            """
        ).map(ProgramVersion.init).filter { try ProgramTrials.isLapsed($0, connection) }
    }

    /// How many wait for a review. Throws: `StorageError`.
    package static func waiting(_ connection: any SQLConnection) throws -> Int64 {
        try connection.first("SELECT count(*) FROM program_versions WHERE status = 'review'")?.int(0) ?? 0
    }

    // MARK: Drafts

    /// Throws: `ProgramError`, `StorageError`.
    package static func create(
        title: String, document: String, basedOn: Int64? = nil, by actor: String, effects: Effects,
        _ connection: any SQLConnection
    ) throws -> ProgramVersion {
        let now = effects.now()
        try connection.lock("program_versions")
        let title = try checked(title)
        let document = try checked(document: document, connection)
        let facts = try connection.first("SELECT count(*), coalesce(max(number), 0) FROM program_versions")
        guard try facts?.int(0) ?? 0 < ProgramLimits.versions else {
            throw ProgramError.tooMany(limit: ProgramLimits.versions)
        }
        let id = effects.newID()
        try connection.execute(
            """
            INSERT INTO program_versions (id, number, title, document, status, based_on, created_ms, updated_ms,
                edited_by)
            VALUES (\(id), \(try (facts?.int(1) ?? 0) + 1), \(title), \(document), 'draft', \(basedOn.sqlValue),
                \(now.milliseconds), \(now.milliseconds), \(actor))
            """)
        try note(.create, id, by: actor, "", at: now, connection)
        return try get(id, connection)
    }

    /// Changes a draft; `seen`: the revision that the editor was shown, nil to overwrite whatever there is.
    /// Throws: `EditConflict`, `ProgramError`, `StorageError`.
    package static func update(
        _ id: Int64, title: String, document: String, seen: Revision? = nil, by actor: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> ProgramVersion {
        let before = try locked(id, .edit, from: [.draft], connection)
        if let seen { try Revision.check(seen.text, at: try before.revision) }
        let title = try checked(title)
        let document = try checked(document: document, connection)
        guard title != before.title || document != before.document else { return before }
        try connection.execute(
            """
            UPDATE program_versions SET title = \(title), document = \(document), edited_by = \(actor),
                updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
        try note(.edit, id, by: actor, "", at: now, connection)
        return try get(id, connection)
    }

    /// Throws: `ProgramError`, `StorageError`.
    package static func delete(_ id: Int64, _ connection: any SQLConnection) throws {
        _ = try locked(id, .edit, from: [.draft], connection)
        try connection.execute("DELETE FROM program_steps WHERE version_id = \(id)")
        try connection.execute("DELETE FROM program_versions WHERE id = \(id)")
    }

    // MARK: The way to being in force

    /// A draft to be looked at by somebody else. Throws: `ProgramError`, `StorageError`.
    package static func submit(
        _ id: Int64, by actor: String, note text: String = "", at now: Timestamp, _ connection: any SQLConnection
    ) throws -> ProgramVersion {
        let before = try locked(id, .submit, from: [.draft], connection)
        _ = try checked(document: before.document, connection)
        try connection.execute(
            """
            UPDATE program_versions SET status = 'review', submitted_by = \(actor), decided_by = NULL,
                updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
        return try moved(.submit, id, by: actor, text, at: now, connection)
    }

    /// Approves what it says together with its newest trial. An approval that lapsed can be given anew.
    /// Throws: `ProgramError.sameActor` for who submitted or last edited it, `.trialMissing`, `.trialLapsed`, other
    /// `ProgramError`, `StorageError`.
    package static func approve(
        _ id: Int64, by actor: String, note text: String = "", at now: Timestamp, _ connection: any SQLConnection
    ) throws -> ProgramVersion {
        let before = try locked(id, .approve, from: [.review, .approved], connection)
        let isOwn = [before.submittedBy, before.editedBy].contains(actor)
        guard try !isOwn || ApprovalPolicy.allowsOwn(actor, connection) else { throw ProgramError.sameActor }
        let trial = try ProgramTrials.valid(before, connection)
        try connection.execute(
            """
            UPDATE program_versions SET status = 'approved', decided_by = \(actor), trial_id = \(trial.id),
                updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
        return try moved(.approve, id, by: actor, text, at: now, connection)
    }

    /// Back to a draft, by whoever reviews it or by who submitted it. Throws: `ProgramError`, `StorageError`.
    package static func reject(
        _ id: Int64, by actor: String, note text: String = "", at now: Timestamp, _ connection: any SQLConnection
    ) throws -> ProgramVersion {
        _ = try locked(id, .reject, from: [.review, .approved], connection)
        try connection.execute(
            """
            UPDATE program_versions SET status = 'draft', submitted_by = NULL, decided_by = NULL,
                updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
        return try moved(.reject, id, by: actor, text, at: now, connection)
    }

    /// Puts an approved version in force, in place of the one before, for whatever is processed from then on.
    /// Throws: `ProgramError.trialMissing`, `.trialLapsed` when its approval does not hold any more, other `ProgramError`,
    /// `StorageError`.
    package static func publish(
        _ id: Int64, by actor: String, note text: String = "", at now: Timestamp, _ connection: any SQLConnection
    ) throws -> ProgramVersion {
        let before = try locked(id, .publish, from: [.approved], connection)
        _ = try checked(document: before.document, connection)
        _ = try ProgramTrials.approved(before, connection)
        try putInForce(id, by: actor, at: now, connection)
        return try moved(.publish, id, by: actor, text, at: now, connection)
    }

    /// No version is in force after it: nothing earns points. Throws: `ProgramError`, `StorageError`.
    package static func retire(
        _ id: Int64, by actor: String, note text: String = "", at now: Timestamp, _ connection: any SQLConnection
    ) throws -> ProgramVersion {
        _ = try locked(id, .retire, from: [.published], connection)
        try end(id, at: now, connection)
        let retired = try moved(.retire, id, by: actor, text, at: now, connection)
        try refreshed(at: now, connection)
        return retired
    }

    /// Creates a version and puts it in force at once: for whoever owns the installation, as the demo brand does.
    /// Throws: `ProgramError`, `StorageError`.
    @discardableResult
    package static func install(
        title: String, document: String, by actor: String, effects: Effects, _ connection: any SQLConnection
    ) throws -> ProgramVersion {
        let now = effects.now()
        let version = try create(title: title, document: document, by: actor, effects: effects, connection)
        try putInForce(version.id, by: actor, at: now, connection)
        return try moved(.publish, version.id, by: actor, "", at: now, connection)
    }

    /// One of the steps above, by its name. Throws: as they do.
    package static func perform(
        _ verb: ProgramStep.Verb, _ id: Int64, by actor: String, note: String = "", at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> ProgramVersion {
        switch verb {
        case .submit: return try submit(id, by: actor, note: note, at: now, connection)
        case .approve: return try approve(id, by: actor, note: note, at: now, connection)
        case .reject: return try reject(id, by: actor, note: note, at: now, connection)
        case .publish: return try publish(id, by: actor, note: note, at: now, connection)
        case .retire: return try retire(id, by: actor, note: note, at: now, connection)
        case .create, .edit: throw ProgramError.status(try get(id, connection).status, verb: verb)
        }
    }

    // MARK: Steps

    private static func putInForce(
        _ id: Int64, by actor: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        if let before = try published(connection) {
            try end(before.id, at: now, connection)
            try note(.retire, before.id, by: actor, "", at: now, connection)
        }
        try connection.execute(
            """
            UPDATE program_versions SET status = 'published', published_ms = \(now.milliseconds),
                updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
        if let tiers = try get(id, connection).program?.tiers {
            try TierLadders.follow(tiers, by: actor, at: now, connection)
        }
        try refreshed(at: now, connection)
    }

    /// What conditions on members ask for is kept from now on.
    private static func refreshed(at now: Timestamp, _ connection: any SQLConnection) throws {
        try KeptFeatures.settle(at: now, connection)
        try SegmentCache.invalidate(connection, at: now)
        try ProgramCache.invalidate(connection, at: now)
    }

    private static func end(_ id: Int64, at now: Timestamp, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            UPDATE program_versions SET status = 'retired', retired_ms = \(now.milliseconds),
                updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
    }

    private static func locked(
        _ id: Int64, _ verb: ProgramStep.Verb, from: Set<ProgramStatus>, _ connection: any SQLConnection
    ) throws -> ProgramVersion {
        try connection.lock("program_versions")
        let version = try get(id, connection)
        guard from.contains(version.status) else { throw ProgramError.status(version.status, verb: verb) }
        return version
    }

    private static func moved(
        _ verb: ProgramStep.Verb, _ id: Int64, by actor: String, _ text: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> ProgramVersion {
        guard text.count <= ProgramLimits.noteCharacters else {
            throw ProgramError.noteTooLong(limit: ProgramLimits.noteCharacters)
        }
        try note(verb, id, by: actor, text, at: now, connection)
        return try get(id, connection)
    }

    private static func note(
        _ verb: ProgramStep.Verb, _ id: Int64, by actor: String, _ text: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        let last = try connection.first("SELECT coalesce(max(step), 0) FROM program_steps WHERE version_id = \(id)")
        try connection.execute(
            """
            INSERT INTO program_steps (version_id, step, at_ms, actor, verb, note)
            VALUES (\(id), \(try (last?.int(0) ?? 0) + 1), \(now.milliseconds), \(actor), \(verb.rawValue), \(text))
            """)
    }

    private static func checked(_ title: String) throws -> String {
        let title = Whitespace.trim(title)
        guard !title.isEmpty else { throw ProgramError.titleMissing }
        guard title.count <= ProgramLimits.titleCharacters else {
            throw ProgramError.titleTooLong(limit: ProgramLimits.titleCharacters)
        }
        return title
    }

    /// What it says as it is kept, held against the workspace. Throws: `ProgramError.invalid`, `StorageError`.
    package static func checked(document: String, _ connection: any SQLConnection) throws -> String {
        do {
            let program = try LoyaltyProgram(parsing: document)
            if let tiers = program.tiers { _ = try TierLadders.ladder(of: tiers) }
            let issues = try issues(program, connection)
            guard issues.isEmpty else { throw CriteriaError(issues: issues) }
            return program.text
        } catch let error as CriteriaError {
            throw ProgramError.invalid(error)
        } catch TierError.invalidLadder(let field, let reason) {
            let issue = CriteriaIssue(field.isEmpty ? "tiers" : "tiers.\(field)", .unusable(reason))
            throw ProgramError.invalid(CriteriaError(issues: [issue]))
        }
    }

    private static func issues(_ program: LoyaltyProgram, _ connection: any SQLConnection) throws -> [CriteriaIssue] {
        guard !program.rules.isEmpty else { return [] }
        let world = try CriteriaWorld.load(connection)
        let currencies = Set(try PointsCurrencies.list(connection).map(\.currency.code))
        var issues: [CriteriaIssue] = []
        for (place, rule) in program.rules.rules.enumerated() {
            let path = "program.rules[\(place)]"
            if !currencies.contains(rule.currency) {
                issues.append(
                    CriteriaIssue(
                        path + ".currency", .unknownChoice(rule.currency, allowed: currencies.sorted())))
            }
            issues += rule.criteria?.issues(world).map { CriteriaIssue(path + "." + $0.path, $0.reason) } ?? []
        }
        return Array(issues.prefix(CriteriaLimits.issues))
    }

    /// What can be said and hardly be meant. Empty for what cannot be read at all. Throws: `StorageError`.
    package static func warnings(
        _ document: String, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [EarningWarning] {
        guard let program = LoyaltyProgram.readable(document), !program.rules.isEmpty else { return [] }
        let events = try CriteriaWorld.load(connection).events
        return program.rules.warnings(
            today: try Workspace.load(connection).calendar.day(of: now), tiers: program.tierCodes, events: events)
    }
}
