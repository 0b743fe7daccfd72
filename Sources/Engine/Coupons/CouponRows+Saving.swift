import Storage

extension CouponRows {
    /// Writes what changed, and counts it: the limits hold here, whatever was read before. Returns what it says.
    /// Throws: `CouponError.refused`, `.personIssueLimit`, `.issueLimit`, `StorageError`.
    static func save(_ loaded: [Loaded], by actor: String, _ connection: any SQLConnection) throws -> [SystemEvent] {
        let changed = loaded.filter { $0.life != $0.before }.sorted { $0.life.coupon.id < $1.life.coupon.id }
        guard !changed.isEmpty else { return [] }
        try saveUses(changed, connection)
        for item in changed {
            let coupon = item.life.coupon
            let due = coupon.kind == .shared ? try sharedDue(item.life, connection) : item.life.due
            let sequence = coupon.sequence + Int64(item.life.written.count)
            try connection.execute(
                """
                UPDATE coupons SET kind = \(coupon.kind.rawValue), profile_id = \(coupon.profileID),
                    state = \(coupon.state.rawValue), from_ms = \(coupon.from.milliseconds),
                    until_ms = \((coupon.until?.milliseconds).sqlValue), amount_left = \(coupon.left.sqlValue), uses = \(coupon.uses),
                    sequence = \(sequence), due_ms = \((due?.milliseconds).sqlValue)
                WHERE id = \(coupon.id)
                """)
        }
        try write(changed.map(\.life), by: actor, connection)
        try count(changed.map(\.life), connection)
        return changed.flatMap { CouponEvents.said(by: $0.life) }
    }

    /// Adds the entries of coupons to their histories.
    static func write(_ lives: [CouponLife], by actor: String, _ connection: any SQLConnection) throws {
        var rows: [[SQLValue]] = []
        for life in lives {
            for (index, entry) in life.written.enumerated() {
                rows.append(
                    row(
                        entry, of: life.coupon.id, life.coupon.definitionID,
                        sequence: life.coupon.sequence + Int64(index) + 1, by: actor))
            }
        }
        try connection.executeMany(insertHistory, rows)
    }

    /// An entry about many coupons of a definition at once.
    static func write(
        _ entry: CouponEntry, ofMany definition: Int64, by actor: String, effects: Effects,
        _ connection: any SQLConnection
    ) throws {
        try connection.executeMany(
            insertHistory, [row(entry, of: 0, definition, sequence: effects.newID(), by: actor)])
        var tally = CouponTally()
        tally.count(entry)
        _ = try add(tally, to: definition, usedMax: nil, issuedMax: nil, connection)
    }

