import Engine
import Storage

/// The program in words, as its pages tell it.
struct ProgramWords: Sendable {
    struct Rule: Encodable, Sendable {
        var title: String
        /// What the title does not say already.
        var words: String?
        var group: String?
        var warnings: [String]
    }

    struct Change: Encodable, Sendable {
        var kind: String
        var tone: String
        /// nil where what it says before and after is all that tells it apart.
        var title: String?
        var before: String?
        var after: String?
    }

    /// One rule of a waterfall.
    struct Step: Encodable, Sendable {
        var title: String
        var why: String
        var points: String
        var lines: [String]
    }

    let language: CriteriaLanguage
    let phrases: CriteriaPhrases
    let request: PageRequest

    init(_ world: CriteriaWorld, _ request: PageRequest) {
        language = CriteriaLanguage(request.wording.language)
        phrases = CriteriaPhrases(language, world)
        self.request = request
    }

    func rules(_ program: LoyaltyProgram, warnings: [EarningWarning] = []) -> [Rule] {
        let phrases = phrases.naming(program.rules)
        return program.rules.rules.map { rule in
            let group = program.rules.group(rule.group).map { "\($0.name): \($0.take.words(language))" }
            return Rule(
                title: rule.title(phrases), words: rule.rest(phrases), group: group,
                warnings: warnings.filter { $0.rule == rule.id }.map { $0.text(language) })
        }
    }

    func enrolment(_ program: LoyaltyProgram) -> String {
        let policy = program.enrolment
        var text = request.text("program.enrol_\(policy.when.rawValue)")
        if policy.backdatedDays > 0 { text += " " + request.text("program.backdated", count: policy.backdatedDays) }
        return text
    }

    /// Caps over all rules, and the budget.
    func shared(_ program: LoyaltyProgram) -> [String] {
        program.rules.caps.map { shared in
            let words = shared.cap.words(language) + " · " + phrases.currency(shared.currency)
            return shared.isBudget ? request.text("program.budget_is", ["cap": words]) : words
        }
    }

    /// What differs between two versions, rule by rule and tier by tier.
    func changes(from before: LoyaltyProgram, to after: LoyaltyProgram, _ speech: TierSpeech) -> [Change] {
        func change(_ kind: String, _ tone: String, _ title: String?, _ old: String?, _ new: String?) -> Change {
            Change(kind: request.text("program.change_\(kind)"), tone: tone, title: title, before: old, after: new)
        }
        var changes: [Change] = []
        let (then, now) = (phrases.naming(before.rules), phrases.naming(after.rules))
        for rule in after.rules.rules {
            guard let old = before.rules.rule(rule.id) else {
                changes.append(change("added", "good", rule.title(now), nil, rule.rest(now)))
                continue
            }
            guard old.json != rule.json else { continue }
            let title = rule.name.isEmpty ? nil : rule.name
            changes.append(change("changed", "info", title, detail(old, then), detail(rule, now)))
        }
        for rule in before.rules.rules where after.rules.rule(rule.id) == nil {
            changes.append(change("removed", "bad", rule.title(then), rule.rest(then), nil))
        }
        let (old, new) = (
            [enrolment(before)] + shared(before) + before.rules.groups.map { "\($0.name): \($0.take.words(language))" },
            [enrolment(after)] + shared(after) + after.rules.groups.map { "\($0.name): \($0.take.words(language))" }
        )
        if old != new || before.rules.acceptedDays != after.rules.acceptedDays {
            changes.append(
                change(
                    "changed", "info", request.text("program.shared_terms"), old.joined(separator: " · "),
                    new.joined(separator: " · ")))
        }
        if before.tiers != after.tiers {
            let (title, own, other) = (
                request.text("program.part_tiers"), terms(before.tiers, speech), terms(after.tiers, speech)
            )
            var told: [Change] = []
            for (name, lines) in other where own.first(where: { $0.title == name })?.lines != lines {
                let old = own.first { $0.title == name }?.lines
                told.append(change(old == nil ? "added" : "changed", "info", "\(title): \(name)", old, lines))
            }
            for (name, lines) in own where !other.contains(where: { $0.title == name }) {
                told.append(change("removed", "bad", "\(title): \(name)", lines, nil))
            }
            changes += told.isEmpty ? [change("changed", "info", title, nil, nil)] : told
        }
        if before.benefits != after.benefits {
            changes.append(change("changed", "info", request.text("program.part_benefits"), nil, nil))
        }
        return changes
    }

    /// What a ladder says, tier by tier; nothing where there is none, or none that can be read.
    private func terms(_ tiers: JSONValue?, _ speech: TierSpeech) -> [(title: String, lines: String)] {
        guard let tiers else { return [] }
        do {
            return TierText(try TierLadders.ladder(of: tiers), speech.words(language)).sections.map {
                ($0.title, $0.lines.joined(separator: " "))
            }
        } catch {
            return []
        }
    }

    private func detail(_ rule: EarningRule, _ phrases: CriteriaPhrases) -> String {
        var text = rule.words(phrases)
        if rule.priority != 0 { text += " · \(request.text("program.edit_priority")) \(rule.priority)" }
        if !rule.group.isEmpty { text += " · \(rule.group)" }
        return text
    }

    func steps(_ waterfall: [EarningStep], _ rules: EarningRuleSet) -> [Step] {
        let phrases = phrases.naming(rules)
        return waterfall.map { step in
            let rule = rules.rule(step.rule)
            let lines = step.parts.filter { !$0.line.isEmpty }.map { part in
                let line = part.line == EarningLine.shippingKey ? request.text("program.shipping") : part.line
                return "\(line) · \(request.wording.number(part.points))"
            }
            return Step(
                title: step.title(rule, phrases), why: step.verdict.words(rule, phrases),
                points: step.points > 0 ? "+\(request.wording.number(step.points))" : "0", lines: lines)
        }
    }

    static func tone(_ status: ProgramStatus) -> String? {
        switch status {
        case .draft, .retired: nil
        case .review: "warn"
        case .approved: "info"
        case .published: "good"
        }
    }
}
