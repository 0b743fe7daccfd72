import Synchronization

/// What the texts of stored rules say: a till asks about the same ones again and again, and reading a text takes longer
/// than judging the rule.
///
/// The text itself is read from the store each time, and what is remembered holds for that text only: nothing can be
/// out of date, whichever store it comes from.
enum CouponRuleMemory {
    /// Twice what a workspace has of definitions; when there are more versions in use, all are read anew.
    private static let rulesMax = 2 * CouponLimits.definitions

    private struct Known: Sendable {
        var text: String
        var rule: CouponRule
    }

    private static let memory = Mutex<[CouponRows.RuleKey: Known]>([:])

    /// Throws: `CouponError.invalid`, `JSONError` for what cannot be read.
    static func rules(
        _ stored: [(key: CouponRows.RuleKey, text: String)]
    ) throws -> [CouponRows.RuleKey: CouponRule] {
        var rules = known(stored)
        let unknown = stored.filter { rules[$0.key] == nil }
        guard !unknown.isEmpty else { return rules }
        var read: [CouponRows.RuleKey: Known] = [:]
        for (key, text) in unknown {
            let rule = try CouponRule(stored: text)
            read[key] = Known(text: text, rule: rule)
            rules[key] = rule
        }
        keep(read)
        return rules
    }

    private static func known(
        _ stored: [(key: CouponRows.RuleKey, text: String)]
    ) -> [CouponRows.RuleKey: CouponRule] {
        memory.withLock { memory in
            var rules: [CouponRows.RuleKey: CouponRule] = [:]
            for (key, text) in stored {
                if let known = memory[key], known.text == text { rules[key] = known.rule }
            }
            return rules
        }
    }

    private static func keep(_ read: [CouponRows.RuleKey: Known]) {
        guard read.count <= rulesMax else { return }
        memory.withLock { memory in
            if memory.count + read.count > rulesMax { memory.removeAll() }
            memory.merge(read) { _, new in new }
        }
    }
}
