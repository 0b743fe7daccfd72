import Storage

/// Why members went down, over all of them in a span.
package struct TierCauses: Sendable, Equatable {
    /// Why, as far as the evidence says.
    package enum Reason: String, Sendable, CaseIterable {
        /// Without returns the tier would have been kept.
        case returns
        /// Nothing was bought, or earned, in the period.
        case stopped
        /// A tenth or less was missing.
        case nearly
        /// More was missing than a tenth.
        case less
        /// Others were ahead in a ranking.
        case outranked
        /// What was given by hand ended.
        case granted
        /// The ladder changed, or a merge was undone.
        case other
    }

    package struct Count: Sendable, Equatable {
        /// A reason, a tier, a stage, a store, a category, a span of days; empty: not known.
        package var value: String
        package var members: Int64
    }

    package var total: Int64
    /// Whether there were more than are looked at.
    package var isCut: Bool
    package var byReason: [Count]
    package var byTier: [Count]
    /// As they stand now.
    package var byStage: [Count]
    /// Of the last order.
    package var byStore: [Count]
    package var byCategory: [Count]
    /// Days since the person was last seen, at the moment of the change: `0-30`, `31-90`, `91-180`, `181-`.
    package var byContact: [Count]

    package static let limit = 20_000
    private static let shown = 12

    /// Of changes between two moments, the newest first. Throws: `StorageError`.
    package static func load(
        from start: Timestamp, to end: Timestamp, _ connection: any SQLConnection
    ) throws -> TierCauses {
        let entries = try TierHistory.list(from: start, to: end, isUp: false, limit: limit + 1, connection)
        let counted = entries.prefix(limit).filter { $0.change.from != $0.change.to }
        let people = try connection.queryMany(
            "SELECT stage, last_seen_ms FROM profiles WHERE id = ?", counted.map { [.integer($0.profile)] })
        let orders = try connection.queryMany(
            """
            SELECT store, state FROM orders WHERE profile_id = ? AND profile_id <> 0 AND ordered_ms < ?
            ORDER BY ordered_ms DESC, order_id DESC LIMIT 1
            """, counted.map { [.integer($0.profile), .integer($0.change.at.milliseconds)] })
        var tallies = Array(repeating: [String: Int64](), count: 6)
        for (index, entry) in counted.enumerated() {
            let person = people[index].first
            let order = orders[index].first
            let seen = try person?.int(1)
            let values = [
                reason(entry.change).rawValue, entry.change.from ?? "", try person?.textOrNil(0) ?? "",
                try order?.textOrNil(0) ?? "", try order.map { try category($0.text(1)) } ?? "",
                seen.map { Self.contact(entry.change.at.milliseconds - $0) } ?? "",
            ]
            for (place, value) in values.enumerated() { tallies[place][value, default: 0] += 1 }
        }
        let counts = tallies.map { tally in
            tally.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(shown).map {
                Count(value: $0.key, members: $0.value)
            }
        }
        return TierCauses(
            total: Int64(counted.count), isCut: entries.count > limit, byReason: counts[0], byTier: counts[1],
            byStage: counts[2], byStore: counts[3], byCategory: counts[4], byContact: counts[5])
    }

    package static func reason(_ change: TierChange) -> Reason {
        switch change.cause {
        case .ranking: return .outranked
        case .grant, .grantEnded: return .granted
        case .periodEnd: break
        case .enrolled, .activity, .merge, .unmerge, .ladder: return .other
        }
        if change.counterfactual?.returnsDecided ?? false { return .returns }
        guard let reading = change.evidence.reading else { return .less }
        if reading.parts.allSatisfy({ $0.value <= 0 }) { return .stopped }
        return reading.percent >= 90 ? .nearly : .less
    }

    private static func category(_ state: String) throws -> String {
        let lines = try OrderState(parsing: state).fields.lines ?? []
        var amounts: [String: Int128] = [:]
        for line in lines {
            guard let category = line.category, !category.isEmpty else { continue }
            amounts[category, default: 0] += line.total?.nanos ?? 1
        }
        return amounts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? ""
    }

    private static func contact(_ milliseconds: Int64) -> String {
        switch milliseconds / Timestamp.millisecondsPerDay {
        case ...30: return "0-30"
        case 31...90: return "31-90"
        case 91...180: return "91-180"
        default: return "181-"
        }
    }
}
