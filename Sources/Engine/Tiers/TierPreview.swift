import Storage

/// What a draft of a ladder would do to the members there are: who goes up at once, who goes down at the end of the period
/// by what they did in as many months until now, and what the benefits would cost. Changes nothing.
package enum TierPreview {
    package static let kind = "preview_tiers"

    package struct Report: Codable, Sendable, Equatable {
        package struct Move: Codable, Sendable, Equatable {
            package var from: String
            package var to: String
            package var members: Int64
        }

        package struct Person: Codable, Sendable, Equatable {
            package var member: Int64
            package var profile: Int64
            package var from: String
            package var to: String
            /// What lacks to keep the tier, of those who go down.
            package var lacking: TierCounterfactual?
        }

        package struct Level: Codable, Sendable, Equatable {
            package var tier: String
            package var before: Int64
            package var after: Int64
            /// In a year, if every grant is used once: minor units of the workspace's currency, quotas counted.
            package var cost: Int64
        }

        package var ladder: TierLadder
        package var members: Int64
        package var levels: [Level]
        package var up: [Move]
        package var down: [Move]
        /// The first ones by member, up to a limit.
        package var rising: [Person]
        package var falling: [Person]
        package var cost: Int64
        /// Of the ladder that holds now, counted the same way.
        package var costBefore: Int64
    }

    /// Throws: `TierError.invalidLadder`, `StorageError`.
    package static func ask(
        _ ladder: TierLadder, by user: Int64?, effects: Effects, _ connection: any SQLConnection
    ) throws -> Int64 {
        try ladder.validate()
        let text = try StoredDocument.text(ladder)
        return try JobQueue.enqueue(
            connection, kind: kind, key: "\(kind):\(Digest.sha256(Array(text.utf8)).prefix(16))", request: text,
            dueAt: effects.now(), createdBy: user, effects: effects
        ).id
    }

    package static let handler = JobHandler(kind: kind) { context in
        let draft = try StoredDocument.value(TierLadder.self, from: context.job.request)
        let platform = context.platform
        let total = try await platform.store.read { connection in
            try connection.first(
                "SELECT count(*) FROM points_accounts WHERE profile_id <> 0 AND closed_ms IS NULL")?.int(0) ?? 0
        }
        let now = platform.effects.now()
        let places = try await platform.store.read { try TierPreview.places(draft, at: now, $0) }
        var tally = TierPreviewTally(draft, places)
        var after: Int64 = 0
        while true {
            let last = after
            let page = try await platform.store.read { try TierPreviewTally.page(draft, after: last, at: now, $0) }
            guard let end = page.last?.member else { break }
            tally.add(page)
            after = end
            try await context.report(JobProgress(done: tally.members, total: total, unit: "people"))
        }
        let present = try await platform.store.read { try TierLadders.current($0)?.ladder }
        return try StoredDocument.text(tally.report(against: present))
    }

    /// Where a ranking of the present period would put everybody; nil without a ranking.
    private static func places(
        _ draft: TierLadder, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [Int64: Int]? {
        guard let quota = draft.quota else { return nil }
        let calendar = try Workspace.load(connection).calendar
        let period = draft.period.containing(calendar.day(of: now), joined: 0)
        let window = TierWindow(from: calendar.start(ofDay: period.start), to: now.adding(milliseconds: 1))
        let contestants = try TierRanking.contestants(quota.by, window, draft, connection)
        let places = RankQuota(quota, earnable: draft.earnable).places(contestants)
        return Dictionary(uniqueKeysWithValues: places.map { ($0.member, $0.tier) })
    }
}

/// Adds up a preview.
struct TierPreviewTally {
    struct Subject: Sendable {
        var member: Int64
        var profile: Int64
        /// What the member has now, and what the draft would lead to by rules.
        var before: String
        var target: String
        var grant: String?
        var lacking: TierCounterfactual?
    }

    private let draft: TierLadder
    private let places: [Int64: Int]?
    private(set) var members: Int64 = 0
    private var before: [String: Int64] = [:]
    private var after: [String: Int64] = [:]
    private var up: [[String]: Int64] = [:]
    private var down: [[String]: Int64] = [:]
    private var rising: [TierPreview.Report.Person] = []
    private var falling: [TierPreview.Report.Person] = []

    init(_ draft: TierLadder, _ places: [Int64: Int]?) {
        self.draft = draft
        self.places = places
    }

    static func page(
        _ draft: TierLadder, after last: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [Subject] {
        let members = try connection.query(
            """
            SELECT id FROM points_accounts WHERE id > \(last) AND closed_ms IS NULL AND profile_id <> 0
            ORDER BY id LIMIT \(TierLimits.batchMembers)
            """
        ).map { try $0.int(0) }
        let published = TierLadders.Published(version: 0, ladder: draft, author: "", publishedAt: now)
        var batch = try TierBatch(members, published, at: now, locking: false, connection)
        let before = batch.rows.map(\.state.tier)
        batch.run { _, course in
            course.adopt(at: now)
        }
        return zip(zip(batch.rows, before), batch.courses).map { pair, course in
            let keep = course.keptOrFallen(at: now)
            return Subject(
                member: pair.0.member, profile: pair.0.profile, before: pair.1, target: keep.tier,
                grant: course.state.grant?.tier, lacking: keep.lacking)
        }
    }

    mutating func add(_ page: [Subject]) {
        for subject in page {
            members += 1
            var index = draft.index(subject.target) ?? 0
            if let place = places?[subject.member] { index = place }
            index = max(index, subject.grant.flatMap { draft.index($0) } ?? 0)
            let target = draft.tiers[index].code
            before[subject.before, default: 0] += 1
            after[target, default: 0] += 1
            guard target != subject.before else { continue }
            let person = TierPreview.Report.Person(
                member: subject.member, profile: subject.profile, from: subject.before, to: target,
                lacking: subject.lacking)
            if index > draft.index(subject.before) ?? Int.max {
                up[[subject.before, target], default: 0] += 1
                if rising.count < TierLimits.previewNamed { rising.append(person) }
            } else {
                down[[subject.before, target], default: 0] += 1
                if falling.count < TierLimits.previewNamed { falling.append(person) }
            }
        }
    }

    func report(against present: TierLadder?) -> TierPreview.Report {
        let risen = up.reduce(into: [String: Int64]()) { $0[$1.key[1], default: 0] += $1.value }
        func moves(_ moves: [[String]: Int64]) -> [TierPreview.Report.Move] {
            moves.sorted { ($1.value, $0.key[0], $0.key[1]) < ($0.value, $1.key[0], $1.key[1]) }.map {
                TierPreview.Report.Move(from: $0.key[0], to: $0.key[1], members: $0.value)
            }
        }
        let levels = draft.tiers.map { tier in
            TierPreview.Report.Level(
                tier: tier.code, before: before[tier.code] ?? 0, after: after[tier.code] ?? 0,
                cost: Self.cost(tier, members: after[tier.code] ?? 0, entering: risen[tier.code] ?? 0))
        }
        let costBefore = (present?.tiers ?? []).reduce(0) {
            $0 + Self.cost($1, members: before[$1.code] ?? 0, entering: 0)
        }
        return TierPreview.Report(
            ladder: draft, members: members, levels: levels, up: moves(up), down: moves(down), rising: rising,
            falling: falling, cost: levels.reduce(0) { $0 + $1.cost }, costBefore: costBefore)
    }

    /// What a tier's benefits cost in a year.
    static func cost(_ tier: Tier, members: Int64, entering: Int64) -> Int64 {
        tier.benefits.reduce(0) { sum, benefit in
            guard let cost = benefit.cost, let occasion = benefit.occasion else { return sum }
            let grants: Int64
            switch occasion {
            case .entry: grants = entering
            case .monthly: grants = members * 12
            case .birthday: grants = members
            }
            return sum + cost * min(grants, (benefit.quota ?? .max / 12) * 12)
        }
    }
}

extension TierCourse {
    /// The tier that is left at the end of the period by what the member did in as many months until now, and what lacks
    /// where one is lost.
    func keptOrFallen(at now: Timestamp) -> (tier: String, lacking: TierCounterfactual?) {
        let tier = ladder.tiers[earnedIndex]
        guard ladder.quota == nil, earnedIndex > 0, let rule = tier.keeping else { return (tier.code, nil) }
        let first = TierPeriod.adding(-ladder.period.months, to: calendar.day(of: now) + 1)
        let window = TierWindow(from: calendar.start(ofDay: first), to: TierWindow.open)
        guard !rule.reading(facts, window).holds else { return (tier.code, nil) }
        let next = ladder.below(earnedIndex)
        let fallen = ladder.earnable.last { index in
            index <= next && (index == 0 || ladder.tiers[index].keeping?.reading(facts, window).holds ?? false)
        }
        let target = ladder.isSoft ? next : fallen ?? 0
        let lacking = TierCounterfactual(
            tier.code, rule, facts, window, lastDay: (deadline ?? state.periodEnd) - 1, calendar)
        return (ladder.tiers[target].code, lacking)
    }
}
