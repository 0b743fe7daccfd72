import Storage

/// Where one member stands: the tier, until when and on what, and what is missing to stay and to go up.
package struct TierStanding: Sendable, Equatable {
    /// How far the member is towards a tier.
    package struct Progress: Sendable, Equatable {
        package var tier: String
        package var reading: TierReading
        package var lacking: TierCounterfactual
    }

    package var member: Int64
    package var profile: Int64
    package var ladder: TierLadder
    package var ladderVersion: Int64
    package var state: TierState
    package var joined: Timestamp
    /// The last day of the tier as things are; nil: it does not end by itself.
    package var lastDay: Int64?
    /// Towards staying; nil of the lowest tier and where a ranking decides.
    package var keeping: Progress?
    /// Towards each higher tier that rules give, the next first.
    package var higher: [Progress]
    /// The last ranking, and the place in it.
    package var ranking: TierRanking.Taken?
    package var place: TierPlace?

    /// `order`, `earnings`: what is imagined to have happened as well. Throws: `TierError.noLadder`,
    /// `TierError.notMember`, `StorageError`.
    package static func load(
        member: Int64, imagining order: TierOrder? = nil, _ earnings: [String: Int64] = [:], at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> TierStanding {
        let published = try TierLadders.required(connection)
        var batch = try TierBatch([member], published, at: now, locking: false, connection)
        batch.imagine(order, earnings)
        // As it will be when the clock comes by, which may be a moment late.
        batch.bringUpToDate()
        guard let row = batch.rows.first, let course = batch.courses.first, row.profile != 0 else {
            throw TierError.notMember(member)
        }
        let ladder = published.ladder
        let index = course.earnedIndex
        let today = batch.calendar.day(of: now)
        func progress(_ tier: Tier, _ rule: TierRule, _ window: TierWindow, _ lastDay: Int64) -> Progress {
            Progress(
                tier: tier.code, reading: rule.reading(course.facts, window),
                lacking: TierCounterfactual(
                    tier.code, rule, course.facts, window, lastDay: lastDay, batch.calendar))
        }
        let end =
            ladder.period.kind == .rolling
            ? today : ladder.period.containing(today, joined: batch.calendar.day(of: row.joined)).end - 1
        let higher = ladder.earnable.filter { $0 > index }.compactMap { number -> Progress? in
            ladder.tiers[number].rule.map {
                progress(ladder.tiers[number], $0, course.enteringWindow(at: now), end)
            }
        }
        let keeping = course.deadline.flatMap { deadline in
            ladder.tiers[index].keeping.map {
                progress(ladder.tiers[index], $0, course.keepingWindow, deadline - 1)
            }
        }
        var lastDay = course.deadline.map { $0 - 1 }
        if course.state.tier != course.state.earned, let until = course.state.grant?.until {
            lastDay = batch.calendar.day(of: until.adding(milliseconds: -1))
        } else if course.state.tier != course.state.earned {
            lastDay = nil
        }
        let ranking = ladder.quota == nil ? nil : try TierRanking.list(limit: 1, connection).first
        return TierStanding(
            member: member, profile: row.profile, ladder: ladder, ladderVersion: published.version,
            state: course.state, joined: row.joined, lastDay: lastDay, keeping: keeping, higher: higher,
            ranking: ranking, place: try ranking.flatMap { try TierRanking.place(of: member, in: $0.id, connection) })
    }
}
