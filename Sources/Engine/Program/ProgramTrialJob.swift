import Storage

/// Replays history through a version and the one in force, people by people, in passages: tiers by ranking and points for
/// recommending somebody need to know of everybody before anybody's own history can be told.
package enum ProgramTrialJob {
    package static let handler = JobHandler(kind: ProgramTrials.jobKind, attemptsMax: 3) { context in
        let request = try StoredDocument.value([String: String].self, from: context.job.request)
        let id = request["trial"].flatMap { Int64($0) } ?? 0
        return try await run(id, context)
    }

    /// Rankings by points that are replayed at the most: each is one passage more.
    static let ledgerRankingsMax = 24

    /// A program on one side of the comparison.
    struct Side: Sendable {
        var replay: ProgramReplay
        var rankings: ReplayRankings?
        /// What people get for others, by account, as the last passage had it.
        var gifts: [Int64: [ReplayGift]] = [:]

        var hasReferrals: Bool { !replay.rules.referrerFields.isEmpty }

        /// Rankings that need passages of their own.
        var passages: Int { rankings.map { $0.isByLedger ? max($0.periods.count - 1, 0) : 0 } ?? 0 }

        /// What comes of each, in order, and the counts that caps are held against afterwards.
        func run(
            _ histories: ArraySlice<ProgramReplay.History>, _ uses: EarningUses
        ) throws -> (outcomes: [ProgramReplay.Outcome], uses: EarningUses) {
            var uses = uses
            let outcomes = try histories.map {
                try replay.run($0, rankings, gifts: gifts[$0.account] ?? [], &uses)
            }
            return (outcomes, uses)
        }

        mutating func keep(_ sent: [ReplayGift]) {
            gifts = Dictionary(grouping: sent, by: \.account).mapValues { $0.sorted { $0.at < $1.at } }
        }
    }

    private static func run(_ id: Int64, _ context: JobContext) async throws -> String {
        let platform = context.platform
        let now = platform.effects.now()
        let stage = try await platform.store.read { try ProgramTrialStage($0, trial: id, at: now) }
        var sides = stage.sides
        let isRanked = sides.contains { $0.rankings != nil }
        let rankings = sides.map(\.passages).max() ?? 0
        let hasReferrals = sides.contains(where: \.hasReferrals)
        guard rankings <= ledgerRankingsMax else {
            throw JobFailure(
                code: "too_many_rankings",
                message: "\(rankings) rankings by points lie in the time that is replayed; at most "
                    + "\(ledgerRankingsMax) can be: begin later")
        }
        var progress = Progress(
            people: stage.people, passages: Int64(1 + (isRanked ? 1 : 0) + rankings + (hasReferrals ? 1 : 0)),
            context: context)
        if isRanked { try await enter(&sides, stage, &progress) }
        for number in 0..<rankings { try await rank(&sides, number + 1, stage, &progress) }
        if hasReferrals { try await gather(&sides, stage, &progress) }
        let result = try await replay(sides, stage, &progress)
        let finished = platform.effects.now()
        try await context.write { try ProgramTrials.conclude(id, .done, result, at: finished, $0) }
        return try StoredDocument.text(["people": result.replayed])
    }

    private struct Progress {
        let people: Int64
        let passages: Int64
        let context: JobContext
        private var before: Int64 = 0
        private var seen: Int64 = 0
        private var told: Int64 = 0
        /// So often a passage is told of at the most: each time is a transaction.
        private static let reports: Int64 = 200

        init(people: Int64, passages: Int64, context: JobContext) {
            (self.people, self.passages, self.context) = (people, passages, context)
        }

        mutating func report(_ count: Int, _ phase: String) async throws {
            try Task.checkCancellation()
            seen += Int64(count)
            guard before + seen - told >= people / Self.reports else { return }
            told = before + seen
            try await context.report(
                JobProgress(done: before + min(seen, people), total: people * passages, unit: "people", phase: phase))
        }

        mutating func endPassage() { (before, seen) = (before + people, 0) }
    }

    /// Who is ranked, and by what, as far as history alone tells.
    private static func enter(
        _ sides: inout [Side], _ stage: ProgramTrialStage, _ progress: inout Progress
    ) async throws {
        try await ProgramTrialPeople(stage, progress.context.platform).inTurn { batch in
            for history in batch.histories {
                for place in sides.indices {
                    guard let values = sides[place].rankings?.values(history, currency: stage.workspace.currency)
                    else { continue }
                    sides[place].rankings?.enter(history.account, since: history.since, values)
                }
            }
            try await progress.report(batch.seen, "ranking")
        }
        for place in sides.indices { sides[place].rankings?.seal() }
        progress.endPassage()
    }

    /// A passage up to the end of a period, for the ranking by what was earned in it.
    private static func rank(
        _ sides: inout [Side], _ number: Int, _ stage: ProgramTrialStage, _ progress: inout Progress
    ) async throws {
        var uses = sides.map { _ in EarningUses() }
        var sent = sides.map { _ in [ReplayGift]() }
        var receivers = sides.map { Set($0.gifts.keys) }
        try await ProgramTrialPeople(stage, progress.context.platform).inTurn { batch in
            for place in sides.indices {
                guard let rankings = sides[place].rankings, rankings.isByLedger, number < rankings.periods.count else {
                    continue
                }
                let (period, currency) = (rankings.periods[number], rankings.quota.by.ledger ?? "")
                // Up to the last moment before the next period begins.
                let end = period.end.adding(milliseconds: -1)
                for history in batch.histories {
                    let outcome = try sides[place].replay.run(
                        history, rankings, gifts: sides[place].gifts[history.account] ?? [], until: end, &uses[place])
                    let earned = (outcome.earned[currency] ?? []).filter { period.window.contains($0.at) }
                    sides[place].rankings?.note(earned.reduce(0) { $0 + $1.amount }, of: history.account)
                    sent[place] += outcome.gifts
                    receivers[place].formUnion(outcome.gifts.map(\.account))
                }
                uses[place] = uses[place].shared(with: receivers[place])
            }
            try await progress.report(batch.seen, "ranking")
        }
        for place in sides.indices {
            guard let rankings = sides[place].rankings, rankings.isByLedger, number < rankings.periods.count else {
                continue
            }
            for gift in sent[place] where rankings.periods[number].window.contains(gift.at) {
                let (amount, currency) = gift.change
                if currency == rankings.quota.by.ledger { sides[place].rankings?.note(amount, of: gift.account) }
            }
            sides[place].rankings?.rankNoted()
            sides[place].keep(sent[place])
        }
        progress.endPassage()
    }

    /// A passage over everybody, also where only a part is asked for: what people get for recommending others hangs on those
    /// others.
    private static func gather(
        _ sides: inout [Side], _ stage: ProgramTrialStage, _ progress: inout Progress
    ) async throws {
        var uses = sides.map { _ in EarningUses() }
        var sent = sides.map { _ in [ReplayGift]() }
        var receivers = sides.map { Set($0.gifts.keys) }
        try await ProgramTrialPeople(stage, progress.context.platform, everybody: true).inTurn { batch in
            for place in sides.indices where sides[place].hasReferrals {
                for history in batch.histories {
                    let gifts = try sides[place].replay.run(
                        history, sides[place].rankings, gifts: sides[place].gifts[history.account] ?? [], &uses[place]
                    ).gifts
                    sent[place] += gifts
                    receivers[place].formUnion(gifts.map(\.account))
                }
                uses[place] = uses[place].shared(with: receivers[place])
            }
            try await progress.report(batch.seen, "referrals")
        }
        for place in sides.indices { sides[place].keep(sent[place]) }
        progress.endPassage()
    }

    private static func replay(
        _ sides: [Side], _ stage: ProgramTrialStage, _ progress: inout Progress
    ) async throws -> ProgramTrialResult {
        var sum = ProgramTrialSum()
        sum.result.currency = stage.currency
        var uses = sides.map { _ in EarningUses() }
        let receivers = sides.map { Set($0.gifts.keys) }
        try await ProgramTrialPeople(stage, progress.context.platform).inTurn { batch in
            let outcomes = try await outcomes(batch.histories, sides, &uses)
            if !batch.hasEvents { sum.result.hasEvents = false }
            for (place, history) in batch.histories.enumerated() {
                sum.result.orders += Int64(history.orders.count)
                sum.result.events += Int64(history.events.count)
                sum.add(
                    history.profileID, outcomes.count > 1 ? outcomes[1][place] : nil, outcomes[0][place])
            }
            uses = zip(uses, receivers).map { $0.shared(with: $1) }
            try await progress.report(batch.seen, "replaying")
        }
        let all = stage.trial.oneIn == 1 ? sum.result.replayed : sum.result.replayed * stage.trial.oneIn
        return sum.conclude(people: all)
    }
}

