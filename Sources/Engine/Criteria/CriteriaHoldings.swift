import Storage

/// What a person has of points and coupons, as conditions ask for it and as the mirror in the analytics store keeps it:
/// the state after the last entry of the ledger, with the days on which parts of it come to their end.
package struct CriteriaHoldings: Sendable, Equatable {
    /// Whether there is an account: points are only asked of members.
    package var isMember = false
    /// By currency; a member without a balance has nothing of it.
    package var points: [String: Points] = [:]
    /// Available points that lapse, together by currency and day.
    package var lapsing: [Lapsing] = []
    package var coupons: [Coupons] = []

    /// Amounts are integers of the currency's smallest part.
    package struct Points: Sendable, Equatable {
        package var available: Int64 = 0
        package var pending: Int64 = 0
        /// Awarded in all its time, less what was taken back.
        package var earned: Int64 = 0
        /// Ten-thousandths in the smallest part.
        package var unit: Int64 = CriteriaValue.scale
    }

    package struct Lapsing: Sendable, Equatable {
        package var currency: String
        /// The last day on which they can be spent.
        package var day: Int64
        package var amount: Int64
    }

    package enum CouponState: String, CaseIterable, Sendable {
        /// Issued or claimed, and neither used up nor over; one that an order has locked is still held.
        case held
        /// An order has used it: a coupon of the person's own, a code, or a code for everybody.
        case redeemed
        case expired
    }

    /// Coupons of one definition that stand the same.
    package struct Coupons: Sendable, Equatable {
        package var definition: Int64
        package var state: CouponState
        /// The last day on which a held one can be used; 0: without end, or no longer held.
        package var day: Int64
        package var count: Int64
    }

    package init() {}

    /// Whole units that are told apart; more are this many. Keeps ten-thousandths within 64 bits.
    static let amountLimit: Int64 = 900_000_000_000_000

    /// An amount in ten-thousandths.
    func scaled(_ amount: Int64, _ currency: String) -> Int64 {
        min(amount, Self.amountLimit) &* (points[currency]?.unit ?? 0)
    }

    /// What lapses up to and with a day.
    func lapsing(_ currency: String, through day: Int64) -> Int64 {
        lapsing.reduce(0) { $0 + ($1.currency == currency && $1.day <= day ? $1.amount : 0) }
    }

    /// The last day before a moment at which something is over: the ends of the ledger are the first moments after.
    private static func lastDay(_ endMS: Int64, _ calendar: LocalCalendar) -> Int64 {
        calendar.day(of: Timestamp(milliseconds: endMS - 1))
    }
}

extension CriteriaHoldings {
    /// Of these people, by person; who has nothing is missing. Throws: `StorageError`.
    static func load(
        of profileIDs: [Int64], _ calendar: LocalCalendar, _ connection: any SQLConnection
    ) throws -> [Int64: CriteriaHoldings] {
        guard !profileIDs.isEmpty else { return [:] }
        var found: [Int64: CriteriaHoldings] = [:]
        if try connection.first("SELECT 1 FROM points_accounts LIMIT 1") != nil {
            try loadPoints(of: profileIDs, calendar, into: &found, connection)
        }
        if try connection.first("SELECT 1 FROM coupon_definitions LIMIT 1") != nil {
            try loadCoupons(of: profileIDs, calendar, into: &found, connection)
        }
        return found
    }

