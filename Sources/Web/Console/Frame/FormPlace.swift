import Engine

/// Where something in a form's document is wrong, in the words of the form: `program.rules[2].when[0].values` is
/// *Rule 3 “Gold”, condition 1 “Channels”, Values*. Names that the form has no word for stay as they are.
struct FormPlace {
    let document: JSONValue
    let wording: Wording
    /// Conditions on people are all there is: nothing has to tell them from the rest.
    let isAllConditions: Bool

    /// `document` is what was posted; what cannot be read has no names to tell.
    init(_ document: String, _ wording: Wording, isAllConditions: Bool = false) {
        do { self.document = try JSONValue(parsing: document) } catch { self.document = .null }
        self.wording = wording
        self.isAllConditions = isAllConditions
    }

    /// One line for each: `Condition 2 “Trait”: Enter a trait`.
    func lines(_ error: CriteriaError) -> [String] {
        let language = CriteriaLanguage(wording.language)
        return error.issues.map { issue in
            let told = issue.asking(language)
            let (root, ladder) = ("tiers", document["tiers"])
            if issue.path.hasPrefix(root), case .unusable = issue.reason, let ladder {
                return TierFormPlace(ladder, wording).refusal(String(issue.path.dropFirst(root.count)))
            }
            let steps = issue.path.split(separator: ".")
            let place = words(issue.namesItsField ? steps.dropLast().joined(separator: ".") : issue.path)
            return wording.told(told, at: place)
        }
    }

    /// Empty for the document as a whole.
    func words(_ path: String) -> String {
        var steps = path.split(separator: ".").map(Self.step)
        let isOfScore = steps.first?.name == "model"
        if isOfScore || steps.first?.name == "program" { steps.removeFirst() }
        var (node, told): (JSONValue?, [String]) = (document, [])
        for (depth, step) in steps.enumerated() {
            let member = node?[step.name]
            if let index = step.index { node = member?[index] } else { node = member }
            if let index = step.index, let item = Self.items[step.name] {
                told.append(wording.item(item, index, title: title(node, of: step.name, isOfScore: isOfScore)))
            } else if step.name == "where" {
                if depth == 0, isAllConditions { continue }
                let isOfEvents = steps[..<depth].contains { ["event", "steps", "lines"].contains($0.name) }
                let inner = isOfEvents ? "builder.where" : "program.edit_who"
                let name = wording.text(depth == 0 ? "experiment.audience" : inner)
                told.append(step.index.map { "\(name) \(wording.number($0 + 1))" } ?? name)
            } else if step.name == "name", steps[..<depth].contains(where: { $0.name == "where" }) {
                told.append(wording.text("builder.trait"))
            } else if !Self.unsaid.contains(step.name) {
                let name = Self.fields[step.name].map { wording.text($0) } ?? step.name
                told.append(step.index.map { "\(name) \(wording.number($0 + 1))" } ?? name)
            }
        }
        return told.joined(separator: wording.text("person.separator"))
    }

    /// `rules[2]` apart.
    private static func step(_ text: Substring) -> (name: String, index: Int?) {
        let parts = text.split { $0 == "[" || $0 == "]" }
        return (parts.first.map(String.init) ?? "", parts.count > 1 ? Int(parts[1]) : nil)
    }

    /// What a part of a list is called: by whoever wrote it, else by its kind.
    private func title(_ node: JSONValue?, of list: String, isOfScore: Bool) -> String? {
        guard let node else { return nil }
        if ["rules", "groups", "thresholds"].contains(list), let name = node["name"]?.stringValue, !name.isEmpty {
            return name
        }
        let kind = node["kind"]?.stringValue
        if kind == "not" { return title(node["of"], of: list, isOfScore: isOfScore) }
        let form: CriteriaForm? =
            switch list {
            case "rules" where isOfScore: ScoreRuleCatalog.all.first { $0.kind == kind }?.form
            case "rules": EarningRuleCatalog.all.first { $0.kind == kind }?.form
            case "when": EarningConditionCatalog.all.first { $0.kind == kind }?.form
            case "of": CriteriaCatalog.all.first { $0.kind == kind }?.form
            default: nil
            }
        return form.map { wording.isChinese ? $0.chinese : $0.english }
    }

    private static let items = [
        "rules": "place.rule", "when": "place.condition", "of": "place.condition", "caps": "place.cap",
        "groups": "place.group", "streak": "place.step", "steps": "place.step", "guardrails": "place.guardrail",
        "secondary": "place.further_metric", "tiers": "place.tier", "levels": "place.tier", "lines": "place.line",
        "thresholds": "place.threshold",
    ]
    /// Parts of a condition that its sentence has no word for.
    private static let unsaid: Set<String> = ["of", "test", "compare", "measure"]
    private static let fields = [
        "values": "place.values", "value": "place.value", "upper": "place.upper", "is": "place.comparison",
        "ids": "place.choice", "model": "place.model", "figure": "place.figure", "date": "place.date",
        "in": "place.span", "names": "place.event", "id": "place.code",
        "code": "place.code", "kind": "place.kind", "within": "place.within", "property": "place.property",
        "event": "program.edit_event", "points": "program.edit_points", "times": "program.edit_times",
        "days": "program.edit_days", "period": "program.edit_period", "per": "program.edit_cap",
        "currency": "program.edit_currency", "from": "program.edit_from", "to": "program.edit_to",
        "group": "program.edit_group", "priority": "program.edit_priority", "paused": "program.edit_paused",
        "pending": "program.edit_pending", "expires": "program.edit_expires", "name": "program.edit_rule_name",
        "rules": "program.edit_rules", "groups": "program.edit_groups", "caps": "program.edit_caps",
        "enrolment": "program.edit_enrolment", "backdated_days": "program.edit_backdated",
        "accepted_days": "program.edit_accepted", "budget": "program.edit_budget", "tiers": "program.part_tiers",
        "benefits": "program.part_benefits", "primary": "experiment.role_primary",
        "cap_per_day": "score.edit_cap_per_day", "cap": "score.edit_cap", "half_life_days": "score.edit_half_life",
        "grades": "score.edit_grades", "thresholds": "score.edit_thresholds", "at": "score.edit_at",
        "dimension": "score.edit_dimension", "a": "score.edit_grade_a", "b": "score.edit_grade_b",
        "c": "score.edit_grade_c",
    ]
}

extension Wording {
    /// *Rule 3 “Gold”*: one of a list, by its number and its title.
    func item(_ key: String, _ index: Int, title: String?) -> String {
        let number = text(key, ["number": number(index + 1)])
        return title.map { "\(number) “\($0)”" } ?? number
    }

    /// What is wrong at a place of a form, as a sentence; `place` is empty for all of it.
    func told(_ what: String, at place: String) -> String {
        let sentence = place.isEmpty ? what : "\(place)\(isChinese ? "：" : ": ")\(what)"
        return sentence.prefix(1).uppercased() + sentence.dropFirst()
    }
}
