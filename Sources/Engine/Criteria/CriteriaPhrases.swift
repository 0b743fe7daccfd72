/// What definitions are told with: the language, and the names of what they mention.
package struct CriteriaPhrases: Sendable {
    package var language: CriteriaLanguage
    package var segments: [Int64: String]
    package var sources: [Int64: String]
    /// With the way to them: `会员/高价值`.
    package var tags: [Int64: String]
    package var scores: [Int64: String]
    /// By code and language.
    package var tiers: [String: [String: String]]
    /// Of points, by code and language.
    package var currencies: [String: [String: String]]
    package var coupons: [Int64: String]
    /// Titles of a program's rules by id, for rules that speak of others.
    package var rules: [String: String]
    /// Names of events and stages as the console says them; the raw word where there is none.
    package var eventNames: [String: String]

    package init(_ language: CriteriaLanguage, _ world: CriteriaWorld = CriteriaWorld()) {
        self.language = language
        segments = world.segments.mapValues(\.name)
        sources = world.sources
        tags = world.tags.names
        scores = world.scores.mapValues(\.name)
        tiers = world.tiers
        currencies = world.currencies
        coupons = world.coupons
        for merged in world.tags.aliases.keys { tags[merged] = world.tags.standing(merged).map(world.tags.path) }
        rules = [:]
        eventNames = [:]
    }

    func event(_ name: String) -> String { eventNames[name] ?? name }

    /// The name of a tier; its code where it has none in this language, or is gone.
    func tier(_ code: String) -> String { tiers[code]?[language.rawValue] ?? code }

    /// The name of a currency of points, likewise.
    package func currency(_ code: String) -> String { currencies[code]?[language.rawValue] ?? code }

    /// The title of an earning rule; its id where it is not among them.
    func rule(_ id: String) -> String { rules[id] ?? id }

    func weekday(_ day: Int64) -> String {
        let chinese = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]
        let english = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
        let index = Int(day - 1)
        guard chinese.indices.contains(index) else { return String(day) }
        return language(chinese[index], english[index])
    }
}
