extension CriteriaPhrases {
    /// With the titles of a program's rules, for those of its rules that speak of others.
    package func naming(_ set: EarningRuleSet?) -> CriteriaPhrases {
        var phrases = self
        for rule in set?.rules ?? [] { phrases.rules[rule.id] = rule.title(self) }
        return phrases
    }
}
