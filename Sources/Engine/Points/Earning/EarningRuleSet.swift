/// All earning rules of a program with what they share.
package struct EarningRuleSet: Sendable {
    /// As they are written.
    package private(set) var rules: [EarningRule] = []
    package private(set) var groups: [EarningGroup] = []
    /// Over all rules of a currency.
    package private(set) var caps: [SharedCap] = []
    /// What is older by so many days when it arrives earns nothing: so that an import of history does not.
    package private(set) var acceptedDays: Int64 = 90

    /// In the order in which they are looked at, multipliers last.
    package private(set) var ordered: [EarningRule] = []
    private var byEvent: [String: [Int]] = [:]
    private var orderRules: [EarningRule] = []
    /// Of what others gave.
    private(set) var multipliers: [EarningRule] = []

    package struct SharedCap: Sendable, Equatable {
        package var currency: String
        package var cap: EarningCap
        /// Whether it is the budget of the program.
        package var isBudget: Bool
    }

    package init() {}

    /// Reads `rules`, `groups`, `caps`, `budget` and `accepted_days` out of the fields of a program.
    init(_ reader: CriteriaReader) {
        rules = reader.children("rules", limit: EarningLimits.rules).compactMap { EarningRule($0) }
        groups = reader.children("groups", limit: EarningLimits.groups).map { EarningGroup($0) }
        caps = reader.children("caps", limit: EarningLimits.caps).map { own in
            let currency = own.text("currency", orElse: "points")
            return SharedCap(currency: currency, cap: EarningCap(own), isBudget: false)
        }
        if let own = reader.child("budget") {
            let cap = EarningCap(
                .all, own.choice("period", orElse: .ever) ?? .ever,
                points: own.whole("points", in: 1...EarningLimits.totalPoints))
            caps.append(SharedCap(currency: own.text("currency", orElse: "points"), cap: cap, isBudget: true))
            own.finish()
        }
        acceptedDays = reader.whole("accepted_days", in: 0...Int64(PointsLimits.daysMax), orElse: 90)
        let known = Set(groups.map(\.name))
        for (place, rule) in rules.enumerated() {
            if rules[..<place].contains(where: { $0.id == rule.id }) {
                reader.note("rules[\(place)].id", .twice(rule.id))
            }
            if !rule.group.isEmpty, !known.contains(rule.group) {
                reader.note("rules[\(place)].group", .unknownChoice(rule.group, allowed: known.sorted()))
            }
        }
        if known.count < groups.count { reader.note("groups", .twice("name")) }
        prepare()
    }

    private mutating func prepare() {
        ordered = rules.enumerated().sorted {
            ($0.element.trigger == .award ? 1 : 0, -$0.element.priority, $0.offset)
                < ($1.element.trigger == .award ? 1 : 0, -$1.element.priority, $1.offset)
        }.map(\.element)
        for (place, rule) in ordered.enumerated() {
            switch rule.trigger {
            case .order: orderRules.append(rule)
            case .event: for name in rule.kind.events { byEvent[name, default: []].append(place) }
            case .award: multipliers.append(rule)
            }
        }
    }

    package var json: [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        if !rules.isEmpty { members["rules"] = .array(rules.map(\.json)) }
        if !groups.isEmpty { members["groups"] = .array(groups.map(\.json)) }
        let shared = caps.filter { !$0.isBudget }
        if !shared.isEmpty {
            members["caps"] = .array(
                shared.map { .object($0.cap.json.merging(["currency": .string($0.currency)]) { $1 }) })
        }
        if let budget = caps.first(where: \.isBudget) {
            var own: [String: JSONValue] = ["currency": .string(budget.currency)]
            own["points"] = budget.cap.points.map(JSONValue.integer)
            if budget.cap.period != .ever { own["period"] = .string(budget.cap.period.rawValue) }
            members["budget"] = .object(own)
        }
        if acceptedDays != 90 { members["accepted_days"] = .integer(acceptedDays) }
        return members
    }

    package var isEmpty: Bool { rules.isEmpty }

    /// Of what a tier's benefit gave: the rule behind it, whose terms it has.
    package func rule(_ id: String) -> EarningRule? {
        guard id.hasPrefix(EarningBenefit.prefix) else { return rules.first { $0.id == id } }
        guard var rule = rule(String(id.dropFirst(EarningBenefit.prefix.count))) else { return nil }
        (rule.id, rule.caps) = (id, [])
        return rule
    }
    package func group(_ name: String) -> EarningGroup? { groups.first { $0.name == name } }

    /// Whether some rule looks at events of that name.
    package func looksAt(event name: String) -> Bool { byEvent[name] != nil }
    package var looksAtOrders: Bool { !orderRules.isEmpty }

    /// Names of events that release what rules gave for their order.
    package var releasingEvents: Set<String> { Set(rules.compactMap(\.terms.pendingEvent)) }

    /// Fields that name who recommended somebody.
    package var referrerFields: Set<String> { Set(rules.compactMap(\.kind.referrerField)) }

    /// Whether what one member gets says nothing of what another can get.
    var treatsMembersApart: Bool {
        let caps = caps.map(\.cap) + rules.flatMap(\.caps)
        return referrerFields.isEmpty && !caps.contains { $0.scope == .all }
    }

    /// The conditions on members of all rules.
    package var criteria: [Criteria] { rules.compactMap(\.criteria) }

    /// With the definitions of segments and tags in place of their names.
    func expanded(_ world: CriteriaWorld) -> EarningRuleSet {
        var set = self
        for place in set.rules.indices { set.rules[place].criteria = set.rules[place].criteria?.expanded(world) }
        (set.ordered, set.byEvent, set.orderRules, set.multipliers) = ([], [:], [], [])
        set.prepare()
        return set
    }

    /// Rules, multipliers aside, that look at these facts, in order.
    func looking(_ facts: EarningFacts) -> [EarningRule] {
        guard facts.order == nil else { return orderRules }
        guard let event = facts.event else { return [] }
        return (byEvent[event.name] ?? []).map { ordered[$0] }.filter { $0.kind.applies(event, facts.clock.calendar) }
    }

    /// The counts that these facts may be held against.
    package func uses(for facts: EarningFacts) -> Set<EarningUse> {
        let looking = looking(facts)
        guard !looking.isEmpty else { return [] }
        var uses: Set<EarningUse> = []
        for rule in looking + multipliers {
            let account = account(rule, facts)
            for cap in rule.caps {
                if let use = Self.use(cap, rule.id, rule.currency, account, facts) { uses.insert(use) }
            }
            if let once = rule.kind.once(facts) {
                uses.insert(
                    EarningUse(
                        account: facts.member.account, rule: rule.id, currency: rule.currency,
                        period: EarningUse.once(once)))
            }
            uses.insert(Self.streak(rule, facts))
        }
        for shared in caps {
            for account in Set([facts.member.account, facts.referrer ?? facts.member.account]) {
                if let use = Self.use(shared.cap, "", shared.currency, account, facts) { uses.insert(use) }
            }
        }
        return uses
    }

    /// Whom a rule gives to.
    func account(_ rule: EarningRule, _ facts: EarningFacts) -> Int64 {
        rule.kind.referrerField == nil ? facts.member.account : facts.referrer ?? facts.member.account
    }

    /// Nil: the cap is on one event.
    static func use(
        _ cap: EarningCap, _ rule: String, _ currency: String, _ account: Int64, _ facts: EarningFacts
    ) -> EarningUse? {
        guard cap.scope != .event else { return nil }
        return EarningUse(
            account: cap.scope == .all ? 0 : account, rule: rule, currency: currency, period: cap.period.key(facts.day))
    }

    static func streak(_ rule: EarningRule, _ facts: EarningFacts) -> EarningUse {
        EarningUse(
            account: facts.member.account, rule: rule.id, currency: rule.currency, period: EarningUse.streakPeriod)
    }
}
