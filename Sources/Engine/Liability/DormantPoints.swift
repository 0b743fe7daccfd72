import Science
import Storage

/// Points of members who stay away, and what could be done about them, compared before anything is.
package enum DormantPoints {
    /// Whose points are meant: nothing earned, spent, reserved, given, donated or adjusted for so many months.
    package struct Rule: Codable, Sendable, Equatable {
        package var currency: String
        package var months: Int

        package init(currency: String, months: Int) {
            self.currency = currency
            self.months = months
        }

        /// Throws: `DormantError.rule`.
        package func validate() throws {
            guard (1...PointsLimits.monthsMax).contains(months) else {
                throw DormantError.rule(monthsMax: PointsLimits.monthsMax)
            }
        }
    }

    /// What would come of one choice.
    package struct Outcome: Sendable, Equatable {
        package enum Choice: String, Sendable, CaseIterable {
            case nothing, remind, extend, donate
        }

        package var choice: Choice
        /// Owed as soon as it is done.
        package var outstanding: Int64
        /// Of that, what will be redeemed and what will lapse, by the rates of all members.
        package var redeemed: Int64
        package var lapsed: Int64
        /// Given to the cause at once.
        package var donated: Int64
    }

    package struct Comparison: Sendable, Equatable {
        package var members: Int64
        package var amount: Int64
        package var outcomes: [Outcome]
        /// Whether the dormant are more than were looked at for the forecast.
        package var isSampled: Bool
    }

    /// What is assumed of who is reminded.
    package struct Assumptions: Sendable, Equatable {
        /// Share of 1 of the points that come back to use because of a reminder.
        package var returning: Double
        package var extendMonths: Int

        package init(returning: Double = 0.05, extendMonths: Int = 6) {
            self.returning = min(1, max(0, returning))
            self.extendMonths = min(max(extendMonths, 1), PointsLimits.monthsMax)
        }
    }

    private static let acts: [PointsTransaction.Kind] = [
        .open, .award, .redeem, .reserve, .capture, .transferOut, .donate, .adjust, .poolGive,
        .poolSpend,
    ]
    private static let sampledAccounts = 5_000

    /// Throws: `DormantError`, `PointsError.unknownCurrency`, `StorageError`.
    package static func compare(
        _ rule: Rule, _ assumptions: Assumptions, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Comparison {
        try rule.validate()
        guard let currency = try PointsCurrencies.stored(rule.currency, connection)?.currency else {
            throw PointsError.unknownCurrency(rule.currency)
        }
        let condition = try dormant(rule, at: now, connection)
        let sums = try connection.first(
            "SELECT count(*), CAST(coalesce(sum(b.available), 0) AS BIGINT) FROM points_balances b" + condition)
        let (members, amount) = (try sums?.int(0) ?? 0, try sums?.int(1) ?? 0)
        let ids = try accounts(rule, after: 0, limit: sampledAccounts, at: now, connection).map(\.account)
        let rates = BreakageForecast(
            try LiabilityCohorts.load(rule.currency, at: now, connection).history, []
        ).rates
        func lapsing(later: Int) throws -> Double {
            guard !ids.isEmpty else { return 0 }
            let lots = try LiabilityCohorts.lots(
                currency, at: now, accounts: ids, later: later, connection)
            let all = lots.reduce(0) { $0 + $1.amount }
            return all > 0 ? BreakageForecast.breakage(lots, rates) / all : 0
        }
        let (usual, extended) = (try lapsing(later: 0), try lapsing(later: assumptions.extendMonths))
        func outcome(_ choice: Outcome.Choice, lapsing share: Double) -> Outcome {
            let lapsed = Int64((Double(amount) * share).rounded())
            return Outcome(
                choice: choice, outstanding: amount, redeemed: amount - lapsed, lapsed: lapsed, donated: 0)
        }
        return Comparison(
            members: members, amount: amount,
            outcomes: [
                outcome(.nothing, lapsing: usual),
                outcome(.remind, lapsing: usual * (1 - assumptions.returning)),
                outcome(.extend, lapsing: extended),
                Outcome(choice: .donate, outstanding: 0, redeemed: 0, lapsed: 0, donated: amount),
            ], isSampled: members > Int64(sampledAccounts))
    }

    /// Dormant accounts by id, with what can be spent and whose they are. Throws: `StorageError`.
    package static func accounts(
        _ rule: Rule, after: Int64, limit: Int, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [(account: Int64, available: Int64, profile: Int64)] {
        let condition = try dormant(rule, at: now, connection)
        return try connection.query(
            "SELECT b.account_id, b.available, a.profile_id FROM points_balances b" + condition
                + " AND b.account_id > \(after) ORDER BY b.account_id LIMIT \(limit)"
        ).map { (try $0.int(0), try $0.int(1), try $0.int(2)) }
    }

    private static func dormant(
        _ rule: Rule, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> SQL {
        let calendar = try Workspace.load(connection).calendar
        let month = LocalMonth.number(of: now, calendar) - Int64(rule.months)
        let since = LocalMonth.start(month, calendar).milliseconds
        return """
             JOIN points_accounts a ON a.id = b.account_id
            WHERE b.currency = \(rule.currency) AND b.available > 0 AND a.closed_ms IS NULL AND a.profile_id <> 0
            AND NOT EXISTS (SELECT 1 FROM points_transactions t WHERE t.account_id = b.account_id
                AND t.currency = \(rule.currency) AND t.at_ms >= \(since)
                AND t.kind IN (\(list: acts.map(\.rawValue))))
            """
    }
}

package enum DormantError: Error, Sendable, Equatable {
    case rule(monthsMax: Int)
    /// An extension needs a moment in the future, a donation a cause.
    case action(field: String)
}
