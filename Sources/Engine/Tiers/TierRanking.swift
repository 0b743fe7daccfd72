import Storage

/// Takes a ranking when a calendar period has ended, freezes it, and moves whom it moves.
///
/// The ranking is written whole in one transaction; moves follow in bounded ones and go on where they were broken off,
/// since they follow from the frozen lines alone. A night that was missed is caught up period by period.
package enum TierRanking {
    package struct Taken: Sendable, Equatable {
        package var id: Int64
        package var fromDay: Int64
        package var toDay: Int64
        package var ladder: Int64
        package var members: Int64
        package var takenAt: Timestamp
        package var moved: Int64
        package var isDone: Bool
    }

    package static let handler = JobHandler(kind: "tier_ranking", schedule: .every(seconds: 300)) { context in
        var moved: Int64 = 0
        for _ in 0..<periodsInOneGo {
            guard let taken = try await next(context) else { break }
            moved += try await move(taken, context)
        }
        return try StoredDocument.text(["moved": moved])
    }

    private static let periodsInOneGo = 24
    private static let pageRows = 10_000
    private static let columns = "id, from_day, to_day, ladder, members, taken_ms, moved, done_ms"

    /// The newest first. Throws: `StorageError`.
    package static func list(limit: Int, _ connection: any SQLConnection) throws -> [Taken] {
        try connection.query(
            "SELECT \(raw: columns) FROM tier_rankings ORDER BY to_day DESC LIMIT \(limit)"
        ).map(taken)
    }

    /// A member's place in a ranking. Throws: `StorageError`.
    package static func place(
        of member: Int64, in ranking: Int64, _ connection: any SQLConnection
    ) throws -> TierPlace? {
        let row = try connection.first(
            """
            SELECT p.lines, r.members FROM tier_ranking_parts p JOIN tier_rankings r ON r.id = p.ranking_id
            WHERE p.ranking_id = \(ranking) AND p.first_member <= \(member) AND p.last_member >= \(member)
            """)
        guard let row else { return nil }
        let ranked = try row.int(1)
        return try row.text(0).split(separator: "\n").lazy.compactMap { TierPlace(line: $0, ranked: ranked) }
            .first { $0.member == member }
    }

    private static func taken(_ row: SQLRow) throws -> Taken {
        Taken(
            id: try row.int(0), fromDay: try row.int(1), toDay: try row.int(2), ladder: try row.int(3),
            members: try row.int(4), takenAt: Timestamp(milliseconds: try row.int(5)), moved: try row.int(6),
            isDone: try row.intOrNil(7) != nil)
    }

    /// A ranking whose moves are not all made, or one that is to be taken now; nil when there is none.
    private static func next(_ context: JobContext) async throws -> Taken? {
        let effects = context.platform.effects
        return try await context.write { connection in
            let open = try connection.first(
                "SELECT \(raw: columns) FROM tier_rankings WHERE done_ms IS NULL ORDER BY to_day LIMIT 1")
            if let open { return try taken(open) }
            guard let published = try TierLadders.current(connection), published.ladder.quota != nil else { return nil }
            let calendar = try Workspace.load(connection).calendar
            let now = effects.now()
            let last = try list(limit: 1, connection).first?.toDay
            let begun = calendar.day(of: published.publishedAt)
            // The period in which the ladder was published is the first that is ranked, when it has ended.
            let period = published.ladder.period.containing(max(last ?? begun, begun), joined: 0)
            guard calendar.start(ofDay: period.end) <= now else { return nil }
            return try take(from: period.start, to: period.end, published, calendar, effects: effects, connection)
        }
    }

    /// Ranks everybody and freezes it. Throws: `StorageError`.
    package static func take(
        from start: Int64, to end: Int64, _ published: TierLadders.Published, _ calendar: LocalCalendar,
        effects: Effects, _ connection: any SQLConnection
    ) throws -> Taken? {
        guard let quota = published.ladder.quota else { return nil }
        let window = TierWindow(from: calendar.start(ofDay: start), to: calendar.start(ofDay: end))
        let contestants = try contestants(quota.by, window, published.ladder, connection)
        let places = RankQuota(quota, earnable: published.ladder.earnable).places(contestants)
        let id = effects.newID()
        try connection.execute(
            """
            INSERT INTO tier_rankings (id, from_day, to_day, ladder, members, taken_ms, moved)
            VALUES (\(id), \(start), \(end), \(published.version), \(Int64(places.count)),
                \(effects.now().milliseconds), 0)
            """)
        let sorted = places.sorted { $0.member < $1.member }
        var parts: [[SQLValue]] = []
        for (number, first) in stride(from: 0, to: sorted.count, by: TierLimits.partMembers).enumerated() {
            let part = sorted[first..<min(first + TierLimits.partMembers, sorted.count)]
            guard let from = part.first, let to = part.last else { continue }
            parts.append([
                .integer(id), .integer(Int64(number)), .integer(from.member), .integer(to.member),
                .text(part.map(\.line).joined(separator: "\n")),
            ])
        }
        try connection.executeMany(
            """
            INSERT INTO tier_ranking_parts (ranking_id, part, first_member, last_member, lines) VALUES (?, ?, ?, ?, ?)
            """, parts)
        return try list(limit: 1, connection).first
    }

    /// Everybody who is a member, with what is compared.
    static func contestants(
        _ by: TierIndicator, _ window: TierWindow, _ ladder: TierLadder, _ connection: any SQLConnection
    ) throws -> [TierContestant] {
        let values = try values(by, window, connection)
        var contestants: [TierContestant] = []
        let isByMember = by.ledger != nil
        try connection.forEach(
            """
            SELECT a.id, a.profile_id, a.opened_ms, coalesce(t.earned, '') FROM points_accounts a
            LEFT JOIN tier_members t ON t.member_id = a.id
            WHERE a.profile_id <> 0 AND a.closed_ms IS NULL AND a.opened_ms < \(window.to.milliseconds)
            """, batch: pageRows
        ) { rows in
            for row in rows {
                let (member, profile) = (try row.int(0), try row.int(1))
                contestants.append(
                    TierContestant(
                        member: member, value: values[isByMember ? member : profile] ?? 0, joinedMS: try row.int(2),
                        tier: ladder.index(try row.text(3)) ?? 0))
            }
        }
        return contestants
    }

    /// By profile, or by member where the ledger counts. Returns count as of now; they came in before the ranking was taken.
    private static func values(
        _ by: TierIndicator, _ window: TierWindow, _ connection: any SQLConnection
    ) throws -> [Int64: Int64] {
        let (from, to) = (window.from.milliseconds, window.to.milliseconds)
        let sql: SQL
        switch by.kind {
        case NetSpend.kind, OrderCount.kind:
            let figure: SQL = by.kind == OrderCount.kind ? "count(*)" : "CAST(sum(net_workspace) AS BIGINT)"
            sql =
                "SELECT profile_id, " + figure + """
                     FROM orders WHERE ordered_ms >= \(from) AND ordered_ms < \(to)
                    AND status IN ('completed', 'partially_refunded') AND profile_id <> 0 GROUP BY profile_id
                    """
        case RFMScore.kind:
            sql = "SELECT id, rfm_r + rfm_f + rfm_m FROM profiles WHERE rfm_r > 0"
        default:
            sql = """
                SELECT account_id, CAST(sum(amount - reversed) AS BIGINT) FROM points_lots
                WHERE currency = \(by.ledger ?? "") AND earned_ms >= \(from) AND earned_ms < \(to) AND lot_key <> ''
                GROUP BY account_id
                """
        }
        var values: [Int64: Int64] = [:]
        try connection.forEach(sql, batch: pageRows) { rows in
            for row in rows { values[try row.int(0)] = try row.int(1) }
        }
        return values
    }

    /// Moves whom the frozen lines move.
    private static func move(_ taken: Taken, _ context: JobContext) async throws -> Int64 {
        let effects = context.platform.effects
        var moved: Int64 = 0
        let parts = try await context.platform.store.read { connection in
            try connection.query(
                "SELECT count(*) FROM tier_ranking_parts WHERE ranking_id = \(taken.id)"
            ).first?.int(0) ?? 0
        }
        for part in 0..<parts {
            let movers = try await context.platform.store.read { try TierRanking.movers(taken, part, $0) }
            for start in stride(from: 0, to: movers.count, by: TierLimits.batchMembers) {
                let slice = Array(movers[start..<min(start + TierLimits.batchMembers, movers.count)])
                let byMember = Dictionary(uniqueKeysWithValues: slice.map { ($0.member, $0) })
                try await context.write { connection in
                    let now = effects.now()
                    let moment = try Workspace.load(connection).calendar.start(ofDay: taken.toDay)
                    let events = try TierReview.change(
                        members: slice.map(\.member), at: now, connection
                    ) { batch in
                        batch.bringUpToDate()
                        batch.run { member, course in
                            if let place = byMember[member] {
                                course.take(place, periodEnd: taken.toDay, at: moment)
                            }
                        }
                    }
                    try connection.execute(
                        "UPDATE tier_rankings SET moved = moved + \(Int64(slice.count)) WHERE id = \(taken.id)")
                    try SystemEventLog.append(events, now: now, effects: effects, to: connection)
                    try context.report(
                        JobProgress(done: part, total: parts, unit: "parts", phase: "moving"), in: connection)
                }
                moved += Int64(slice.count)
            }
        }
        try await context.write { connection in
            _ = try connection.execute(
                "UPDATE tier_rankings SET done_ms = \(effects.now().milliseconds) WHERE id = \(taken.id)")
        }
        return moved
    }

    /// Members of a part whose tier is another than the one that their place gives.
    static func movers(_ taken: Taken, _ part: Int64, _ connection: any SQLConnection) throws -> [TierPlace] {
        let row = try connection.first(
            "SELECT lines FROM tier_ranking_parts WHERE ranking_id = \(taken.id) AND part = \(part)")
        guard let row, let published = try TierLadders.current(connection) else { return [] }
        let places = try row.text(0).split(separator: "\n").compactMap { TierPlace(line: $0, ranked: taken.members) }
        guard let first = places.first, let last = places.last else { return [] }
        var earned: [Int64: (tier: String, start: Int64)] = [:]
        try connection.forEach(
            """
            SELECT member_id, earned, period_start FROM tier_members WHERE member_id >= \(first.member)
            AND member_id <= \(last.member)
            """, batch: pageRows
        ) { rows in
            for row in rows { earned[try row.int(0)] = (try row.text(1), try row.int(2)) }
        }
        let ladder = published.ladder
        return places.filter { place in
            guard place.tier < ladder.tiers.count else { return false }
            guard let own = earned[place.member] else { return place.tier > 0 }
            // Soft landing moves one by one: whom this ranking has moved already begins the next period with it.
            return own.start < taken.toDay && own.tier != ladder.tiers[place.tier].code
        }
    }
}

extension TierPlace {
    /// `member value place tier needed`.
    var line: String { "\(member) \(value) \(place) \(tier) \(needed.map(String.init) ?? "-")" }

    init?(line: Substring, ranked: Int64) {
        let parts = line.split(separator: " ")
        guard parts.count == 5, let member = Int64(parts[0]), let value = Int64(parts[1]), let place = Int64(parts[2]),
            let tier = Int(parts[3])
        else { return nil }
        self.init(member: member, place: place, ranked: ranked, value: value, tier: tier, needed: Int64(parts[4]))
    }
}
