import Engine
import Storage

/// An experiment being written; once it has begun only what it is called.
struct ExperimentFormModel: PageModel {
    struct Variant: Encodable, Sendable {
        var number: String
        var index: String
        var key: String
        var name: String
        var weight: String
        var isControl: Bool
    }

    struct Metric: Encodable, Sendable {
        var slot: String
        var title: String
        var kinds: [Choice]
        var event: String
        var window: String
        var from: String
        var less: String?
    }

    struct Option: Encodable, Sendable {
        var value: String
        var title: String
        var hint: String
        var checked: String?
    }

    var action: String
    var isDraft: Bool
    var name: String
    var hypothesis: String
    var variants: [Variant]
    var primary: Metric
    var guardrails: [Metric]
    var secondary: [Metric]
    var rules: [Option]
    var allocations: [Option]
    var leastShare: String
    var confidences: [Choice]
    var planned: String
    var preDays: String
    var criteria: String
    var offer: String
    var events: [String]
    var problem: String?
    var back: String
    var revision: String
}

enum ExperimentFormPage {
    private static let example = ExperimentForm.fields(
        ExperimentDefinition(
            name: "", variants: [.init("control"), .init("treatment")],
            primary: ExperimentMetric(.converted, event: EventFilter(names: ["Order Completed"])), preDays: 28))

    static func new(_ request: PageRequest) async throws -> Reply {
        try await answer(request, nil)
    }

    static func edit(_ request: PageRequest) async throws -> Reply {
        try await answer(request, try request.id("experiment"))
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let (actor, effects, form) = (request.actor, request.platform.effects, request.form)
        return try await save(request, nil) { connection in
            try Experiments.create(try ExperimentForm.definition(form), by: actor, effects, connection).id
        }
    }

