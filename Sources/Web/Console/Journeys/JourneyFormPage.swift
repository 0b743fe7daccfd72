import Engine
import Storage

/// A journey being drawn: the editor, and the JSON underneath, which stays the truth.
struct JourneyFormModel: PageModel {
    var action: String
    var name: String
    var description: String
    var priority: String
    var definition: String
    /// What the editor may offer, as JSON for a script element.
    var offer: String
    var problem: String?
    var problems: [String]
    var back: String
    var revision: String
}

enum JourneyFormPage {
    private struct Asked: Sendable {
        var name = ""
        var description = ""
        var definition = JourneyDraft.empty
        /// Nil: what was written is no number.
        var priority: Int64? = MessageChoices.usualPriority

        var draft: JourneyDraft {
            JourneyDraft(name: name, description: description, definition: definition, priority: priority ?? 0)
        }
    }

    static func new(_ request: PageRequest) async throws -> Reply { try await answer(request, Asked(), of: nil) }

    static func edit(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("journey")
        let (journey, version) = try await JourneyPages.found {
            try await request.platform.store.read { (try Journeys.get(id, $0), try Journeys.current(id, $0)) }
        }
        let asked = Asked(
            name: journey.name, description: journey.description,
            definition: version?.definition ?? JourneyDraft.empty, priority: journey.priority)
        return try await answer(request, asked, of: id)
    }

    private static func asked(_ form: Fields) -> Asked {
        Asked(
            name: form.text("name"), description: form.text("description"), definition: form.text("definition"),
            priority: form.text("priority").isEmpty ? MessageChoices.usualPriority : form.int("priority"))
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let (asked, effects, actor) = (asked(request.form), request.platform.effects, request.actor)
        return try await save(request, asked, of: nil) {
            try Journeys.create(asked.draft, by: actor, effects: effects, $0).id
        }
    }

    static func update(_ request: PageRequest) async throws -> Reply {
        let (id, effects, actor) = (try request.id("journey"), request.platform.effects, request.actor)
        let (asked, seen) = (asked(request.form), request.form["revision"])
        return try await save(request, asked, of: id) {
            try Journeys.update(id, asked.draft, seen: seen, by: actor, effects: effects, $0).id
        }
    }

    private static func save(
        _ request: PageRequest, _ asked: Asked, of id: Int64?,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Int64
    ) async throws -> Reply {
        do {
            let saved = try await JourneyPages.found { try await request.platform.store.write(body) }
            return .redirect(to: "/journeys/\(saved)", notice: "journey.saved")
        } catch let error as JourneyError {
            return try await answer(
                request, asked, of: id, problem: JourneyPages.problem(error, request),
                problems: JourneyPages.problems(error, request))
        }
    }

    private static func answer(
        _ request: PageRequest, _ asked: Asked, of id: Int64?, problem: String? = nil, problems: [String] = []
    ) async throws -> Reply {
        let (world, journey, revision, policy, versions) = try await request.platform.store.read { connection in
            let journey = try id.map { try Journeys.get($0, connection) }
            let revision = try journey.map { try Journeys.revision(of: $0, connection) }
            return (
                try JourneyWorld.load(connection, .current), journey, revision, try MessagePolicy.load(connection),
                try id.map { try Journeys.versions($0, connection) } ?? []
            )
        }
        let back = id.map { "/journeys/\($0)" } ?? "/journeys"
        let model = JourneyFormModel(
            action: back, name: asked.name, description: asked.description,
            priority: asked.priority.map { String($0) } ?? "", definition: asked.definition,
            offer: JourneyOffer.text(world, policy, spent: spentIDs(versions), request), problem: problem,
            problems: problems, back: back, revision: revision ?? "")
        var crumbs = [Crumb(request.text("journey.title"), "/journeys")]
        if let journey { crumbs.append(Crumb(journey.name, back)) }
        return .page(
            Page(
                "journeys/form", title: request.text(id == nil ? "journey.new" : "journey.edit"), crumbs: crumbs,
                model: model, status: problem == nil ? .ok : .unprocessableContent))
    }

    /// Ids of nodes in all versions: figures and people on their way go by them, so a new node gets another one.
    private static func spentIDs(_ versions: [JourneyVersion]) -> Set<String> {
        var spent: Set<String> = []
        for version in versions {
            JourneyPages.readable(version.definition)?.visit { step, _ in spent.insert(step.id) }
        }
        return spent
    }

    /// What the editor asks while one draws: each card in words, and what is wrong.
    static func preview(_ request: PageRequest) async throws -> Reply {
        let text = request.form.text("definition")
        let world = try await request.platform.store.read { try JourneyWorld.load($0, .current) }
        let language = CriteriaLanguage(request.wording.language)
        var cards: [String: JSONValue] = [:]
        var ways: [String: JSONValue] = [:]
        var head: [String: JSONValue] = [:]
        var issues: [JourneyIssue] = []
        do {
            let (definition, found) = try JourneyDefinition.sketch(text)
            let unread = Set(found.map(\.node))
            let drawing = JourneyDrawing(request, world, definition)
            // What cannot be read yet says nothing of itself; everything around it does.
            definition.visit { step, _ in
                guard !unread.contains(step.id) else { return }
                cards[step.id] = .string(step.node.words(drawing.phrases))
                ways[step.id] = .array(step.paths.map { JSONValue(drawing.words($0, of: step)) })
            }
            if !unread.contains("") {
                let model = drawing.model(definition)
                head = [
                    "entry": .string(model.entry), "who": JSONValue(model.who), "reentry": .string(model.reentry),
                    "goal": JSONValue(model.goal), "exit": JSONValue(model.exit),
                ]
            }
            issues = found.isEmpty ? definition.issues(world) : found
        } catch JourneyError.invalid(let found) {
            issues = found
        }
        let answer: JSONValue = [
            "cards": .object(cards), "ways": .object(ways), "head": .object(head),
            "issues": .array(
                issues.map { issue in
                    [
                        "node": .string(issue.node), "path": .string(issue.path),
                        "text": .string(issue.text(language)),
                    ]
                }),
        ]
        return .json(answer.text())
    }
}