extension ProgramTrialJob {
    /// Histories that one task replays where members are apart.
    private static let partPeople = 125

    /// What comes of people on each side, on all cores: sides at once, and parts of the people where what one gets says
    /// nothing of another.
    private static func outcomes(
        _ histories: [ProgramReplay.History], _ sides: [Side], _ uses: inout [EarningUses]
    ) async throws -> [[ProgramReplay.Outcome]] {
        try await withThrowingTaskGroup(
            of: (side: Int, start: Int, outcomes: [ProgramReplay.Outcome], uses: EarningUses).self
        ) { group in
            for (place, side) in sides.enumerated() {
                let isApart = side.replay.rules.treatsMembersApart
                let (length, before) = (isApart ? partPeople : max(histories.count, 1), uses[place])
                for start in stride(from: 0, to: histories.count, by: length) {
                    let part = histories[start..<min(start + length, histories.count)]
                    group.addTask {
                        let made = try side.run(part, before)
                        return (place, start, made.outcomes, made.uses)
                    }
                }
            }
            var parts = sides.map { _ in [Int: [ProgramReplay.Outcome]]() }
            for try await part in group {
                parts[part.side][part.start] = part.outcomes
                // Of members who are apart nothing is kept.
                if !sides[part.side].replay.rules.treatsMembersApart { uses[part.side] = part.uses }
            }
            return parts.map { $0.sorted { $0.key < $1.key }.flatMap(\.value) }
        }
    }
}

extension EarningUses {
    /// The counts over all members, and those of members whom others' facts give something: they are held against in any
    /// batch.
    fileprivate func shared(with receivers: Set<Int64>) -> EarningUses {
        receivers.isEmpty
            ? shared : EarningUses(counts.filter { $0.key.account == 0 || receivers.contains($0.key.account) })
    }
}
