/// Something in the rules that can be said and hardly be meant: told where they are edited.
package struct EarningWarning: Sendable, Equatable {
    package enum Reason: Sendable, Equatable {
        /// Its last day lies in the past.
        case over
        /// These two conditions never hold together.
        case contradiction(String, String)
        /// A condition on orders where no order is looked at.
        case needsOrder(String)
        /// A condition on an event where none is looked at.
        case needsEvent(String)
        /// It asks for nobody.
        case nobody
        case unknownTier(String)
        /// Never seen so far.
        case unknownEvent(String)
        /// No rule gives anything that it could multiply.
        case nothingToMultiply
        case unknownRule(String)
        /// It never gives all it says, because of that cap.
        case alwaysCapped(EarningCap)
        /// Another rule of its group always counts instead: its name, or its id where it has none.
        case shadowed(String)
        /// Its points wait for an event that names no order of theirs.
        case waitsWithoutOrder
    }

    /// Empty: the program as a whole.
    package var rule: String
    package var reason: Reason

    package var code: String {
        switch reason {
        case .over: "over"
        case .contradiction: "contradiction"
        case .needsOrder: "needs_order"
        case .needsEvent: "needs_event"
        case .nobody: "nobody"
        case .unknownTier: "unknown_tier"
        case .unknownEvent: "unknown_event"
        case .nothingToMultiply: "nothing_to_multiply"
        case .unknownRule: "unknown_rule"
        case .alwaysCapped: "always_capped"
        case .shadowed: "shadowed"
        case .waitsWithoutOrder: "waits_without_order"
        }
    }

    package func text(_ language: CriteriaLanguage) -> String {
        switch reason {
        case .over: language("已过有效期，不会再发放", "its last day is over: it gives nothing any more")
        case .contradiction(let one, let other):
            language("条件“\(one)”与“\(other)”互相矛盾，永不成立", "“\(one)” and “\(other)” never hold together")
        case .needsOrder(let condition):
            language("条件“\(condition)”只适用于订单，这条规则看不到订单", "“\(condition)” needs an order, and it looks at events")
        case .needsEvent(let condition):
            language("条件“\(condition)”只适用于事件，这条规则看的是订单", "“\(condition)” needs an event, and it looks at orders")
        case .nobody: language("没有任何会员能满足条件", "its condition on members holds for nobody")
        case .unknownTier(let tier): language("没有等级“\(tier)”", "there is no tier “\(tier)”")
        case .unknownEvent(let name): language("从未收到过事件“\(name)”", "no event “\(name)” was ever seen")
        case .nothingToMultiply: language("没有可以翻倍的规则", "no rule gives anything that it could multiply")
        case .unknownRule(let rule): language("没有规则“\(rule)”", "there is no rule “\(rule)”")
        case .alwaysCapped(let cap):
            language("总会被上限截断：\(cap.words(.chinese))", "it never gives all it says: \(cap.words(.english))")
        case .shadowed(let rule):
            language("同组的规则“\(rule)”总是优先，它永不发放", "“\(rule)” of its group always counts instead")
        case .waitsWithoutOrder:
            language("积分等待订单事件，但这条规则与订单无关，会立即可用", "its points wait for an event of an order, and it has none")
        }
    }
}

extension EarningRuleSet {
    /// What can hardly be meant. `tiers`: codes that there are, nil when nobody knows; `events`: names seen so far.
    package func warnings(today: Int64, tiers: Set<String>?, events: Set<String>) -> [EarningWarning] {
        rules.flatMap { rule -> [EarningWarning] in
            guard !rule.isPaused else { return [] }
            var reasons: [EarningWarning.Reason] = []
            if let to = rule.to, to < today { reasons.append(.over) }
            reasons += Self.conditions(rule, tiers)
            if let node = rule.criteria?.root, Self.isNobody(node) { reasons.append(.nobody) }
            for name in rule.kind.events where !events.contains(name) { reasons.append(.unknownEvent(name)) }
            if rule.trigger == .award { reasons += multiplying(rule) }
            if let most = rule.kind.pointsMost {
                reasons += rule.caps.filter { $0.points.map { $0 < most } ?? false }.prefix(1).map { .alwaysCapped($0) }
            }
            if let other = shadow(of: rule) { reasons.append(.shadowed(other.name.isEmpty ? other.id : other.name)) }
            if rule.terms.pendingEvent != nil, rule.trigger == .event { reasons.append(.waitsWithoutOrder) }
            return reasons.map { EarningWarning(rule: rule.id, reason: $0) }
        }
    }

    private static func conditions(_ rule: EarningRule, _ tiers: Set<String>?) -> [EarningWarning.Reason] {
        var reasons: [EarningWarning.Reason] = []
        let phrases = CriteriaPhrases(.english)
        for (place, one) in rule.when.enumerated() {
            for other in rule.when.dropFirst(place + 1) where one.contradicts(other) {
                reasons.append(.contradiction(one.words(phrases), other.words(phrases)))
            }
            if type(of: one).isAboutOrders, rule.trigger == .event { reasons.append(.needsOrder(one.words(phrases))) }
            if one is PropertyCondition, rule.trigger == .order { reasons.append(.needsEvent(one.words(phrases))) }
            if let tiers, let tier = one as? TierCondition {
                for value in tier.values where value != "none" && !tiers.contains(value) {
                    reasons.append(.unknownTier(value))
                }
            }
        }
        return reasons
    }

    /// Whether a tree holds for nobody by its form alone.
    private static func isNobody(_ node: CriteriaNode) -> Bool {
        switch node {
        case .any(let nodes): return nodes.allSatisfy(isNobody)
        case .all(let nodes): return nodes.contains(where: isNobody)
        case .not(.all(let nodes)): return nodes.isEmpty
        case .not, .condition: return false
        }
    }

    private func multiplying(_ rule: EarningRule) -> [EarningWarning.Reason] {
        let named = (rule.kind as? MultiplierRule)?.rules ?? []
        let unknown = named.filter { id in !rules.contains { $0.id == id } }
        guard unknown.isEmpty else { return unknown.map { .unknownRule($0) } }
        let hasBase = rules.contains {
            $0.trigger != .award && !$0.isPaused && $0.currency == rule.currency
                && (named.isEmpty || named.contains($0.id))
        }
        return hasBase ? [] : [.nothingToMultiply]
    }

    /// A rule without any condition that always comes before this one in an exclusive group, or always gives more than
    /// it in a group of which the best counts.
    private func shadow(of rule: EarningRule) -> EarningRule? {
        guard let group = group(rule.group), group.take != .sum else { return nil }
        return ordered.prefix { $0.id != rule.id || group.take == .best }.first { other in
            guard other.id != rule.id, other.group == rule.group, other.trigger == rule.trigger, !other.isPaused,
                other.when.isEmpty, other.criteria == nil, other.from == nil, other.to == nil, other.caps.isEmpty,
                other.kind.events == rule.kind.events, let points = other.kind.pointsMost
            else { return false }
            guard group.take == .best else { return true }
            return rule.kind.pointsMost.map { $0 < points } ?? false
        }
    }
}
