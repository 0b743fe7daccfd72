import Storage

/// Facts that one transaction of the store looks at: judged once, awarded in the ledger, and brought in line with what
/// came back.
///
/// Invariants: what the ledger holds for an order is a function of the order as it is, so any split of returns adds up to
/// the same and a full return leaves nothing. A fact is judged once; an order again only when what is in it changed, and
/// then by the version that judged it first. Accounts are locked before anything is counted, so caps hold whoever else
/// counts at the same time.
struct EarningBatch {
    let published: PublishedProgram
    let people: EarningPeople
    let members: [Int64: EarningMember]
    let now: Timestamp
    let connection: any SQLConnection
    var orders: [OrderRecord] = []
    var events: [(event: LoggedEvent, profileID: Int64)] = []
    /// What lots may wait for that happened.
    var releases: Set<String> = []

    private var records: [String: EarningRecord] = [:]
    private var changed: [String] = []
    private var uses = EarningUses()

    /// One fact on its way.
    private struct Item {
        var key: String
        var name: String
        var profileID: Int64
        var order: OrderRecord?
        var facts: EarningFacts?
        var isJudged = false
        var content = ""
    }

    /// Facts that are dated later than this are not believed.
    private static let aheadDays: Int64 = 1

    init(
        _ published: PublishedProgram, _ people: EarningPeople, _ members: [Int64: EarningMember], at now: Timestamp,
        _ connection: any SQLConnection
    ) {
        self.published = published
        self.people = people
        self.members = members
        self.now = now
        self.connection = connection
    }

    /// Does it and returns what it says. Throws: `StorageError`.
    mutating func run() throws -> [SystemEvent] {
        records = try EarningRecords.load(orders.map { Self.key(of: $0.orderID) }, connection)
        let items = try items()
        let waiting = try waiting()
        guard !items.isEmpty || !waiting.isEmpty else { return [] }
        let holders = try holders(of: items)
        var ids = Set(holders).union(waiting)
        for item in items where item.isJudged {
            if let facts = item.facts { ids.formUnion([facts.member.account, facts.referrer].compactMap(\.self)) }
        }
        var loaded = try PointsAccountRows.load(Array(ids), .balances, connection)
        for (id, one) in loaded {
            guard holders.contains(id) || waiting.contains(id) || one.dueMS.map({ $0 <= now.milliseconds }) ?? false
            else { continue }
            var one = one
            try PointsAccountRows.deepen(&one, .open, connection)
            loaded[id] = one
        }
        var ledger = PointsBatch(loaded, try PointsProgram.load(connection), at: now)
        try ledger.advance()
        uses = try EarningRecords.uses(
            items.reduce(into: []) { wanted, item in
                if item.isJudged, let facts = item.facts { wanted.formUnion(rules(of: item).uses(for: facts)) }
            }, connection)
        for item in items { try settle(item, &ledger) }
        for id in waiting {
            try ledger.change(id) { account in
                for event in releases { _ = try account.release(waitingFor: event, at: now) }
            }
        }
        try EarningRecords.save(changed.compactMap { records[$0] }, connection)
        try EarningRecords.save(uses, connection)
        let earned = Set(changed.compactMap { records[$0] }.flatMap(\.grants).map(\.account)).intersection(ids)
        return try ledger.save(request: nil, connection) + lifted(earned)
    }

    /// Tiers follow what was earned, where they are reached by points.
    private func lifted(_ accounts: Set<Int64>) throws -> [SystemEvent] {
        guard !accounts.isEmpty, let ladder = try TierLadders.current(connection)?.ladder, !ladder.currencies.isEmpty
        else { return [] }
        return try TierReview.review(members: accounts.sorted(), at: now, connection)
    }

    static func key(of orderID: String) -> String { "order:" + orderID }

    // MARK: Gathering

    private func items() throws -> [Item] {
        var profiles = Set(events.map(\.profileID))
        for order in orders { profiles.insert(order.profileID) }
        let subjects = try people.subjects(profiles.filter { members[$0] != nil }, connection)
        var items: [Item] = orders.compactMap { item($0, subjects[$0.profileID]) }
        items += events.compactMap { item($0.event, $0.profileID, subjects[$0.profileID]) }
        try nameReferrers(&items)
        return items.sorted { ($0.facts?.time ?? now, $0.key) < ($1.facts?.time ?? now, $1.key) }
    }

    private func item(_ order: OrderRecord, _ subject: CriteriaSubject?) -> Item? {
        let currency = people.workspace.currency
        let summary = order.state.summary(currency: currency)
        var item = Item(
            key: Self.key(of: order.orderID), name: "Order Completed", profileID: order.profileID, order: order)
        if let member = members[order.profileID], let subject, let completed = order.state.completedMS {
            let earning = EarningOrder(
                id: order.orderID, order.state, currency: currency,
                isFirst: subject.profile.firstOrderMS == summary.orderedMS)
            item.content = Self.content(earning)
            item.facts = EarningFacts(
                key: item.key, time: Timestamp(milliseconds: completed), member: member, order: earning,
                subject: subject, clock: people.clock)
        }
        guard let record = records[item.key] else {
            guard summary.status.counts, let facts = item.facts, isAccepted(facts) else { return nil }
            item.isJudged = true
            return item
        }
        let isSame = record.profileID == order.profileID
        item.isJudged = summary.status.counts && item.facts != nil && (!isSame || record.content != item.content)
        if !isSame, let facts = item.facts, !isAccepted(facts) { item.isJudged = false }
        let shares = EarningReturns.shares(order.state, currency: currency)
        let isSettled = record.grants.allSatisfy { EarningReturns.left(of: $0.points, line: $0.line, shares) == $0.net }
        return item.isJudged || !isSame || !isSettled ? item : nil
    }

