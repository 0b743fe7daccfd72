import Storage

/// What a trial needs besides people, as it was when the trial began.
struct ProgramTrialStage: Sendable {
    var trial: ProgramTrial
    /// The version tried, then the one in force, if any.
    var sides: [ProgramTrialJob.Side]
    var policy: EnrolmentPolicy
    var published: PublishedProgram
    var workspace: Workspace
    /// Events that rules look at, and fields that name who recommended somebody.
    var names: [String]
    var referrerFields: [String]
    var archived: Int64
    var people: Int64
    var currency: String
    /// From when on facts matter for tiers, before the replay begins; nil where there are no tiers.
    var earlier: Timestamp?
    /// Currencies that tiers count.
    var counted: [String]

    /// Throws: `ProgramError.notFound`, `JobFailure` when the version was changed since, `StorageError`.
    init(_ connection: any SQLConnection, trial id: Int64, at now: Timestamp) throws {
        let begun = try ProgramTrials.get(id, connection)
        let version = try ProgramVersions.get(begun.versionID, connection)
        guard let program = version.program, ProgramTrial.hash(of: version.document) == begun.documentHash else {
            throw JobFailure(code: "changed", message: "the version was changed since the trial was asked for")
        }
        let workspace = try Workspace.load(connection)
        let world = try CriteriaWorld.load(connection)
        let ledger = try PointsProgram.load(connection)
        let inForce = try TierLadders.current(connection)?.ladder
        func side(_ program: LoyaltyProgram) throws -> ProgramTrialJob.Side {
            let ladder = try program.tiers.map(Self.ladder) ?? inForce
            return ProgramTrialJob.Side(
                replay: ProgramReplay(
                    rules: program.rules.expanded(world), benefits: try ProgramMembers.benefits(program, connection),
                    ladder: ladder, backdatedDays: program.enrolment.backdatedDays, ledger: ledger,
                    workspace: workspace, fromDay: begun.fromDay, until: now),
                rankings: ReplayRankings(ladder, from: begun.fromDay, until: now, workspace.calendar))
        }
        let before = try ProgramVersions.numbered(begun.compared, connection)?.program
        trial = begun
        sides = try [side(program)] + [before].compactMap(\.self).map(side)
        policy = program.enrolment
        self.workspace = workspace
        published = PublishedProgram(number: version.number, program: program, world: world)
        let rules = sides.flatMap(\.replay.rules.rules)
        names = Set(rules.flatMap(\.kind.events)).sorted()
        referrerFields = Set(rules.compactMap(\.kind.referrerField)).sorted()
        archived =
            try connection.first("SELECT min(position) FROM log_consumers WHERE consumer = 'archiver'")?.intOrNil(0)
            ?? 0
        people =
            try connection.first(
                "SELECT count(*) FROM profiles WHERE merged_into IS NULL AND deleted_ms IS NULL AND identified = 1")?
            .int(0) ?? 0
        currency = program.rules.rules.first?.currency ?? "points"
        let ladders = sides.compactMap(\.replay.ladder)
        // A period, and the one before it that the first ranking is of.
        earlier = ladders.map(\.period.months).max().map { months in
            workspace.calendar.start(ofDay: TierPeriod.adding(-2 * months, to: begun.fromDay))
        }
        counted = Set(ladders.flatMap(\.currencies)).sorted()
    }

    /// nil for tiers of a draft that cannot be used yet.
    private static func ladder(_ tiers: JSONValue) throws -> TierLadder? {
        do { return try TierLadders.ladder(of: tiers) } catch is TierError { return nil }
    }
}
