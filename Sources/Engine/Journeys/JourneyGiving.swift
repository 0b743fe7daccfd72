import Storage

/// Gives points and coupons, within what their node may give, and keeps a record of each: for figures, and to take it back
/// when the order is refunded.
struct JourneyGiving {
    let effects: Effects
    let now: Timestamp
    /// By journey.
    let names: [Int64: String]

    /// Returns what is said of it. Throws: `JourneyRefusal`, as `JourneyDoing.perform`.
    func perform(_ deeds: [JourneyEffect], _ connection: any SQLConnection) throws -> [SystemEvent] {
        try spend(deeds, connection)
        return try coupons(deeds, connection) + points(deeds, connection)
    }

    // MARK: Budgets

    private struct Place: Hashable, Comparable {
        var journey: Int64
        var node: String

        static func < (left: Place, right: Place) -> Bool { (left.journey, left.node) < (right.journey, right.node) }
    }

    /// Takes what is to be given out of its node's budget; whoever comes after the last of it is refused.
    private func spend(_ deeds: [JourneyEffect], _ connection: any SQLConnection) throws {
        var places: [Place: [JourneyEffect]] = [:]
        for deed in deeds where deed.gift?.most ?? 0 > 0 {
            places[Place(journey: deed.journey, node: deed.node), default: []].append(deed)
        }
        var refused: [String: String] = [:]
        // In one order, so that processes wait for each other and do not tread on each other.
        for (place, own) in places.sorted(by: { $0.key < $1.key }) {
            try connection.execute(
                """
                INSERT INTO journey_budgets (journey_id, node, given) VALUES (\(place.journey), \(place.node), 0)
                ON CONFLICT DO NOTHING
                """)
            let row = try connection.first(
                """
                SELECT given FROM journey_budgets WHERE journey_id = \(place.journey)
                    AND node = \(place.node)\(raw: connection.dialect.forUpdate)
                """)
            var given = try row?.int(0) ?? 0
            for deed in own {
                guard given + deed.givenAmount <= deed.gift?.most ?? 0 else {
                    refused[deed.key] = "budget"
                    continue
                }
                given += deed.givenAmount
            }
            try connection.execute(
                """
                UPDATE journey_budgets SET given = \(given) WHERE journey_id = \(place.journey) AND node = \(place.node)
                """)
        }
        guard refused.isEmpty else { throw JourneyRefusal(refused) }
    }

    // MARK: Coupons

    private func coupons(_ deeds: [JourneyEffect], _ connection: any SQLConnection) throws -> [SystemEvent] {
        var said: [SystemEvent] = []
        var gifts: [Gift] = []
        for (place, deed) in deeds.enumerated() {
            guard case .coupon(let id) = deed.deed else { continue }
            do {
                let (answer, events) = try CouponIssuing.issue(
                    id, to: deed.profile, key: deed.key, by: "journey:\(deed.journey)", at: now, effects, connection)
                said += events
                gifts.append(Gift(deed: deed, what: String(id), coupon: answer.coupon.id))
            } catch let error as CouponError {
                let word = Self.word(error)
                // A limit of one person says nothing of the others.
                let others = word == "person_limit" ? [] : deeds[place...].filter { $0.deed == deed.deed }
                throw JourneyRefusal(
                    Dictionary((others + [deed]).map { ($0.key, word) }, uniquingKeysWith: { first, _ in first }))
            }
        }
        try note(gifts, connection)
        return said
    }

    private static func word(_ error: CouponError) -> String {
        switch error {
        case .issueLimit: "issue_limit"
        case .personIssueLimit: "person_limit"
        case .definitionEnded, .definitionNotFound: "coupon_ended"
        default: "coupon_refused"
        }
    }

    // MARK: Points

    private func points(_ deeds: [JourneyEffect], _ connection: any SQLConnection) throws -> [SystemEvent] {
        var given: [(award: Points.Given, deed: JourneyEffect)] = []
        var strangers: [String: String] = [:]
        let asking = deeds.filter { deed in
            if case .points = deed.deed { true } else { false }
        }
        let accounts = try connection.queryMany(
            "SELECT id FROM points_accounts WHERE profile_id = ? AND closed_ms IS NULL",
            asking.map { [.integer($0.profile)] })
        for (deed, rows) in zip(asking, accounts) {
            guard case .points(let currency, let amount) = deed.deed else { continue }
            guard let account = try rows.first?.int(0) else {
                strangers[deed.key] = "no_member"
                continue
            }
            let award = PointsAward(
                key: deed.key, amount: amount, source: "journey",
                note: ["journey": names[deed.journey] ?? String(deed.journey)])
            given.append((Points.Given(account: account, currency: currency, award: award), deed))
        }
        guard strangers.isEmpty else { throw JourneyRefusal(strangers) }
        guard let first = given.first else { return [] }
        try note(given.map { Gift(deed: $0.deed, what: $0.award.currency) }, connection)
        do {
            return try Points.award(given.map(\.award), at: now, connection).1
        } catch let error as PointsError {
            guard given.count == 1 else { throw error }
            throw JourneyRefusal(key: first.deed.key, reason: Self.word(error))
        }
    }

    private static func word(_ error: PointsError) -> String {
        switch error {
        case .unknownCurrency: "unknown_currency"
        case .balanceTooLarge: "balance_too_large"
        default: "points_refused"
        }
    }

    private struct Gift {
        var deed: JourneyEffect
        /// A currency, or a coupon's definition.
        var what: String
        /// 0 for points.
        var coupon: Int64 = 0
    }

    private func note(_ gifts: [Gift], _ connection: any SQLConnection) throws {
        let rows = try gifts.map { gift -> [SQLValue] in
            let deed = gift.deed
            let order = deed.gift?.reverses == true ? try deed.order ?? "" : ""
            return [
                .text(deed.key), .integer(deed.journey), .integer(deed.run), .text(deed.node), .integer(deed.profile),
                .text(gift.coupon == 0 ? "points" : "coupon"), .text(gift.what), .integer(deed.givenAmount),
                .integer(gift.coupon), .text(order), .integer(now.milliseconds),
            ]
        }
        try connection.executeMany(
            """
            INSERT INTO journey_gifts (gift_key, journey_id, run_id, node, profile_id, kind, what, amount, coupon_id,
                order_id, given_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
            """, rows)
    }
}

extension JourneyEffect {
    /// Points, or one coupon.
    fileprivate var givenAmount: Int64 {
        if case .points(_, let amount) = deed { return amount }
        return 1
    }

    /// The order that let the person in; nil where none did.
    fileprivate var order: String? {
        get throws {
            let values = try JSONValue(parsing: values)
            let told = values["order_id"] ?? values["orderId"]
            return told?.stringValue ?? told?.intValue.map { String($0) }
        }
    }
}