    private func item(_ logged: LoggedEvent, _ profileID: Int64, _ subject: CriteriaSubject?) -> Item? {
        guard let member = members[profileID], let subject else { return nil }
        let event = CriteriaEvent(
            position: logged.position, name: logged.event.name, time: logged.event.time,
            properties: FlatValues(parsing: logged.event.properties, nil), context: logged.event.context)
        let facts = EarningFacts(
            key: "event:\(logged.position)", time: logged.event.time, member: member, event: event, subject: subject,
            clock: people.clock)
        guard isAccepted(facts), !published.rules.looking(facts).isEmpty else { return nil }
        return Item(key: facts.key, name: logged.event.name, profileID: profileID, facts: facts, isJudged: true)
    }

    /// Neither too old, nor from before one was a member.
    private func isAccepted(_ facts: EarningFacts) -> Bool {
        let calendar = people.workspace.calendar
        let (today, joined) = (calendar.day(of: now), calendar.day(of: facts.member.since))
        return facts.day >= today - published.rules.acceptedDays && facts.day <= today + Self.aheadDays
            && facts.day >= joined - published.program.enrolment.backdatedDays
    }

    /// Tells orders apart by what earns.
    private static func content(_ order: EarningOrder) -> String {
        var parts = [order.store, order.channel, String(order.shipping), String(order.isForeign)]
        for line in order.lines {
            parts.append("\(line.key)\u{1F}\(line.amount)\u{1F}\(line.tax)\u{1F}\(line.quantity)")
        }
        return String(Digest.sha256(Array(parts.joined(separator: "\n").utf8)).prefix(16))
    }

    private func nameReferrers(_ items: inout [Item]) throws {
        let fields = published.rules.referrerFields.sorted()
        guard !fields.isEmpty else { return }
        func named(_ facts: EarningFacts) -> String? {
            fields.lazy.compactMap { facts.event?.properties.first($0) ?? facts.subject.traits.first($0) }.first?.text
        }
        let names = Set(items.compactMap { $0.facts.flatMap(named) })
        let accounts = try ProgramMembers.named(names, connection)
        for place in items.indices {
            if let name = items[place].facts.flatMap(named) { items[place].facts?.referrer = accounts[name] }
        }
    }

    /// Accounts that lots of facts known before lie in, wherever merges took them.
    private func holders(of items: [Item]) throws -> Set<Int64> {
        let keys = items.flatMap { records[$0.key]?.grants ?? [] }.flatMap(\.lots).map(\.key)
        guard !keys.isEmpty else { return [] }
        let answers = try connection.queryMany(
            "SELECT account_id FROM points_lots WHERE lot_key = ? AND lot_key <> ''", keys.map { [.text($0)] })
        return Set(try answers.flatMap { try $0.map { try $0.int(0) } })
    }

    private func waiting() throws -> Set<Int64> {
        guard !releases.isEmpty else { return [] }
        let answers = try connection.queryMany(
            """
            SELECT DISTINCT account_id FROM points_lots
            WHERE waits_for = ? AND waits_for <> '' AND remaining > 0 AND pending = 1
            """, releases.sorted().map { [.text($0)] })
        return Set(try answers.flatMap { try $0.map { try $0.int(0) } })
    }

    // MARK: Judging

    /// The rules that judge it: of an order known before those of the version that did.
    private func rules(of item: Item) -> EarningRuleSet {
        guard let record = records[item.key], record.profileID == item.profileID,
            record.version != published.number
        else { return published.rules }
        return published.earlier(record.version) ?? published.rules
    }

    private mutating func settle(_ item: Item, _ ledger: inout PointsBatch) throws {
        var record = records[item.key]
        if item.isJudged, let facts = item.facts {
            let judged = judge(item, facts, record)
            // Nothing is kept of events that no rule would have given for.
            let isTold = item.order != nil || judged.waterfall.contains { $0.computed > 0 }
            guard isTold || record != nil else { return }
            record = judged
        } else if record?.profileID != item.profileID {
            for place in record?.grants.indices ?? 0..<0 { record?.grants[place].points = 0 }
            record?.profileID = item.profileID
        }
        guard var record else { return }
        let shares = item.order.map { EarningReturns.shares($0.state, currency: people.workspace.currency) }
        let rules = rules(of: item)
        for place in record.grants.indices {
            let left =
                shares.map { EarningReturns.left(of: record.grants[place].points, line: record.grants[place].line, $0) }
                ?? record.grants[place].points
            let net = record.grants[place].net
            if net > left { try takeBack(net - left, &record.grants[place], record.key, &ledger) }
            if net < left, let facts = item.facts, let rule = rules.rule(record.grants[place].rule) {
                try give(left - net, place, &record, rule, facts, &ledger)
            }
        }
        records[item.key] = record
        changed.append(item.key)
    }

