import Storage

/// Members as the program sees them, and how people become members.
package enum ProgramMembers {
    private static let ordersMax = 500

    /// By profile; who is no member is left out. Throws: `StorageError`.
    static func of(_ profileIDs: Set<Int64>, _ connection: any SQLConnection) throws -> [Int64: EarningMember] {
        let ids = profileIDs.filter { $0 != 0 }.sorted()
        guard !ids.isEmpty else { return [:] }
        let answers = try connection.queryMany(
            """
            SELECT a.id, a.opened_ms, p.tier FROM points_accounts a JOIN profiles p ON p.id = a.profile_id
            WHERE a.profile_id = ? AND a.closed_ms IS NULL
            """,
            ids.map { [.integer($0)] })
        var members: [Int64: EarningMember] = [:]
        for (id, rows) in zip(ids, answers) {
            guard let row = rows.first else { continue }
            members[id] = EarningMember(
                account: try row.int(0), since: Timestamp(milliseconds: try row.int(1)), tier: try row.textOrNil(2))
        }
        guard members.values.contains(where: { $0.tier != nil }) else { return members }
        let benefits = try benefits(try TierLadders.current(connection)?.ladder, connection)
        return members.mapValues { member in
            var member = member
            member.benefit = benefits.of(member.tier)
            return member
        }
    }

    /// What the tiers of a ladder make of points. Throws: `StorageError`.
    static func benefits(_ ladder: TierLadder?, _ connection: any SQLConnection) throws -> EarningBenefits {
        let spendable = try PointsCurrencies.list(connection).map(\.currency).filter(\.isSpendable).map(\.code)
        return EarningBenefits(ladder, currencies: Set(spendable))
    }

    /// Of a program's own tiers, else of those that hold now. Throws: `StorageError`.
    static func benefits(_ program: LoyaltyProgram, _ connection: any SQLConnection) throws -> EarningBenefits {
        guard let tiers = program.tiers else {
            return try benefits(try TierLadders.current(connection)?.ladder, connection)
        }
        do {
            return try benefits(try TierLadders.ladder(of: tiers), connection)
        } catch is TierError {
            // A draft whose tiers cannot be used yet multiplies nothing.
            return EarningBenefits()
        }
    }

    /// Accounts of who is named by a member number or a `user_id`. Throws: `StorageError`.
    static func named(_ names: Set<String>, _ connection: any SQLConnection) throws -> [String: Int64] {
        var accounts: [String: Int64] = [:]
        for name in names.sorted() {
            let byNumber: SQL = "SELECT id FROM points_accounts WHERE number = \(name) AND closed_ms IS NULL"
            let byName: SQL = """
                SELECT a.id FROM identities i JOIN points_accounts a ON a.profile_id = i.profile_id
                WHERE i.kind = 'user_id' AND i.value = \(name) AND a.closed_ms IS NULL
                """
            let row = try PointsAccounts.isNumber(name) ? connection.first(byNumber) : connection.first(byName)
            if let row { accounts[name] = try row.int(0) }
        }
        return accounts
    }

    /// Whose an identity is, whatever its kind. Throws: `StorageError`.
    package static func profile(named value: String, _ connection: any SQLConnection) throws -> Int64? {
        try connection.first("SELECT profile_id FROM identities WHERE value = \(value) ORDER BY kind")?.int(0)
    }

    /// Makes a person a member, and gives what orders of the days before earn by the program in force. Who is a member
    /// already stays as is. Throws: `ProfileError`, `StorageError`.
    package static func enrol(
        profile: Int64, _ program: ProgramCache = ProgramCache(), effects: Effects, _ connection: any SQLConnection
    ) throws -> (account: MemberAccount, isNew: Bool) {
        let opened = try PointsAccounts.open(profile: profile, effects: effects, connection)
        guard opened.isNew, let published = try program.load(connection) else { return opened }
        let now = effects.now()
        let (id, workspace) = (opened.account.profileID, try Workspace.load(connection))
        let people = try EarningPeople(published.rules.criteria, workspace, segments: SegmentCache(), connection)
        let member = EarningMember(account: opened.account.id, since: opened.account.openedAt)
        var batch = EarningBatch(published, people, [id: member], at: now, connection)
        batch.orders = try earlierOrders([id: member], published, workspace.calendar, connection)
        let told = try batch.run()
        try SystemEventLog.append(told, now: now, effects: effects, to: connection)
        return (try PointsAccounts.get(opened.account.id, connection), true)
    }

    /// Orders that new members made before and that count.
    static func earlierOrders(
        _ members: [Int64: EarningMember], _ published: PublishedProgram, _ calendar: LocalCalendar,
        _ connection: any SQLConnection
    ) throws -> [OrderRecord] {
        guard published.rules.looksAtOrders, !members.isEmpty else { return [] }
        let answers = try connection.queryMany(
            """
            SELECT order_id FROM orders WHERE profile_id = ? AND ordered_ms >= ?
            ORDER BY ordered_ms DESC LIMIT \(ordersMax)
            """,
            members.sorted { $0.key < $1.key }.map { id, member in
                let first = calendar.day(of: member.since) - published.program.enrolment.backdatedDays
                return [.integer(id), .integer(calendar.start(ofDay: first).milliseconds)]
            })
        let ids = Set(try answers.flatMap { try $0.map { try $0.text(0) } })
        return try OrderRows.load(ids.sorted(), connection).values.sorted { $0.orderID < $1.orderID }
    }

    /// Makes people members at the moments told, all at once; their rows are locked. Returns the accounts and what is
    /// to be said. Throws: `StorageError`.
    static func enrol(
        _ moments: [Int64: Timestamp], effects: Effects, _ connection: any SQLConnection
    ) throws -> (members: [Int64: EarningMember], events: [SystemEvent]) {
        guard !moments.isEmpty else { return ([:], []) }
        var events: [SystemEvent] = []
        let numbers = try PointsAccounts.open(moments, effects: effects, connection)
        let members = try of(Set(moments.keys), connection)
        for (profile, number) in numbers.sorted(by: { $0.key < $1.key }) {
            guard let member = members[profile] else { continue }
            events.append(
                SystemEvent(
                    name: "Member Enrolled", profileID: profile, time: member.since,
                    properties: JSONValue.object([
                        "account": JSONValue(id: member.account), "number": .string(number),
                    ]).text()))
        }
        return (members, events)
    }
}