    private static func loadPoints(
        of profileIDs: [Int64], _ calendar: LocalCalendar, into found: inout [Int64: CriteriaHoldings],
        _ connection: any SQLConnection
    ) throws {
        var units: [String: Int64] = [:]
        for stored in try PointsCurrencies.list(connection) {
            units[stored.currency.code] = unit(scale: stored.currency.scale)
        }
        let balances = try connection.queryMany(
            """
            SELECT b.currency, b.available, b.pending, b.earned, b.inactive_ms, a.id FROM points_accounts a
            LEFT JOIN points_balances b ON b.account_id = a.id
            WHERE a.profile_id = ? AND a.profile_id <> 0 AND a.closed_ms IS NULL
            """, profileIDs.map { [.integer($0)] })
        var members: [(profile: Int64, account: Int64)] = []
        var inactive: [Int64: [String: Int64]] = [:]
        for (id, rows) in zip(profileIDs, balances) {
            guard let first = rows.first else { continue }
            members.append((id, try first.int(5)))
            found[id, default: CriteriaHoldings()].isMember = true
            for row in rows {
                guard let currency = try row.textOrNil(0) else { continue }
                var points = Points()
                (points.available, points.pending, points.earned) = (try row.int(1), try row.int(2), try row.int(3))
                points.unit = units[currency] ?? CriteriaValue.scale
                found[id]?.points[currency] = points
                if let end = try row.intOrNil(4) { inactive[id, default: [:]][currency] = lastDay(end, calendar) }
            }
        }
        let lots = try connection.queryMany(
            """
            SELECT currency, expires_ms, remaining FROM points_lots
            WHERE account_id = ? AND remaining > 0 AND pending = 0 AND expires_ms IS NOT NULL
            """, members.map { [.integer($0.account)] })
        for (member, rows) in zip(members, lots) {
            let lots = try rows.map { (try $0.text(0), lastDay(try $0.int(1), calendar), try $0.int(2)) }
            found[member.profile]?.note(lots, inactive: inactive[member.profile] ?? [:])
        }
    }

    private static func unit(scale: Int) -> Int64 {
        (0..<min(max(scale, 0), PointsLimits.scaleMax)).reduce(CriteriaValue.scale) { unit, _ in unit / 10 }
    }

    /// Inactivity ends all together, so no lot lasts longer than it.
    private mutating func note(
        _ lots: [(currency: String, day: Int64, amount: Int64)], inactive: [String: Int64]
    ) {
        var sums: [String: [Int64: Int64]] = [:]
        for lot in lots {
            sums[lot.currency, default: [:]][min(lot.day, inactive[lot.currency] ?? .max), default: 0] += lot.amount
        }
        for (currency, day) in inactive {
            let rest = (points[currency]?.available ?? 0) - (sums[currency] ?? [:]).values.reduce(0, +)
            if rest > 0 { sums[currency, default: [:]][day, default: 0] += rest }
        }
        lapsing = sums.sorted { $0.key < $1.key }.flatMap { currency, days in
            days.sorted { $0.key < $1.key }.map { Lapsing(currency: currency, day: $0.key, amount: $0.value) }
        }
    }

    private static func loadCoupons(
        of profileIDs: [Int64], _ calendar: LocalCalendar, into found: inout [Int64: CriteriaHoldings],
        _ connection: any SQLConnection
    ) throws {
        let arguments = profileIDs.map { [SQLValue.integer($0)] }
        let own = try connection.queryMany(
            """
            SELECT definition_id, state, until_ms, count(*) FROM coupons
            WHERE profile_id = ? AND profile_id <> 0 AND state IN ('issued', 'locked', 'expired')
            GROUP BY definition_id, state, until_ms
            """, arguments)
        let used = try connection.queryMany(
            """
            SELECT definition_id, count(*) FROM coupon_uses
            WHERE profile_id = ? AND profile_id <> 0 AND state = 'redeemed' GROUP BY definition_id
            """, arguments)
        for (index, id) in profileIDs.enumerated() where !own[index].isEmpty || !used[index].isEmpty {
            var sums: [Int64: [CouponState: [Int64: Int64]]] = [:]
            for row in own[index] {
                let isHeld = try row.text(1) != Coupon.State.expired.rawValue
                let day = isHeld ? try row.intOrNil(2).map { lastDay($0, calendar) } ?? 0 : 0
                sums[try row.int(0), default: [:]][isHeld ? .held : .expired, default: [:]][day, default: 0] +=
                    try row.int(3)
            }
            for row in used[index] {
                sums[try row.int(0), default: [:]][.redeemed, default: [:]][0, default: 0] += try row.int(1)
            }
            found[id, default: CriteriaHoldings()].coupons = sums.sorted { $0.key < $1.key }.flatMap { entry in
                entry.value.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { state, days in
                    days.sorted { $0.key < $1.key }.map {
                        Coupons(definition: entry.key, state: state, day: $0.key, count: $0.value)
                    }
                }
            }
        }
    }
}
