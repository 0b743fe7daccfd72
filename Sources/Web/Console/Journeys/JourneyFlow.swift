import Engine

/// A journey as it is drawn: a list of cards, and the ways that lead on from those that have several.
struct JourneyFlowModel: Encodable, Sendable {
    struct Step: Encodable, Sendable {
        var id: String
        var kind: String
        var group: String
        var title: String
        var words: String
        var counts: [Count]
        var ways: [Way]
        var hasWays: Bool
    }

    /// How many stand at a node, passed it, were refused there and why, and where they are listed.
    struct Count: Encodable, Sendable {
        var text: String
        /// Classes.
        var tone: String
        var href: String?
        var isLink: Bool

        init(_ text: String, _ tone: String, _ href: String?) {
            self.text = text
            self.tone = tone
            self.href = href
            isLink = href != nil
        }
    }

    struct Way: Encodable, Sendable {
        var name: String
        var words: String?
        var people: Count?
        var steps: [Step]
        var isEmpty: Bool
    }

    var entry: String
    var who: String?
    var reentry: String
    var goal: String?
    var exit: String?
    var steps: [Step]
}

/// Draws definitions.
struct JourneyDrawing {
    let request: PageRequest
    let phrases: JourneyPhrases
    /// Nil of a draft.
    var figures: JourneyFigures?
    var standing: [String: (people: Int64, failed: Int64)] = [:]
    /// Nodes that are not complete yet: what they would do cannot be said.
    var unread: Set<String> = []
    /// Where people are listed; nil while there are none.
    var journey: Int64?

    init(_ request: PageRequest, _ world: JourneyWorld, _ definition: JourneyDefinition? = nil) {
        self.request = request
        var phrases = JourneyPhrases(CriteriaLanguage(request.wording.language), world)
        let plain = phrases
        definition?.visit { step, _ in phrases.labels[step.id] = step.node.words(plain) }
        self.phrases = phrases
    }

    func model(_ definition: JourneyDefinition) -> JourneyFlowModel {
        JourneyFlowModel(
            entry: definition.entry.words(phrases), who: definition.criteria?.words(phrases.criteria),
            reentry: definition.reentry.words(phrases.language), goal: definition.goal?.words(phrases.criteria),
            exit: definition.exit?.words(phrases.criteria), steps: definition.steps.map(step))
    }

    private func step(_ step: JourneyStep) -> JourneyFlowModel.Step {
        var ways = step.paths.map { path in
            way(path.name, words(path, of: step), of: step, "path:" + path.name, path.steps)
        }
        if type(of: step.node).fork.hasOtherwise, !step.paths.isEmpty {
            ways.append(way(request.text("journey.otherwise"), nil, of: step, "path:otherwise", step.otherwise))
        }
        return JourneyFlowModel.Step(
            id: step.id, kind: step.kind, group: type(of: step.node).form.group,
            title: request.text("journey.node_\(step.kind)"),
            words: unread.contains(step.id) ? request.text("journey.incomplete") : step.node.words(phrases),
            counts: counts(step), ways: ways, hasWays: !ways.isEmpty)
    }

    private func runs(_ rest: String) -> String? { journey.map { "/journeys/\($0)/runs?\(rest)" } }
    private func messages(_ node: String, _ rest: String) -> String? {
        journey.map { "/messages?journey=\($0)&node=\(Fields.encoded(node))&\(rest)" }
    }

    private func counts(_ step: JourneyStep) -> [JourneyFlowModel.Count] {
        let own = figures?.nodes[step.id] ?? [:]
        let here = standing[step.id] ?? (0, 0)
        let node = Fields.encoded(step.id)
        var counts: [JourneyFlowModel.Count] = []
        func add(_ key: String, _ count: Int64, _ tone: String, _ href: String?) {
            guard count > 0 else { return }
            counts.append(
                JourneyFlowModel.Count("\(request.text(key)) \(request.wording.number(count))", tone, href))
        }
        add("journey.here", here.people, "chip chip-info", runs("node=\(node)"))
        add("journey.set_aside", here.failed, "chip chip-bad", runs("node=\(node)&status=failed"))
        add("journey.passed", own["passed"] ?? 0, "soft", runs("passed=\(node)"))
        add("journey.converted", own["converted"] ?? 0, "chip chip-good", runs("passed=\(node)&goal=1"))
        for word in ["sent", "delivered", "opened", "clicked", "replied"] {
            let reached = word == "replied" ? "reached=sent" : "reached=\(word)"
            add("journey.message_\(word)", own[word] ?? 0, "soft", messages(step.id, reached))
        }
        for word in ["bounced", "complained", "unknown", "failed"] {
            add("journey.message_\(word)", own[word] ?? 0, "chip chip-bad", messages(step.id, "state=\(word)"))
        }
        return counts + skipped(step, own)
    }

    /// Who did not get what the node does, by reason.
    private func skipped(_ step: JourneyStep, _ own: [String: Int64]) -> [JourneyFlowModel.Count] {
        own.sorted { $0.key < $1.key }.compactMap { figure, count in
            let parts = figure.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2, count > 0 else { return nil }
            let number = request.wording.number(count)
            switch parts[0] {
            case "refused":
                let word = request.wording.known("journey.refused_\(parts[1])") ?? parts[1]
                return JourneyFlowModel.Count(
                    "\(word) \(number)", "chip chip-warn",
                    runs("passed=\(Fields.encoded(step.id))&note=\(Fields.encoded(figure))"))
            case "suppressed":
                return JourneyFlowModel.Count(
                    "\(MessageWords.reason(parts[1], request)) \(number)", "chip chip-warn",
                    messages(step.id, "state=suppressed&reason=\(Fields.encoded(parts[1]))"))
            default: return nil
            }
        }
    }

    private func way(
        _ name: String, _ words: String?, of step: JourneyStep, _ figure: String, _ steps: [JourneyStep]
    ) -> JourneyFlowModel.Way {
        let count = figures?.nodes[step.id]?[figure]
        let taken = String(figure.dropFirst("path:".count))
        let href = runs("passed=\(Fields.encoded(step.id))&way=\(Fields.encoded(taken))")
        return JourneyFlowModel.Way(
            name: name, words: words,
            people: count.map { JourneyFlowModel.Count(request.wording.number($0), "tiny soft", href) },
            steps: steps.map(self.step), isEmpty: steps.isEmpty)
    }

    /// What leads a person that way; of a split its share of all.
    func words(_ path: JourneyPath, of step: JourneyStep) -> String? {
        if type(of: step.node).fork == .weights {
            let whole = step.paths.reduce(0) { $0 + $1.weight }
            return whole > 0 ? request.wording.percent(Double(path.weight) / Double(whole)) : nil
        }
        if let criteria = path.criteria { return criteria.words(phrases.criteria) }
        if let event = path.event { return event.words(phrases.criteria) }
        if let answer = path.answer {
            return answer.words(request.text("journey.answer_\(answer.word)"), phrases.language)
        }
        if let variant = path.variant { return request.text("journey.variant_is", ["variant": variant]) }
        return path.outcome.map { request.text("journey.outcome_\($0.rawValue)") }
    }
}
