/// One rule of the program: for what, under which conditions, how much, how often (docs/program.md).
package struct EarningRule: Sendable {
    /// Unique in the program and the same from version to version: awards and counts name it.
    package var id: String
    package var name: String
    package var currency: String
    package var kind: any EarningRuleKind
    package var when: [any EarningCondition]
    /// Who earns; nil: every member.
    package var criteria: Criteria?
    /// First and last day of the workspace.
    package var from: Int64?
    package var to: Int64?
    package var caps: [EarningCap]
    /// Higher ones come first.
    package var priority: Int64
    /// Rules of one group share what it says (`EarningGroup`); empty: none.
    package var group: String
    package var terms: EarningTerms
    package var isPaused: Bool

    init?(_ reader: CriteriaReader) {
        id = reader.text("id")
        let letters = id.utf8.allSatisfy {
            (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0) || $0 == 95 || $0 == 45
        }
        if !letters || id.utf8.count > EarningLimits.idBytes {
            reader.note("id", .wrongType(expected: "up to \(EarningLimits.idBytes) letters, digits, - and _"))
        }
        name = reader.value("name")?.stringValue ?? ""
        if name.count > EarningLimits.nameCharacters {
            reader.note("name", .tooMany("characters", limit: EarningLimits.nameCharacters))
        }
        currency = reader.text("currency", orElse: "points")
        when = EarningConditionCatalog.read(reader)
        criteria = Self.criteria(reader)
        from = reader.has("from") ? reader.day("from") : nil
        to = reader.has("to") ? reader.day("to") : nil
        if let from, let to, from > to { reader.note("to", .emptyRange) }
        caps = reader.children("caps", limit: EarningLimits.caps).map { EarningCap($0) }
        priority = reader.whole("priority", in: EarningLimits.priorities, orElse: 0)
        group = reader.text("group", orElse: "")
        terms = EarningTerms(reader)
        isPaused = reader.value("paused")?.boolValue ?? false
        let word = reader.text("kind")
        guard let type = EarningRuleCatalog.rule(word) else {
            if !word.isEmpty {
                reader.note("kind", .unknownChoice(word, allowed: EarningRuleCatalog.all.map { $0.kind }))
            }
            return nil
        }
        kind = type.init(reader)
        reader.finish()
    }

    private static func criteria(_ reader: CriteriaReader) -> Criteria? {
        guard let body = reader.value("where") else { return nil }
        do {
            let criteria = try Criteria(json: ["where": body])
            if case .all(let nodes) = criteria.root, nodes.isEmpty { return nil }
            return criteria
        } catch {
            for issue in error.issues { reader.note(issue.path, issue.reason) }
            return nil
        }
    }

    package var json: JSONValue {
        var members = kind.json.merging(terms.json) { $1 }
        members["kind"] = .string(type(of: kind).kind)
        members["id"] = .string(id)
        members["currency"] = .string(currency)
        if !name.isEmpty { members["name"] = .string(name) }
        if !when.isEmpty { members["when"] = .array(when.map(EarningConditionCatalog.json)) }
        if let criteria { members["where"] = criteria.root.json }
        if let from { members["from"] = .string(LocalCalendar.text(ofDay: from)) }
        if let to { members["to"] = .string(LocalCalendar.text(ofDay: to)) }
        if !caps.isEmpty { members["caps"] = .array(caps.map { .object($0.json) }) }
        if priority != 0 { members["priority"] = .integer(priority) }
        if !group.isEmpty { members["group"] = .string(group) }
        if isPaused { members["paused"] = true }
        return .object(members)
    }

    package var trigger: EarningTrigger { kind.looksAt }

    /// Its own name, or what it says.
    package func title(_ phrases: CriteriaPhrases) -> String { name.isEmpty ? kind.words(phrases) : name }

    /// All that it says, as one sentence.
    package func words(_ phrases: CriteriaPhrases) -> String {
        ([kind.words(phrases)] + details(phrases)).joined(separator: phrases.language("；", "; "))
    }

    /// What is left to say below the title: everything below a name, what restricts it below its own sentence, if anything.
    package func rest(_ phrases: CriteriaPhrases) -> String? {
        guard name.isEmpty else { return words(phrases) }
        let details = details(phrases)
        return details.isEmpty ? nil : details.joined(separator: phrases.language("；", "; "))
    }

    private func details(_ phrases: CriteriaPhrases) -> [String] {
        let language = phrases.language
        var parts = when.map { $0.words(phrases) }
        if let criteria { parts.append(language("会员须满足：", "for members: ") + criteria.words(phrases)) }
        if let from {
            parts.append(language("自 ", "from ") + LocalCalendar.text(ofDay: from) + language(" 起", ""))
        }
        if let to { parts.append(language("至 ", "until ") + LocalCalendar.text(ofDay: to) + language(" 止", "")) }
        parts += caps.map { $0.words(language) }
        let terms = terms.words(language)
        if !terms.isEmpty { parts.append(terms) }
        if isPaused { parts.append(language("已暂停", "paused")) }
        return parts
    }

    /// Whether it is in force on a day.
    package func isInForce(_ day: Int64) -> Bool {
        !isPaused && from.map { day >= $0 } ?? true && to.map { day <= $0 } ?? true
    }

    /// Whether only some lines count.
    var isAboutLines: Bool { when.contains { type(of: $0) == ProductCondition.self } }

    /// Lines that every condition admits; the shipping only where the rule counts it and lines are not chosen.
    func lines(of order: EarningOrder) -> [EarningLine] {
        guard !when.isEmpty else { return order.lines }
        return order.lines.filter { line in !when.contains { $0.admits(line) == false } }
    }
}

/// Rules that do not simply add up: `{"name": "campaigns", "take": "best"}`.
package struct EarningGroup: Sendable, Equatable {
    package enum Take: String, Sendable, CaseIterable {
        /// Only what gives most.
        case best
        /// All of them.
        case sum
        /// Only the first that gives something, in the order of priority.
        case exclusive

        package func words(_ language: CriteriaLanguage) -> String {
            switch self {
            case .best: language("取最优", "the best counts")
            case .sum: language("累加", "all add up")
            case .exclusive: language("互斥，按优先级取第一个", "the first by priority counts")
            }
        }
    }

    package var name: String
    package var take: Take

    init(_ reader: CriteriaReader) {
        name = reader.text("name")
        take = reader.choice("take") ?? .sum
        reader.finish()
    }

    package var json: JSONValue { ["name": .string(name), "take": .string(take.rawValue)] }
}
