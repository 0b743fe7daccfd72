import Storage

/// The brand of a simulation: its members, what they were given, and what was asked before.
struct SimulatedYear {
    struct Member {
        var account: Int64
        var profile: Int64
        /// As shops know them.
        var user: String
        /// Merged into another since.
        var isGone = false
    }

    struct Order {
        var key: String
        var member: Int
        var awarded: Int64
        /// What the goods cost, and what of it came back.
        var worth: Int64
        var returned: Int64 = 0
        var taken: Int64 = 0
    }

    /// Thrown where a process would die.
    struct Crash: Error {}

    let options: Simulation.Options
    let clock: SimulatedClock
    let store: CrashingStore
    let platform: Platform
    /// Replaced whenever its process dies.
    var processor: Processor
    let program: LoyaltyProgram
    let eventNames: [String]
    let earnsByOrders: Bool
    var report = Simulation.Report()
    var members: [Member] = []
    var orders: [Order] = []
    var redemptions: [(key: String, amount: Int64)] = []
    var holds: [String] = []
    var claims: [Int64] = []
    var pools: [Int64] = []
    /// The member who was merged into another last, while that was not undone.
    var merged: (gone: Int, stays: Int)?
    var rewards: [Int64] = []
    /// Commands that were done, with what they answered.
    var done: [(command: PointsCommand, transactions: [PointsTransaction])] = []
    var purchases: [SimulatedPurchase] = []
    /// Events that have not arrived, and some that have.
    var underway: [Told] = []
    var arrived: [(event: IncomingEvent, member: Int)] = []
    var messages = 0
    var definitions: [Int64] = []
    var couponLimits: [Int64: Int64] = [:]
    var held: [HeldCoupon] = []
    var couponOrders: [CouponOrder] = []
    var day = 0
    var step = 0
    var random: SplitMix64

    static let currencies = ["points", "stamps"]
    private static let remembered = 400
    private static let verifyDays = 30

    init(
        _ options: Simulation.Options, _ clock: SimulatedClock, _ store: CrashingStore, _ platform: Platform
    ) async throws {
        self.options = options
        self.clock = clock
        self.store = store
        self.platform = platform
        processor = Processor(platform: platform, signal: LogSignal())
        program = try LoyaltyProgram(parsing: options.program ?? DemoProgram.text())
        eventNames = Self.eventNames(program)
        earnsByOrders = program.rules.looksAtOrders
        random = SplitMix64(seed: options.seed)
        let policies = PointsReversal.allCases
        let seed = Int(options.seed % 12)
        let (now, effects) = (clock.now, platform.effects)
        try await platform.store.write { connection in
            _ = try PointsCurrencies.create(
                PointsCurrency(
                    code: "points", expiry: .rolling(months: 2 + seed % 4), noticeDays: [30, 7],
                    pendingDays: seed % 3 == 0 ? 5 : 0, reversal: policies[seed % 3], reinstatementDays: 20,
                    transfer: PointsTransferPolicy(dailyMax: 500, feeBasisPoints: seed % 2 == 0 ? 250 : 0),
                    isPoolable: true),
                at: now, connection)
            _ = try PointsCurrencies.create(
                PointsCurrency(
                    code: "stamps",
                    expiry: seed % 2 == 0 ? .inactivity(months: 2) : .fixed(month: 6, day: 30, monthsMin: 1),
                    reversal: policies[(seed + 1) % 3]), at: now, connection)
        }
        try await install()
        try await enrol()
        try await issueCampaigns()
        for stock in [3, nil] as [Int64?] {
            rewards.append(
                try await platform.store.write {
                    try Rewards.create(
                        RewardDefinition(names: ["en": "Cup"], currency: "points", points: 40), stock: stock,
                        by: "simulation", effects, $0
                    ).id
                })
        }
    }

    /// One day: its operations, the night, and now and then the whole ledger anew.
    mutating func live(_ day: Int) async throws {
        self.day = day
        for _ in 0..<options.operationsPerDay {
            step += 1
            random = SplitMix64(seed: options.seed, part: UInt64(step))
            try await operate()
            clock.move(milliseconds: Int64(random.whole(0...1_800_000)))
        }
        clock.move(milliseconds: Int64(random.whole(18_000_000...36_000_000)))
        try await night()
        if day % Self.verifyDays == Self.verifyDays - 1 { try await verify() }
    }

    mutating func end() async throws -> Simulation.Report {
        try await arriveAll()
        try await verify()
        return report
    }

    func fail(_ operation: String, _ flaws: [String]) -> Simulation.Failure {
        Simulation.Failure(seed: options.seed, day: day, step: step, operation: operation, flaws: flaws)
    }

    // MARK: -

    private static let batchMembers = 250

    private mutating func enrol() async throws {
        let (now, effects) = (clock.now, platform.effects)
        for start in stride(from: 0, to: options.members, by: Self.batchMembers) {
            let numbers = start..<min(start + Self.batchMembers, options.members)
            let events = numbers.map { number in
                IncomingEvent(
                    kind: .identify, name: "identify", messageID: "m-\(number)",
                    identities: [IdentityClaim(kind: "user_id", value: "u\(number)")], time: now, receivedAt: now)
            }
            try await Ingest(platform: platform, signal: LogSignal()).append(
                IncomingBatch(sourceID: 1, events: events))
            try await processor.catchUp()
            members += try await platform.store.write { connection in
                try numbers.map { number in
                    let user = "u\(number)"
                    let id = try connection.first("SELECT profile_id FROM identities WHERE value = \(user)")?.int(0)
                    let account = try ProgramMembers.enrol(profile: id ?? 0, effects: effects, connection).account
                    return Member(account: account.id, profile: account.profileID, user: user)
                }
            }
        }
    }

    /// What time brings about in the background; some nights it does not run.
    private mutating func night() async throws {
        guard !random.chance(0.2) else { return }
        try await survive { platform, processor in
            let runner = JobRunner(platform: platform, catalog: JobCatalog(Self.handlers), concurrency: 1)
            try await runner.ensureRecurring()
            try await runner.drain()
            // What the night said is events as well.
            try await processor.catchUp()
        }
    }

    private static let handlers = [
        PointsClock.handler, PointsHeads.handler, TierClock.handler, TierBuild.handler, TierRanking.handler,
        BenefitClock.handler, BenefitCoupons.handler, CouponClock.handler, PoolShares.handler,
    ]

    private mutating func verify() async throws {
        try await verifyStatements()
        try await verifyProgram()
        let result = try await PointsVerification.run(platform)
        (report.accounts, report.transactions) = (result.accounts, result.transactions)
        guard result.flaws.isEmpty else {
            throw fail("verification", result.flaws.map { "account \($0.account): \($0.text)" })
        }
        let stocks = try await platform.store.read { try Rewards.list($0) }
        if let below = stocks.first(where: { ($0.stock ?? 0) < 0 || $0.claimed < 0 }) {
            throw fail("verification", ["reward \(below.id) is below zero"])
        }
    }

    mutating func remember(_ command: PointsCommand, _ answer: Points.Answer) {
        done.append((command, answer.transactions))
        if done.count > Self.remembered { done.removeFirst(done.count - Self.remembered) }
    }
}