    /// The record as the rules have it now, with the lots that there are.
    private mutating func judge(_ item: Item, _ facts: EarningFacts, _ before: EarningRecord?) -> EarningRecord {
        let set = rules(of: item)
        let isSame = before?.profileID == item.profileID
        if let before, isSame { forget(before, facts, set) }
        var facts = facts
        // What the tier made of it the first time stays so, whatever the tier is now.
        if let before, isSame, let told = before.waterfall.first(where: { $0.benefit != nil })?.benefit {
            let currencies = Set(before.waterfall.filter { $0.benefit != nil }.map(\.currency))
            facts.member.benefit = EarningBenefit(
                tier: told.tier, names: told.names, multiplier: told.multiplier, currencies: currencies)
        }
        let outcome = EarningEvaluation.run(facts, set, &uses)
        var record = EarningRecord(
            key: item.key, account: facts.member.account, profileID: item.profileID,
            version: isSame ? before?.version ?? published.number : published.number, name: item.name,
            factMS: facts.time.milliseconds, madeMS: before?.madeMS ?? now.milliseconds, content: item.content,
            grants: before?.grants ?? [], waterfall: outcome.waterfall)
        for place in record.grants.indices { record.grants[place].points = 0 }
        for gift in outcome.gifts {
            for part in gift.parts {
                let known = record.grants.firstIndex {
                    $0.rule == gift.rule && $0.line == part.line && $0.currency == gift.currency
                        && (isSame || $0.account == gift.account)
                }
                if let known {
                    record.grants[known].points += part.points
                    record.grants[known].basis = part.basis
                } else {
                    record.grants.append(
                        EarningRecord.Grant(
                            rule: gift.rule, line: part.line, currency: gift.currency, account: gift.account,
                            basis: part.basis, points: part.points))
                }
            }
        }
        return record
    }

    /// What a fact that is judged again was counted for is counted anew.
    private mutating func forget(_ record: EarningRecord, _ facts: EarningFacts, _ set: EarningRuleSet) {
        for rule in Set(record.grants.filter { $0.points > 0 }.map(\.rule)) {
            let points = record.grants.filter { $0.rule == rule && $0.line != "~friend" }.reduce(0) { $0 + $1.points }
            let currency = record.grants.first { $0.rule == rule }?.currency ?? ""
            for use in set.uses(for: facts)
            where use.currency == currency && (use.rule == rule || use.rule.isEmpty)
                && use.period != EarningUse.streakPeriod
            {
                let count = uses[use]
                uses.set(use, points: max(count.points - points, 0), times: max(count.times - 1, 0))
            }
        }
    }

    // MARK: The ledger

    private func give(
        _ points: Int64, _ place: Int, _ record: inout EarningRecord, _ rule: EarningRule, _ facts: EarningFacts,
        _ ledger: inout PointsBatch
    ) throws {
        let grant = record.grants[place]
        let number = record.grants.filter { $0.rule == grant.rule && $0.line == grant.line }.reduce(1) {
            $0 + $1.lots.count
        }
        let key = record.awardKey(grant.rule, grant.line, number: number)
        let about = facts.order?.id ?? facts.event?.name ?? ""
        let step = record.waterfall.first { $0.rule == rule.id && $0.benefit != nil }
        let by = step?.benefit?.title(nil) ?? rule.id
        var award = rule.terms.award(key: key, points, facts, source: String("\(by) · \(about)".prefix(200)))
        award.note["rule"] = rule.id
        award.note["version"] = String(record.version)
        do {
            try ledger.perform(.award(account: grant.account, currency: grant.currency, award), connection)
            record.grants[place].lots.append(EarningRecord.Lot(key: key, amount: points, reversed: 0))
        } catch let error as PointsError {
            record.grants[place].points = grant.net
            for step in record.waterfall.indices where record.waterfall[step].rule == rule.id {
                record.waterfall[step].verdict = .refused(String("\(error)".prefix(200)))
                record.waterfall[step].points = 0
            }
        }
    }

    /// From the newest award on.
    private func takeBack(
        _ points: Int64, _ grant: inout EarningRecord.Grant, _ fact: String, _ ledger: inout PointsBatch
    ) throws {
        var rest = points
        for place in grant.lots.indices.reversed() where rest > 0 {
            let lot = grant.lots[place]
            let part = min(rest, lot.amount - lot.reversed)
            guard part > 0 else { continue }
            let command = PointsCommand.reverse(
                award: lot.key, part, key: "\(lot.key):back:\(lot.reversed + part)", note: ["fact": fact])
            do {
                try ledger.perform(command, connection)
            } catch is PointsError {
                // An award that was taken back by hand is gone; nothing more is to be taken.
            }
            grant.lots[place].reversed += part
            rest -= part
        }
    }
}