/// What the editor may offer: kinds of nodes with their blanks, what they may name, and all that conditions need.
enum JourneyOffer {
    private static let said = [
        "entry", "who", "reentry", "goal", "exit", "add_node", "paste", "copy", "remove", "up", "down", "undo",
        "redo", "zoom_in", "zoom_out", "list_view", "close", "nothing", "otherwise", "ways", "add_way", "way_name",
        "weight", "group_time", "group_ways", "group_deeds", "group_ends", "change", "entered", "left", "any_tier",
        "rises", "falls", "trait", "offset_days", "hour", "yearly", "once", "weekdays", "key", "days",
        "stages", "tiers", "grades", "by_event", "by_condition", "begin_here", "empty_way", "choose",
        "keyboard", "problems", "as_template", "usual_topic", "copy_way", "duplicate", "cut", "fit", "as_svg",
        "as_png", "words", "words_hint", "channels", "answer", "add_test", "variant", "texts_hint", "property",
        "ways_hint",
    ]
    private static let entries = ["event", "segment", "stage", "tier", "score", "date", "schedule", "reply", "api"]
    private static let reentries = ["never", "after_exit", "after_days", "per_key"]
    private static let stages = ["introduction", "growth", "maturity", "decline", "churn"]

    static func text(
        _ world: JourneyWorld, _ policy: MessagePolicy, spent: Set<String>, _ request: PageRequest
    ) -> String {
        let language = CriteriaLanguage(request.wording.language)
        let nodes = NodeCatalog.all.map { type -> JSONValue in
            var members = SegmentOffer.kind(type.kind, type.form, language).objectValue ?? [:]
            members["fork"] = .string(type.fork.rawValue)
            members["title"] = .string(request.text("journey.node_\(type.kind)"))
            members["answers"] = .array(
                type.answers.map { choice($0, request.text("journey.answer_\($0)")) })
            return .object(members)
        }
        func named(_ names: [Int64: String]) -> JSONValue {
            .array(
                names.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map {
                    choice(String($0.key), $0.value)
                })
        }
        func words(_ names: [String], _ prefix: (String) -> String) -> JSONValue {
            .array(names.map { choice($0, prefix($0)) })
        }
        let lists = world.criteria.segments.filter { $0.value.criteria == nil }.mapValues(\.name)
        let tags = world.criteria.tags
        let manual = tags.names.filter { world.isManual(tag: $0.key) }
        let events = world.criteria.events.union(WebhookEvents.names).sorted()
        let more: [String: JSONValue] = [
            "nodes": .array(nodes), "spent_ids": .array(spent.sorted().map { .string($0) }),
            "coupons": named(world.coupons), "webhooks": named(world.webhooks),
            "templates": named(world.templates ?? [:]), "lists": named(lists), "manual_tags": named(manual),
            "topics": .array(policy.topics.map { choice($0.code, $0.name(language.rawValue)) }),
            "currencies": .array(
                world.currencies.sorted { $0.key < $1.key }.map {
                    choice($0.key, $0.value[language.rawValue] ?? $0.key)
                }),
            "entries": words(entries) { request.text("journey.entry_\($0)") },
            "reentries": words(reentries) { request.text("journey.reentry_\($0)") },
            "experiments": .array(
                world.experiments.sorted { ($0.value.name, $0.key) < ($1.value.name, $1.key) }.map { id, found in
                    [
                        "value": .string(String(id)), "title": .string(found.name),
                        "variants": .array(
                            found.variants.sorted { $0.key < $1.key }.map { choice($0.key, $0.value) }),
                    ]
                }),
            "channels": words(ChannelCatalog.names) { request.text("message.channel_\($0)") },
            "outcomes": words(JourneyOutcome.allCases.map(\.rawValue)) { request.text("journey.outcome_\($0)") },
            "lifecycle": words(stages) { StageWords.name($0, request.wording) },
            "events": .array(events.map { .string($0) }),
            "weekday_names": .array((1...7).map { choice(String($0), request.text("journey.weekday_\($0)")) }),
            "journey_words": .object(
                Dictionary(uniqueKeysWithValues: said.map { ($0, JSONValue.string(request.text("journey.say_\($0)"))) })
            ),
        ]
        return SegmentOffer.text(world.criteria, segment: nil, request, more: more)
    }

    private static func choice(_ value: String, _ title: String) -> JSONValue {
        ["value": .string(value), "title": .string(title)]
    }
}