    static func update(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now, form) = (try request.id("experiment"), request.actor, request.now, request.form)
        return try await save(request, id) { connection in
            let before = try Experiments.get(id, connection)
            try Revision.check(form["revision"], at: try before.revision)
            var definition = before.definition
            if before.state == .draft {
                definition = try ExperimentForm.definition(form)
            } else {
                (definition.name, definition.hypothesis) = (form.text("name"), form.text("hypothesis"))
                definition = try ExperimentDefinition(definition.json)
            }
            return try Experiments.update(id, definition, by: actor, at: now, connection).id
        }
    }

    private static func save(
        _ request: PageRequest, _ id: Int64?, _ body: @escaping @Sendable (any SQLConnection) throws -> Int64
    ) async throws -> Reply {
        do {
            let saved = try await request.platform.store.write(body)
            return .redirect(to: "/experiments/\(saved)", notice: "experiment.saved")
        } catch ExperimentError.notFound {
            throw PageFailure.notFound
        } catch is EditConflict {
            return try await answer(request, id, problem: request.text("points.edited_meanwhile"))
        } catch let error as ExperimentError {
            let world = try await request.platform.store.read { try CriteriaWorld.load($0) }
            let words = ExperimentWords(request.wording, world)
            return try await answer(
                request, id, problem: words.problem(error, audience: request.form.text("criteria")))
        }
    }

    private static func answer(_ request: PageRequest, _ id: Int64?, problem: String? = nil) async throws -> Reply {
        let (experiment, world) = try await request.experimentFound {
            try await request.platform.store.read { connection in
                (try id.map { try Experiments.get($0, connection) }, try CriteriaWorld.load(connection))
            }
        }
        let fields =
            problem != nil ? request.form : experiment.map { ExperimentForm.fields($0.definition) } ?? example
        let model = model(request, experiment, fields, world, problem)
        var crumbs = [Crumb(request.text("experiment.title"), "/experiments")]
        if let experiment { crumbs.append(Crumb(experiment.definition.name, "/experiments/\(experiment.id)")) }
        return .page(
            Page(
                "experiments/form", title: request.text(id == nil ? "experiment.new" : "experiment.edit"),
                crumbs: crumbs, model: model, status: problem == nil ? .ok : .unprocessableContent))
    }

    private static func model(
        _ request: PageRequest, _ experiment: Experiment?, _ fields: Fields, _ world: CriteriaWorld,
        _ problem: String?
    ) -> ExperimentFormModel {
        func metric(_ slot: String, _ role: String) -> ExperimentFormModel.Metric {
            let chosen = fields.text("kind_\(slot)")
            var kinds: [Choice] = []
            if slot != "p" { kinds.append(Choice("", request.text("experiment.no_metric"), chosen: chosen)) }
            for kind in ExperimentMetric.Kind.allCases {
                kinds.append(
                    Choice(kind.rawValue, request.text("experiment.kind_\(kind.rawValue)"), chosen: chosen))
            }
            let isLess = fields.text("less_\(slot)") == "1"
            return ExperimentFormModel.Metric(
                slot: slot, title: request.text("experiment.role_\(role)"), kinds: kinds,
                event: fields.text("event_\(slot)"), window: fields.text("window_\(slot)"),
                from: fields.text("from_\(slot)"), less: isLess ? "checked" : nil)
        }
        /// Those that say something, and an empty one more.
        func shown(_ letter: String, _ role: String) -> [ExperimentFormModel.Metric] {
            let slots = ExperimentForm.slots(letter)
            let last = slots.lastIndex { !fields.text("kind_\($0)").isEmpty } ?? -1
            return slots.prefix(last + 2).map { metric($0, role) }
        }
        let id: String? = experiment.map { "/experiments/\($0.id)" }
        let isDraft: Bool = experiment.map { $0.state == .draft } ?? true
        let criteria = fields.text("criteria")
        let confidences: [Choice] = ExperimentLimits.confidences.map { (share: Int64) -> Choice in
            Choice(String(share), "\(share)%", chosen: fields.text("confidence"))
        }
        let seen: String? = problem == nil ? nil : request.form["revision"]
        return ExperimentFormModel(
            action: id ?? "/experiments", isDraft: isDraft, name: fields.text("name"),
            hypothesis: fields.text("hypothesis"), variants: variants(fields), primary: metric("p", "primary"),
            guardrails: shown("g", "guardrail"), secondary: shown("s", "secondary"), rules: rules(fields, request),
            allocations: allocations(fields, request), leastShare: fields.text("least_share"),
            confidences: confidences, planned: fields.text("planned"), preDays: fields.text("pre_days"),
            criteria: criteria.isEmpty ? ExperimentDefinition.everybody : criteria,
            offer: SegmentOffer.text(world, segment: nil, request), events: world.events.sorted(), problem: problem,
            back: id ?? "/experiments", revision: seen ?? revision(experiment))
    }

    /// Those that are named, and an empty one more.
    private static func variants(_ fields: Fields) -> [ExperimentFormModel.Variant] {
        var named = 2
        for index in 0..<ExperimentForm.variantsShown where !fields.text("key_\(index)").isEmpty {
            named = max(named, index + 1)
        }
        return (0..<min(named + 1, ExperimentForm.variantsShown)).map { (index: Int) -> ExperimentFormModel.Variant in
            ExperimentFormModel.Variant(
                number: String(index + 1), index: String(index), key: fields.text("key_\(index)"),
                name: fields.text("called_\(index)"), weight: fields.text("weight_\(index)"), isControl: index == 0)
        }
    }

    private static func rules(_ fields: Fields, _ request: PageRequest) -> [ExperimentFormModel.Option] {
        let chosen = fields.text("rule")
        return ExperimentDefinition.Rule.allCases.map {
            (rule: ExperimentDefinition.Rule) -> ExperimentFormModel.Option in
            ExperimentFormModel.Option(
                value: rule.rawValue, title: request.text("experiment.rule_\(rule.rawValue)"),
                hint: request.text("experiment.rule_hint_\(rule.rawValue)"),
                checked: rule.rawValue == chosen ? "checked" : nil)
        }
    }

    private static func allocations(_ fields: Fields, _ request: PageRequest) -> [ExperimentFormModel.Option] {
        let chosen = fields["allocation"] ?? ExperimentDefinition.Allocation.fixed.rawValue
        return ExperimentDefinition.Allocation.allCases.map {
            (allocation: ExperimentDefinition.Allocation) -> ExperimentFormModel.Option in
            ExperimentFormModel.Option(
                value: allocation.rawValue, title: request.text("experiment.allocation_\(allocation.rawValue)"),
                hint: request.text("experiment.allocation_hint_\(allocation.rawValue)"),
                checked: allocation.rawValue == chosen ? "checked" : nil)
        }
    }

    private static func revision(_ experiment: Experiment?) -> String {
        do { return try experiment.map { try $0.revision.text } ?? "" } catch { return "" }
    }
}
