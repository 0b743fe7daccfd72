/// What became of one rule that looked at a fact.
package enum EarningVerdict: Sendable, Equatable {
    case gave
    /// Gave less than it would have.
    case capped(EarningCap)
    /// A cap left nothing.
    case exhausted(EarningCap)
    case notInForce
    /// The condition of that kind (`where`: on the member) does not hold, and what was found.
    case unmet(String, String)
    /// No line of the order passes its conditions.
    case noLines
    /// What there is comes to less than one point.
    case tooLittle
    /// Another rule of its group counts.
    case outdone(String)
    /// A multiplier of the program by tier gave in place of the tier's benefit.
    case ruled(String)
    /// It gives for this only once, and did.
    case already
    case nothingToMultiply
    /// The order is in another currency than the workspace's.
    case foreign
    /// Nobody else who is a member was named.
    case noReferrer
    /// The ledger did not take it.
    case refused(String)

    /// A word for programs.
    package var code: String {
        switch self {
        case .gave: "gave"
        case .capped: "capped"
        case .exhausted: "exhausted"
        case .notInForce: "not_in_force"
        case .unmet: "unmet"
        case .noLines: "no_lines"
        case .tooLittle: "too_little"
        case .outdone: "outdone"
        case .ruled: "ruled"
        case .already: "already"
        case .nothingToMultiply: "nothing_to_multiply"
        case .foreign: "foreign_currency"
        case .noReferrer: "no_referrer"
        case .refused: "refused"
        }
    }

    package var gives: Bool { self == .gave || code == "capped" }
}

/// One rule in a waterfall: what it computed, what it gave, and why not more.
package struct EarningStep: Sendable, Equatable {
    package var rule: String
    package var currency: String
    package var verdict: EarningVerdict
    /// Before caps.
    package var computed: Int64
    package var points: Int64
    /// What it gave, by line.
    package var parts: [EarningPart]
    /// Set where it is the benefit of the member's tier.
    package var benefit: EarningBenefit?

    package init(_ rule: EarningRule, _ verdict: EarningVerdict, computed: Int64 = 0) {
        self.rule = rule.id
        currency = rule.currency
        self.verdict = verdict
        self.computed = computed
        points = 0
        parts = []
    }
}

/// What one rule gives one account.
package struct EarningGift: Sendable, Equatable {
    package var rule: String
    package var currency: String
    package var account: Int64
    package var parts: [EarningPart]

    package var points: Int64 { parts.reduce(0) { $0 + $1.points } }
}

/// Awards and their explanation.
package struct EarningOutcome: Sendable, Equatable {
    package var gifts: [EarningGift] = []
    /// Every rule that looked, in the order in which they came.
    package var waterfall: [EarningStep] = []

    /// What the member gets, by currency.
    package func points(of account: Int64) -> [String: Int64] {
        gifts.filter { $0.account == account }.reduce(into: [:]) { $0[$1.currency, default: 0] += $1.points }
    }
}

extension EarningStep {
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "rule": .string(rule), "currency": .string(currency), "verdict": .string(verdict.code),
            "computed": .integer(computed), "points": .integer(points),
        ]
        switch verdict {
        case .capped(let cap), .exhausted(let cap): members["cap"] = .object(cap.json)
        case .unmet(let kind, let found):
            members["condition"] = .string(kind)
            members["found"] = .string(found)
        case .outdone(let rule), .ruled(let rule): members["by"] = .string(rule)
        case .refused(let reason): members["reason"] = .string(reason)
        default: break
        }
        if let benefit { members.merge(benefit.json) { first, _ in first } }
        if !parts.isEmpty {
            members["lines"] = .array(
                parts.map {
                    ["line": .string($0.line), "basis": .integer($0.basis), "points": .integer($0.points)]
                })
        }
        return .object(members)
    }

    package init?(json: JSONValue) {
        guard let rule = json["rule"]?.stringValue, let currency = json["currency"]?.stringValue,
            let verdict = EarningVerdict(json: json)
        else { return nil }
        self.rule = rule
        self.currency = currency
        self.verdict = verdict
        computed = json["computed"]?.intValue ?? 0
        points = json["points"]?.intValue ?? 0
        benefit = EarningBenefit(json: json, currency: currency)
        parts = (json["lines"]?.arrayValue ?? []).map {
            EarningPart(
                line: $0["line"]?.stringValue ?? "", basis: $0["basis"]?.intValue ?? 0,
                points: $0["points"]?.intValue ?? 0)
        }
    }
}

extension EarningVerdict {
    fileprivate init?(json: JSONValue) {
        let cap = json["cap"].map { EarningCap(CriteriaReader($0, "", CriteriaNotes())) } ?? EarningCap(.event)
        switch json["verdict"]?.stringValue {
        case "gave": self = .gave
        case "capped": self = .capped(cap)
        case "exhausted": self = .exhausted(cap)
        case "not_in_force": self = .notInForce
        case "unmet": self = .unmet(json["condition"]?.stringValue ?? "", json["found"]?.stringValue ?? "")
        case "no_lines": self = .noLines
        case "too_little": self = .tooLittle
        case "outdone": self = .outdone(json["by"]?.stringValue ?? "")
        case "ruled": self = .ruled(json["by"]?.stringValue ?? "")
        case "already": self = .already
        case "nothing_to_multiply": self = .nothingToMultiply
        case "foreign_currency": self = .foreign
        case "no_referrer": self = .noReferrer
        case "refused": self = .refused(json["reason"]?.stringValue ?? "")
        default: return nil
        }
    }

    /// Why, as a sentence; `rule` as the version that decided has it.
    package func words(_ rule: EarningRule?, _ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        switch self {
        case .gave: return language("已发放", "gave")
        case .capped(let cap): return language("受上限限制：", "limited: ") + cap.words(language)
        case .exhausted(let cap): return language("已达上限：", "the cap is used up: ") + cap.words(language)
        case .notInForce: return language("不在有效期内", "not in force on that day")
        case .unmet(let kind, let found):
            let condition =
                rule?.when.first { type(of: $0).kind == kind && !found.isEmpty }
                ?? rule?.when.first {
                    type(of: $0).kind == kind
                }
            let asked = kind == "where" ? rule?.criteria?.words(phrases) : condition?.words(phrases)
            let was = found.isEmpty ? "" : language("（实际：\(found)）", " (found: \(found))")
            return language("条件不满足：", "does not hold: ") + (asked ?? kind) + was
        case .noLines: return language("没有符合条件的商品", "no line passes")
        case .tooLittle: return language("不足 1 分", "comes to less than one point")
        case .outdone(let other):
            let other = phrases.rule(other)
            return language("同组中规则“\(other)”优先", "in its group “\(other)” counts")
        case .ruled(let other):
            let other = phrases.rule(other)
            return language(
                "规则“\(other)”已按等级翻倍，不再叠加", "rule “\(other)” multiplies by tier; the two do not add up")
        case .already: return language("此项已发放过", "gave for this already")
        case .nothingToMultiply: return language("没有可翻倍的积分", "there is nothing to multiply")
        case .foreign: return language("订单为其他币种", "the order is in another currency")
        case .noReferrer: return language("没有可确认的推荐人", "no other member is named as the referrer")
        case .refused(let reason): return language("账本未接受：\(reason)", "the ledger did not take it: \(reason)")
        }
    }
}
