import Storage

/// People with their histories, batch by batch, as a trial passes through them.
struct ProgramTrialPeople: Sendable {
    struct Batch: Sendable {
        var histories: [ProgramReplay.History]
        /// People that were looked at, chosen or not.
        var seen: Int
        /// Whether the archive of events could be asked.
        var hasEvents: Bool
    }

    /// Of one batch, as the store has it.
    private struct Rows: Sendable {
        var histories: [ProgramReplay.History] = []
        /// By history: orders to replay, and orders of before.
        var orders: [[SQLRow]] = []
        var earlier: [[SQLRow]] = []
        /// The last of the people looked at; nil: there are no more.
        var end: Int64?
        var count = 0
    }

    private static let batchPeople = 500
    /// Histories whose orders one task reads.
    private static let partPeople = 125
    /// Events of one batch of people that are looked at.
    static let eventsMax = 200_000
    private static let ordersMax = 100_000

    private let stage: ProgramTrialStage
    private let platform: Platform
    /// All people, also where only a part was asked for.
    private let everybody: Bool
    private var last: Int64 = 0

    init(_ stage: ProgramTrialStage, _ platform: Platform, everybody: Bool = false) {
        (self.stage, self.platform, self.everybody) = (stage, platform, everybody)
    }

    /// nil at the end. Throws: `StorageError`.
    mutating func next() async throws -> Batch? {
        let (from, stage, oneIn) = (last, stage, everybody ? 1 : stage.trial.oneIn)
        let rows = try await platform.store.read { try Self.people(after: from, oneIn: oneIn, stage, $0) }
        guard let end = rows.end else { return nil }
        last = end
        var histories = try await Self.withOrders(rows, stage)
        let events = await Self.events(histories, stage, platform)
        for place in histories.indices { histories[place].events = events?[histories[place].profileID] ?? [] }
        if !stage.referrerFields.isEmpty {
            let named = histories
            histories = try await platform.store.read { try Self.referred(named, stage, $0) }
        }
        return Batch(histories: histories, seen: rows.count, hasEvents: events != nil)
    }

    /// Does something with each batch in turn; the people of the next are read meanwhile. Throws: `StorageError`, and what
    /// `body` throws.
    func inTurn(_ body: (Batch) async throws -> Void) async throws {
        var (next, rest) = try await following()
        while let batch = next {
            let people = rest
            async let ahead = people.following()
            try await body(batch)
            (next, rest) = try await ahead
        }
    }

    private func following() async throws -> (Batch?, ProgramTrialPeople) {
        var people = self
        return (try await people.next(), people)
    }

    private static func people(
        after: Int64, oneIn: Int64, _ stage: ProgramTrialStage, _ connection: any SQLConnection
    ) throws -> Rows {
        let rows = try connection.query(
            """
            SELECT \(raw: Profile.columns) FROM profiles WHERE id > \(after) AND \(raw: Profile.isUnmerged)
            AND deleted_ms IS NULL AND identified = 1 ORDER BY id LIMIT \(batchPeople)
            """
        ).map(Profile.init)
        var found = Rows(end: rows.last?.id, count: rows.count)
        guard !rows.isEmpty else { return found }
        let chosen = rows.filter { isChosen($0.id, oneIn: oneIn) }
        let members = try ProgramMembers.of(Set(chosen.map(\.id)), connection)
        var known: [Int64: (row: Profile, state: ProfileState)] = [:]
        for row in chosen { known[row.id] = (row, try ProfileState(parsing: row.state)) }
        // What only the version in force asks of people is known, too.
        let people = try EarningPeople(
            stage.sides.flatMap(\.replay.rules.criteria), stage.workspace, segments: SegmentCache(), connection
        ) { known[$0] }
        let subjects = try people.subjects(Set(known.keys), connection)
        for row in chosen {
            let member = members[row.id]
            guard let since = member?.since ?? joined(row, stage.policy), let subject = subjects[row.id] else {
                continue
            }
            found.histories.append(
                ProgramReplay.History(
                    profileID: row.id, account: member?.account ?? row.id, since: since, subject: subject))
        }
        guard !found.histories.isEmpty else { return found }
        try addOrders(&found, stage, connection)
        try addTierFacts(&found, stage, connection)
        return found
    }

    /// The same people whenever the same part is asked for.
    private static func isChosen(_ id: Int64, oneIn: Int64) -> Bool {
        guard oneIn > 1 else { return true }
        var mixed = UInt64(bitPattern: id) &* 0x9e37_79b9_7f4a_7c15
        mixed ^= mixed >> 32
        return mixed % UInt64(oneIn) == 0
    }

    /// When the policy would have made somebody a member.
    private static func joined(_ row: Profile, _ policy: EnrolmentPolicy) -> Timestamp? {
        switch policy.when {
        case .asked: return nil
        case .identified: return (row.identifiedMS ?? row.createdMS).timestamp
        case .ordered: return row.firstOrderMS?.timestamp
        }
    }

