import Engine
import Storage

/// One experiment: what was said beforehand, what may be done, and panels with what it shows.
struct ExperimentModel: PageModel {
    struct Fact: Encodable, Sendable {
        var name: String
        var value: String
    }

    struct Entering: Encodable, Sendable {
        var sentence: String
        /// Published journeys that deal people.
        var journeys: [Choice]
        var hasJourneys: Bool
        /// What the API is asked.
        var call: String
    }

    struct Dimension: Encodable, Sendable {
        var title: String
        var href: String
    }

    var id: String
    var state: String
    var tone: String
    var hypothesis: String
    var facts: [Fact]
    var figures: [FigureModel]
    var variants: [Choice]
    var decision: String?
    var reason: String?
    var mayManage: Bool
    var isDraft: Bool
    var isRunning: Bool
    var isStopped: Bool
    var hasBegun: Bool
    var dimensions: [Dimension]
    /// How people come in, while nobody has.
    var entering: Entering?
    var problem: String?
}

enum ExperimentPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    static func step(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now, form) = (try request.id("experiment"), request.actor, request.now, request.form)
        guard let state = Experiment.State(rawValue: form.text("state")) else { throw PageFailure.notFound }
        let variant = form.text("variant")
        return try await change(request, to: "/experiments/\(id)", "experiment.is_\(state.rawValue)") {
            _ = try Experiments.step(
                id, to: state, reason: form.text("reason"), variant: variant.isEmpty ? nil : variant, by: actor,
                at: now, $0)
        }
    }

    static func delete(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now) = (try request.id("experiment"), request.actor, request.now)
        return try await change(request, to: "/experiments", "experiment.deleted") {
            try Experiments.delete(id, by: actor, at: now, $0)
        }
    }

    private static func change(
        _ request: PageRequest, to path: String, _ notice: String,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Void
    ) async throws -> Reply {
        do {
            try await request.platform.store.write { try body($0) }
        } catch ExperimentError.notFound {
            throw PageFailure.notFound
        } catch let error as ExperimentError {
            let world = try await request.platform.store.read { try CriteriaWorld.load($0) }
            return try await answer(request, problem: ExperimentWords(request.wording, world).problem(error))
        }
        return .redirect(to: path, notice: notice)
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try request.id("experiment")
        let found = try await request.experimentFound {
            try await request.platform.store.read {
                (
                    experiment: try Experiments.get(id, $0), counts: try Exposures.counts(id, $0),
                    world: try CriteriaWorld.load($0), journeys: try Journeys.uses(of: .experiment(id), $0)
                )
            }
        }
        let (experiment, wording) = (found.experiment, request.wording)
        let (definition, words) = (experiment.definition, ExperimentWords(wording, found.world))
        let decision = experiment.decision.map { decision in
            decision.variant.flatMap { key in definition.variants.first { $0.key == key } }
                .map { request.text("experiment.decided_for", ["variant": $0.name]) }
                ?? request.text("experiment.decided_nothing")
        }
        let model = ExperimentModel(
            id: String(id), state: words.state(experiment.state), tone: ExperimentWords.tone(experiment.state),
            hypothesis: definition.hypothesis, facts: facts(experiment, words, request),
            figures: definition.variants.map { variant in
                let count = found.counts[variant.key] ?? 0
                let mark = Mark.experiment(ExperimentPeople(id, variant: variant.key))
                return FigureModel(
                    variant.name, wording.number(count),
                    href: count > 0 ? MarkAddress.href(mark, count: count) : nil,
                    note: share(variant, definition, wording))
            },
            variants: [Choice("", request.text("experiment.nothing_changes"), chosen: "-")]
                + definition.variants.map { Choice($0.key, $0.name, chosen: "") },
            decision: decision, reason: experiment.decision?.reason,
            mayManage: request.user.role.may(.manageExperiments), isDraft: experiment.state == .draft,
            isRunning: experiment.state == .running, isStopped: experiment.state == .stopped,
            hasBegun: experiment.state != .draft,
            dimensions: ExperimentBreakdown.dimensions.map {
                ExperimentModel.Dimension(
                    title: words.dimension($0), href: "/experiments/\(id)/breakdown?by=\($0)")
            },
            entering: found.counts.values.allSatisfy { $0 == 0 }
                ? entering(experiment, found.journeys, request) : nil, problem: problem)
        return .page(
            Page(
                "experiments/one", title: definition.name,
                crumbs: [Crumb(request.text("experiment.title"), "/experiments")], model: model,
                status: problem == nil ? .ok : .conflict, hasCharts: true))
    }

    /// Nil once nobody comes in any more.
    private static func entering(
        _ experiment: Experiment, _ journeys: [SegmentUse], _ request: PageRequest
    ) -> ExperimentModel.Entering? {
        guard experiment.state == .draft || experiment.state == .running else { return nil }
        return ExperimentModel.Entering(
            sentence: request.text(experiment.state == .draft ? "experiment.enter_draft" : "experiment.enter_running"),
            journeys: journeys.map { Choice("/journeys/\($0.id)", $0.name, chosen: "") },
            hasJourneys: !journeys.isEmpty, call: "POST /api/v1/experiments/\(experiment.id)/assignments")
    }

    /// `50% planned`: what was dealt is the number above it.
    private static func share(
        _ variant: ExperimentDefinition.Variant, _ definition: ExperimentDefinition, _ wording: Wording
    ) -> String {
        let whole = Double(definition.weights.reduce(0, +))
        return wording.text("experiment.weight_share", ["share": wording.percent(Double(variant.weight) / whole)])
    }

    private static func facts(
        _ experiment: Experiment, _ words: ExperimentWords, _ request: PageRequest
    ) -> [ExperimentModel.Fact] {
        let (definition, wording) = (experiment.definition, request.wording)
        func fact(_ key: String, _ value: String) -> ExperimentModel.Fact {
            ExperimentModel.Fact(name: request.text("experiment.fact_\(key)"), value: value)
        }
        var facts = definition.metrics.map { key, metric in
            ExperimentModel.Fact(name: words.role(key), value: words.metric(metric))
        }
        facts.append(
            fact("audience", definition.criteria?.words(words.phrases) ?? request.text("experiment.everybody")))
        let rule = request.text("experiment.rule_\(definition.rule.rawValue)")
        facts.append(fact("rule", "\(rule) · \(definition.confidence)%"))
        if definition.allocation == .bandit {
            let least = wording.percent(Double(definition.leastShare) / 100)
            facts.append(fact("allocation", request.text("experiment.bandit_is", ["share": least])))
        }
        if definition.plannedPeople > 0 {
            let people = wording.number(definition.plannedPeople)
            facts.append(fact("planned", request.text("experiment.planned_each", ["people": people])))
        }
        if definition.preDays > 0 {
            facts.append(fact("pre", request.text("experiment.pre_days_long", count: definition.preDays)))
        }
        if let started = experiment.startedAt { facts.append(fact("started", wording.dateTime(started))) }
        if let stopped = experiment.stoppedAt { facts.append(fact("stopped", wording.dateTime(stopped))) }
        return facts
    }
}
