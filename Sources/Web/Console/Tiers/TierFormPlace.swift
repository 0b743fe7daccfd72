import Engine

/// Where something in a ladder is wrong, in the words of its form, and what would be right there:
/// `tiers.1.rule.indicators.0` is *Tier 2 “Silver”, To enter, condition 1*.
struct TierFormPlace {
    let definition: JSONValue
    let wording: Wording

    init(_ definition: JSONValue, _ wording: Wording) {
        self.definition = definition
        self.wording = wording
    }

    /// `definition` is what was posted; what cannot be read has no names to tell.
    init(_ definition: String, _ wording: Wording) {
        do { self.definition = try JSONValue(parsing: definition) } catch { self.definition = .null }
        self.wording = wording
    }

    /// `path` as `TierError.invalidLadder` names it.
    func refusal(_ path: String) -> String {
        let steps = path.split(separator: ".").map(String.init)
        return wording.told(wording.text("tier.right_\(Self.rule(steps))", limits), at: words(steps))
    }

    /// Of what lacks a field there, or has one of another kind.
    func unreadable(_ path: [String]) -> String { wording.told(wording.text("tier.unreadable"), at: words(path)) }

    /// Empty for the ladder as a whole.
    private func words(_ steps: [String]) -> String {
        var (node, told): (JSONValue?, [String]) = (definition, [])
        for (depth, step) in steps.enumerated() {
            guard let index = Int(step) else {
                node = node?[step]
                // Told with its number, if it has one.
                if depth + 1 < steps.count, Int(steps[depth + 1]) != nil, Self.items[step] != nil { continue }
                told.append(name(step, isOfLadder: depth == 0))
                continue
            }
            node = node?[index]
            guard depth > 0, let item = Self.items[steps[depth - 1]] else { continue }
            told.append(wording.item(item, index, title: title(node)))
        }
        return told.joined(separator: wording.text("person.separator"))
    }

    private func name(_ field: String, isOfLadder: Bool) -> String {
        if field == "quota" { return wording.text(isOfLadder ? "tier.edit_by_ranking" : "tier.edit_quota") }
        return Self.fields[field].map { wording.text($0) } ?? field
    }

    /// What a tier or a benefit is called.
    private func title(_ node: JSONValue?) -> String? {
        let name = node?["names"]?[wording.language]?.stringValue ?? node?["code"]?.stringValue
        return name.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The rule that a refusal at this place is about.
    private static func rule(_ steps: [String]) -> String {
        if steps == ["tiers", "0"] { return "lowest" }
        if steps == ["quota"] { return "ranking" }
        if steps == ["quota", "by"] { return "ranked_by" }
        let last = steps.last ?? ""
        if Int(last) != nil { return "indicator" }
        return rules.contains(last) ? last : "ladder"
    }

    private var limits: [String: String] {
        [
            "tiers": TierLimits.tiers, "indicators": TierLimits.indicators, "benefits": TierLimits.benefits,
            "notices": TierLimits.notices, "days": TierLimits.daysMax, "months": TierLimits.monthsMax,
        ].mapValues { wording.number($0) }
    }

    private static let items = [
        "tiers": "tier.place_tier", "indicators": "tier.place_indicator", "benefits": "tier.place_benefit",
    ]
    /// Each has words of what would be right.
    private static let rules: Set<String> = [
        "tiers", "period", "notice_days", "grace_days", "code", "names", "rule", "keep", "indicators", "weight",
        "needed", "benefits", "occasion", "multiplier", "coupon", "uses", "valid_days", "quota", "cost", "holdout",
        "shares", "band_percent",
    ]
    private static let fields = [
        "tiers": "tier.title", "period": "tier.edit_period", "months": "tier.edit_months",
        "start_month": "tier.edit_start_month", "notice_days": "tier.edit_notice_days",
        "grace_days": "tier.edit_grace_days", "soft_landing": "tier.edit_soft_landing", "code": "tier.edit_code",
        "names": "tier.place_names", "admission": "tier.edit_admission", "rule": "tier.edit_to_enter",
        "keep": "tier.edit_to_stay", "combine": "tier.edit_combine", "needed": "tier.edit_needed",
        "indicators": "tier.place_indicators", "kind": "place.kind", "at_least": "tier.edit_at_least",
        "currency": "tier.edit_currency", "weight": "tier.edit_weight", "benefits": "tier.benefits",
        "multiplier": "tier.edit_multiplier", "coupon": "tier.edit_coupon", "occasion": "tier.edit_occasion",
        "uses": "tier.edit_uses", "valid_days": "tier.edit_valid_days", "cost": "tier.edit_cost",
        "holdout": "tier.edit_holdout", "by": "tier.edit_indicator", "shares": "tier.edit_shares",
        "ties": "tier.edit_ties", "band_percent": "tier.edit_band",
    ]
}