    private static let insertHistory = """
        INSERT INTO coupon_history (coupon_id, sequence, definition_id, kind, at_ms, profile_id, order_key, amount,
            coupons, actor, note)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    private static func row(
        _ entry: CouponEntry, of coupon: Int64, _ definition: Int64, sequence: Int64, by actor: String
    ) -> [SQLValue] {
        [
            .integer(coupon), .integer(sequence), .integer(definition), .text(entry.kind.rawValue),
            .integer(entry.at.milliseconds), .integer(entry.profileID), .text(entry.order), .integer(entry.amount),
            .integer(entry.count), .text(actor), .text(entry.note),
        ]
    }

    private static func saveUses(_ changed: [Loaded], _ connection: any SQLConnection) throws {
        var rows: [[SQLValue]] = []
        for item in changed {
            for (order, use) in item.life.uses.sorted(by: { $0.key < $1.key }) where item.before.uses[order] != use {
                rows.append([
                    .integer(use.couponID), .text(order), .integer(use.definitionID), .integer(use.profileID),
                    .text(use.state.rawValue), .text(use.discount.stored.text()),
                    use.lockedUntil.map { .integer($0.milliseconds) } ?? .null, .integer(use.at.milliseconds),
                    .text(use.request),
                ])
            }
        }
        try connection.executeMany(
            """
            INSERT INTO coupon_uses (coupon_id, order_key, definition_id, profile_id, state, discount, until_ms, at_ms,
                request_hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (coupon_id, order_key) DO UPDATE SET profile_id = excluded.profile_id, state = excluded.state,
                discount = excluded.discount, until_ms = excluded.until_ms, at_ms = excluded.at_ms,
                request_hash = excluded.request_hash
            """, rows)
    }

    /// A shared code's uses are not all loaded: the earliest lock is asked for.
    private static func sharedDue(_ life: CouponLife, _ connection: any SQLConnection) throws -> Timestamp? {
        let row = try connection.first(
            """
            SELECT min(until_ms) FROM coupon_uses WHERE coupon_id = \(life.coupon.id) AND until_ms IS NOT NULL
            """)
        let lock = try row?.intOrNil(0).map(Timestamp.init(milliseconds:))
        let end = life.coupon.state == .issued ? life.coupon.until : nil
        guard let lock else { return end }
        return end.map { min($0, lock) } ?? lock
    }

    // MARK: Counting

    private struct PersonKey: Hashable, Comparable {
        var profile: Int64
        var definition: Int64

        static func < (left: PersonKey, right: PersonKey) -> Bool {
            (left.profile, left.definition) < (right.profile, right.definition)
        }
    }

    /// Adds what happened to the counts of definitions, then of people, each in the order of their ids: so that
    /// transactions at the same moment wait and do not tread on each other.
    static func count(_ lives: [CouponLife], _ connection: any SQLConnection) throws {
        for (definition, own) in Dictionary(grouping: lives, by: \.coupon.definitionID).sorted(by: { $0.key < $1.key })
        {
            var tally = CouponTally()
            for entry in own.flatMap(\.written) { tally.count(entry) }
            let limits = own.map(\.rule.limits)
            let (usedMax, issuedMax) = (limits.compactMap(\.used).min(), limits.compactMap(\.issued).min())
            guard try add(tally, to: definition, usedMax: usedMax, issuedMax: issuedMax, connection) else {
                if tally.issued > 0 { throw CouponError.issueLimit(issuedMax ?? 0) }
                throw CouponError.refused(
                    own.map { CouponError.Refused(code: $0.coupon.code, reasons: [.usedUp(limit: usedMax ?? 0)]) })
            }
        }
        var people: [PersonKey: (issued: Int64, used: Int64, lives: [CouponLife])] = [:]
        for life in lives {
            for entry in life.written where entry.profileID != 0 {
                let key = PersonKey(profile: entry.profileID, definition: life.coupon.definitionID)
                var sum = people[key] ?? (0, 0, [])
                sum.issued += entry.issuedToPerson
                sum.used += entry.usesOfPerson
                sum.lives.append(life)
                people[key] = sum
            }
        }
        for (key, sum) in people.sorted(by: { $0.key < $1.key }) where sum.issued != 0 || sum.used != 0 {
            try add(key, sum, connection)
        }
    }

    private static func add(
        _ tally: CouponTally, to definition: Int64, usedMax: Int64?, issuedMax: Int64?, _ connection: any SQLConnection
    ) throws -> Bool {
        guard tally != CouponTally() else { return true }
        var statement: SQL = """
            UPDATE coupon_definitions SET issued = issued + \(tally.issued), open_locks = open_locks + \(tally.open),
                taken = taken + \(tally.taken), redeemed = redeemed + \(tally.redeemed),
                discount = discount + \(tally.discount), expired = expired + \(tally.expired),
                voided = voided + \(tally.voided)
            WHERE id = \(definition)
            """
        if let usedMax, tally.used > 0 { statement += " AND open_locks + redeemed + \(tally.used) <= \(usedMax)" }
        if let issuedMax, tally.issued > 0 { statement += " AND issued + \(tally.issued) <= \(issuedMax)" }
        return try connection.execute(statement) == 1
    }

    private static func add(
        _ key: PersonKey, _ sum: (issued: Int64, used: Int64, lives: [CouponLife]), _ connection: any SQLConnection
    ) throws {
        let limits = sum.lives.map(\.rule.limits)
        let usedMax = sum.used > 0 ? limits.compactMap(\.usedPerPerson).min() : nil
        let issuedMax = sum.issued > 0 ? limits.compactMap(\.issuedPerPerson).min() : nil
        var statement: SQL = """
            INSERT INTO coupon_people (profile_id, definition_id, issued, used)
            VALUES (\(key.profile), \(key.definition), \(sum.issued), \(sum.used))
            ON CONFLICT (profile_id, definition_id) DO UPDATE SET issued = coupon_people.issued + \(sum.issued),
                used = coupon_people.used + \(sum.used) WHERE coupon_people.issued >= 0
            """
        if let usedMax { statement += " AND coupon_people.used + \(sum.used) <= \(usedMax)" }
        if let issuedMax { statement += " AND coupon_people.issued + \(sum.issued) <= \(issuedMax)" }
        let isWithin = sum.used <= usedMax ?? .max && sum.issued <= issuedMax ?? .max
        guard isWithin, try connection.execute(statement) == 1 else {
            if let issuedMax { throw CouponError.personIssueLimit(issuedMax) }
            throw CouponError.refused(
                sum.lives.map {
                    CouponError.Refused(code: $0.coupon.code, reasons: [.personUsedUp(limit: usedMax ?? 0)])
                })
        }
    }
}
