import Engine

/// A journey as it is drawn: a list of cards, and the ways that lead on from those that have several.
struct JourneyFlowModel: Encodable, Sendable {
    struct Step: Encodable, Sendable {
        var id: String
        var title: String
        var words: String
        var here: Here?
        var passed: String?
        var refused: String?
        var failed: String?
        var ways: [Way]
        var hasWays: Bool
    }

    /// People who stand at a node now, and where they are listed.
    struct Here: Encodable, Sendable {
        var people: String
        var href: String
    }

    struct Way: Encodable, Sendable {
        var name: String
        var words: String?
        var people: String?
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
        let own = figures?.nodes[step.id] ?? [:]
        let here = standing[step.id] ?? (0, 0)
        let wording = request.wording
        var ways = step.paths.map { path in
            way(path.name, words(path), own["path:" + path.name], path.steps)
        }
        if type(of: step.node).fork.hasOtherwise, !step.paths.isEmpty {
            ways.append(way(request.text("journey.otherwise"), nil, own["path:otherwise"], step.otherwise))
        }
        return JourneyFlowModel.Step(
            id: step.id, title: request.text("journey.node_\(step.kind)"), words: step.node.words(phrases),
            here: here.people > 0 ? people(here.people, step.id) : nil,
            passed: own["passed"].map { wording.number($0) }, refused: own["refused"].map { wording.number($0) },
            failed: here.failed > 0 ? wording.number(here.failed) : nil, ways: ways, hasWays: !ways.isEmpty)
    }

    private func people(_ count: Int64, _ node: String) -> JourneyFlowModel.Here? {
        journey.map {
            JourneyFlowModel.Here(
                people: request.wording.number(count), href: "/journeys/\($0)/runs?node=\(Fields.encoded(node))")
        }
    }

    private func way(
        _ name: String, _ words: String?, _ count: Int64?, _ steps: [JourneyStep]
    ) -> JourneyFlowModel.Way {
        JourneyFlowModel.Way(
            name: name, words: words, people: count.map { request.wording.number($0) }, steps: steps.map(step),
            isEmpty: steps.isEmpty)
    }

    private func words(_ path: JourneyPath) -> String? {
        if let criteria = path.criteria { return criteria.words(phrases.criteria) }
        if let event = path.event { return event.words(phrases.criteria) }
        return path.outcome.map { request.text("journey.outcome_\($0.rawValue)") }
    }
}
