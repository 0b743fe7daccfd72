import Storage

/// What a model says: rules, what they share, how points fade, where grades and thresholds lie (docs/scores.md).
package struct ScoreDefinition: Sendable {
    package var rules: [ScoreRule]
    package var groups: [Group]
    /// Days after which half is left; 0: nothing fades.
    package var halfLifeDays: Int64
    /// Totals in thousandths from which a grade is given, D below.
    package var grades: Grades
    /// Ascending.
    package var thresholds: [Threshold]

    package struct Group: Sendable, Equatable {
        package var name: String
        /// Thousandths that its rules give on one day together, before fading; 0: any.
        package var capPerDay: Int64
        /// Thousandths that its rules come to at the most, after fading; 0: any.
        package var cap: Int64
    }

    package struct Grades: Sendable, Equatable {
        package var a: Int64 = 80_000
        package var b: Int64 = 50_000
        package var c: Int64 = 20_000

        package func grade(_ total: Int64) -> ScoreGrade {
            total >= a ? .a : total >= b ? .b : total >= c ? .c : .d
        }
    }

    package struct Threshold: Sendable, Equatable {
        package var name: String
        /// Thousandths.
        package var at: Int64
    }

    /// Reads the definition. Throws: `CriteriaError` with everything that is wrong.
    package init(parsing text: String) throws(CriteriaError) {
        let json = try JSONValue(definition: text, bytesMax: ScoreLimits.bytes)
        let notes = CriteriaNotes()
        let reader = CriteriaReader(json, "model", notes)
        _ = reader.whole("version", in: 1...1, orElse: 1)
        halfLifeDays = reader.whole("half_life_days", in: ScoreLimits.halfLifeDays, orElse: 0)
        groups = reader.children("groups", limit: ScoreLimits.groups).map { own in
            let positive = 0...ScoreLimits.points.upperBound
            let group = Group(
                name: own.text("name"),
                capPerDay: own.has("cap_per_day") ? ScoreRule.points(own, "cap_per_day", positive) : 0,
                cap: own.has("cap") ? ScoreRule.points(own, "cap", positive) : 0)
            own.finish()
            return group
        }
        grades = Grades()
        if let own = reader.child("grades") {
            grades = Grades(
                a: ScoreRule.points(own, "a", ScoreLimits.points), b: ScoreRule.points(own, "b", ScoreLimits.points),
                c: ScoreRule.points(own, "c", ScoreLimits.points))
            if grades.a <= grades.b || grades.b <= grades.c { own.note("b", .emptyRange) }
            own.finish()
        }
        thresholds = reader.children("thresholds", limit: ScoreLimits.thresholds).map { own in
            let threshold = Threshold(
                name: own.text("name"), at: ScoreRule.points(own, "at", ScoreLimits.points))
            own.finish()
            return threshold
        }.sorted { ($0.at, $0.name) < ($1.at, $1.name) }
        rules = reader.children("rules", limit: ScoreLimits.rules).compactMap(ScoreRule.init)
        reader.finish()
        check(notes)
        guard notes.issues.isEmpty else { throw CriteriaError(issues: notes.issues) }
    }

    private func check(_ notes: CriteriaNotes) {
        if rules.isEmpty, notes.issues.isEmpty { notes.add("model.rules", .missing("rules")) }
        var seen: Set<String> = []
        let known = Set(groups.map(\.name))
        for (index, rule) in rules.enumerated() {
            if !seen.insert(rule.id).inserted { notes.add("model.rules[\(index)].id", .twice(rule.id)) }
            if !rule.group.isEmpty, !known.contains(rule.group) {
                notes.add(
                    "model.rules[\(index)].group", .unknownChoice(rule.group, allowed: groups.map(\.name)))
            }
        }
        if known.count < groups.count { notes.add("model.groups", .twice("name")) }
        if Set(thresholds.map(\.at)).count < thresholds.count { notes.add("model.thresholds", .twice("at")) }
    }

    package var json: JSONValue {
        [
            "version": 1, "half_life_days": .integer(halfLifeDays),
            "groups": .array(
                groups.map { group in
                    var members: [String: JSONValue] = ["name": .string(group.name)]
                    if group.capPerDay > 0 { members["cap_per_day"] = NumberRange.json(group.capPerDay * 10) }
                    if group.cap > 0 { members["cap"] = NumberRange.json(group.cap * 10) }
                    return .object(members)
                }),
            "grades": [
                "a": NumberRange.json(grades.a * 10), "b": NumberRange.json(grades.b * 10),
                "c": NumberRange.json(grades.c * 10),
            ],
            "thresholds": .array(
                thresholds.map { ["name": .string($0.name), "at": NumberRange.json($0.at * 10)] }),
            "rules": .array(rules.map(\.json)),
        ]
    }

    package var text: String { json.text() }

    package var features: Set<Feature> {
        Set(rules.flatMap { $0.kind.features + Array($0.kind.criteria?.features ?? []) })
    }

    package var needsOrders: Bool { rules.contains { $0.kind.needsOrders || $0.kind.criteria?.needsOrders == true } }

    package var needsHoldings: Bool { rules.contains { $0.kind.criteria?.needsHoldings == true } }

    /// Whether somebody can gain points by time alone.
    package var dependsOnTime: Bool { rules.contains { $0.kind.criteria?.dependsOnTime == true } }

    /// A stored definition; nil when this version cannot read it.
    static func readable(_ text: String) -> ScoreDefinition? {
        do { return try ScoreDefinition(parsing: text) } catch { return nil }
    }
}

/// The letters that totals are given.
package enum ScoreGrade: String, Sendable, Codable, CaseIterable {
    case a = "A"
    case b = "B"
    case c = "C"
    case d = "D"
}