    private static func addOrders(
        _ found: inout Rows, _ stage: ProgramTrialStage, _ connection: any SQLConnection
    ) throws {
        let from = stage.first.milliseconds
        found.orders = try connection.queryMany(
            "SELECT order_id, state FROM orders WHERE profile_id = ? AND ordered_ms >= ? LIMIT \(ordersMax)",
            found.histories.map { [.integer($0.profileID), .integer(from)] })
        let spent = try connection.queryMany(
            "SELECT at_ms, currency, amount FROM points_redemptions WHERE account_id = ?",
            found.histories.map { [.integer($0.account)] })
        for place in found.histories.indices {
            found.histories[place].redemptions = try spent[place].map {
                (Timestamp(milliseconds: try $0.int(0)), try $0.text(1), try $0.int(2))
            }
        }
    }

    /// What counts for tiers of the time before the replay, and tiers that were given by hand.
    private static func addTierFacts(
        _ found: inout Rows, _ stage: ProgramTrialStage, _ connection: any SQLConnection
    ) throws {
        guard let earlier = stage.earlier else { return }
        let histories = found.histories
        let (begin, end) = (SQLValue.integer(earlier.milliseconds), SQLValue.integer(stage.first.milliseconds))
        found.earlier = try connection.queryMany(
            """
            SELECT order_id, state FROM orders WHERE profile_id = ? AND ordered_ms >= ? AND ordered_ms < ?
            LIMIT \(ordersMax)
            """, histories.map { [.integer($0.profileID), begin, end] })
        let lots =
            stage.counted.isEmpty
            ? histories.map { _ in [] }
            : try connection.queryMany(
                """
                SELECT currency, earned_ms, amount - reversed FROM points_lots
                WHERE account_id = ? AND earned_ms >= ? AND earned_ms < ? AND lot_key <> '' ORDER BY lot
                """, histories.map { [.integer($0.account), begin, end] })
        let grants = try TierGrants.all(of: histories.map(\.account), connection)
        for place in histories.indices {
            for row in lots[place] {
                let code = try row.text(0)
                guard stage.counted.contains(code) else { continue }
                found.histories[place].earlierEarnings[code, default: []].append(
                    TierEarning(at: Timestamp(milliseconds: try row.int(1)), amount: try row.int(2)))
            }
            let profile = histories[place].subject.profile
            found.histories[place].rfm = profile.rfmR + profile.rfmF + profile.rfmM
            found.histories[place].grants = grants[place]
        }
    }

    // MARK: What they bought

    /// The histories with their orders read out of the documents, on all cores: that takes longer than to fetch them.
    private static func withOrders(
        _ rows: Rows, _ stage: ProgramTrialStage
    ) async throws -> [ProgramReplay.History] {
        try await withThrowingTaskGroup(of: (start: Int, histories: [ProgramReplay.History]).self) { group in
            for start in stride(from: 0, to: rows.histories.count, by: partPeople) {
                group.addTask {
                    let part = start..<min(start + Self.partPeople, rows.histories.count)
                    return (start, try part.map { try Self.history(at: $0, rows, stage) })
                }
            }
            var parts: [Int: [ProgramReplay.History]] = [:]
            for try await part in group { parts[part.start] = part.histories }
            return parts.sorted { $0.key < $1.key }.flatMap(\.value)
        }
    }

    private static func history(
        at place: Int, _ rows: Rows, _ stage: ProgramTrialStage
    ) throws -> ProgramReplay.History {
        var history = rows.histories[place]
        history.orders = try rows.orders[place].map { (try $0.text(0), try OrderState(parsing: $0.text(1))) }
        guard stage.earlier != nil else { return history }
        history.earlierOrders = try rows.earlier[place].compactMap {
            TierOrder(
                try $0.text(0), ProgramReplay.known(try OrderState(parsing: $0.text(1)), at: stage.first),
                currency: stage.workspace.currency)
        }
        return history
    }

    // MARK: Who recommended them

    private static func referred(
        _ histories: [ProgramReplay.History], _ stage: ProgramTrialStage, _ connection: any SQLConnection
    ) throws -> [ProgramReplay.History] {
        var histories = histories
        var names: [Set<String>] = []
        for history in histories {
            let told = stage.referrerFields.flatMap { field in
                [history.subject.traits.first(field)] + history.events.map { $0.properties.first(field) }
            }
            names.append(Set(told.compactMap { $0?.text }.filter { !$0.isEmpty }))
        }
        let known = try accounts(named: names.reduce(into: []) { $0.formUnion($1) }, stage, connection)
        for place in histories.indices {
            for name in names[place] { histories[place].referrers[name] = known[name] }
        }
        return histories
    }

    /// As `ProgramMembers.named`; where the policy makes members by itself, also of who would have become one.
    private static func accounts(
        named names: Set<String>, _ stage: ProgramTrialStage, _ connection: any SQLConnection
    ) throws -> [String: Int64] {
        var accounts = try ProgramMembers.named(names, connection)
        guard stage.policy.when != .asked else { return accounts }
        let strangers = names.filter { accounts[$0] == nil }.sorted()
        let rows = try connection.queryMany(
            "SELECT profile_id FROM identities WHERE kind = 'user_id' AND value = ?", strangers.map { [.text($0)] })
        for (name, rows) in zip(strangers, rows) {
            if let row = rows.first { accounts[name] = try row.int(0) }
        }
        return accounts
    }
}

extension Int64 {
    fileprivate var timestamp: Timestamp { Timestamp(milliseconds: self) }
}
