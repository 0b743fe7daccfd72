import Storage

/// What a trial needs besides people, as it was when the trial began.
struct ProgramTrialStage: Sendable {
    var trial: ProgramTrial
    /// The version tried, then the one in force, if any.
    var sides: [ProgramTrialJob.Side]
    var policy: EnrolmentPolicy
    var workspace: Workspace
    /// Where the replay begins.
    var first: Timestamp
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

    /// Days that the calendar knows by heart before the first and after the last, for what was before and what lapses
    /// later; and how far back the first may lie.
    private static let rememberedDays: Int64 = 3 * 366
    private static let rememberedDaysBack: Int64 = 20 * 366

    /// Throws: `ProgramError.notFound`, `JobFailure` when the version was changed since, `StorageError`.
    init(_ connection: any SQLConnection, trial id: Int64, at now: Timestamp) throws {
        let begun = try ProgramTrials.get(id, connection)
        let version = try ProgramVersions.get(begun.versionID, connection)
        guard let program = version.program, ProgramTrial.hash(of: version.document) == begun.documentHash else {
            throw JobFailure(code: "changed", message: "the version was changed since the trial was asked for")
        }
        let workspace = try Workspace.load(connection)
        let today = workspace.calendar.day(of: now)
        let start = max(min(begun.fromDay, today), today - Self.rememberedDaysBack)
        let calendar = workspace.calendar.remembering(start - Self.rememberedDays...today + Self.rememberedDays)
        let world = try CriteriaWorld.load(connection)
        let ledger = try PointsProgram.load(connection)
        let inForce = try TierLadders.current(connection)?.ladder
        let first = calendar.start(ofDay: begun.fromDay)
        func side(_ program: LoyaltyProgram) throws -> ProgramTrialJob.Side {
            let ladder = try program.tiers.map(Self.ladder) ?? inForce
            return ProgramTrialJob.Side(
                replay: ProgramReplay(
                    rules: program.rules.expanded(world), benefits: try ProgramMembers.benefits(program, connection),
                    ladder: ladder, backdatedDays: program.enrolment.backdatedDays, ledger: ledger,
                    workspace: workspace, calendar: calendar, first: first, until: now),
                rankings: ReplayRankings(ladder, from: begun.fromDay, until: now, calendar))
        }
        let before = try ProgramVersions.numbered(begun.compared, connection)?.program
        trial = begun
        sides = try [side(program)] + [before].compactMap(\.self).map(side)
        policy = program.enrolment
        self.workspace = workspace
        self.first = first
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
