import Engine
import Storage

/// Before a version goes live: what is wrong, and what becomes of the people on older versions.
struct JourneyPublishModel: PageModel {
    struct Place: Encodable, Sendable {
        /// The name of the field.
        var field: String
        var node: String
        var words: String
        var people: String
        var choices: [Choice]
    }

    struct Choice: Encodable, Sendable {
        var value: String
        var title: String
        var selected: String?
    }

    var id: String
    var revision: String
    var problem: String?
    var problems: [JourneyMissing]
    var hasProblems: Bool
    var people: String?
    var places: [Place]
    var flow: JourneyFlowModel?
}

enum JourneyPublishPage {
    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try request.id("journey")
        let (journey, draft, revision, standing, olds, world) = try await JourneyPages.found {
            try await request.platform.store.read { connection in
                let journey = try Journeys.get(id, connection)
                let standing = try Journeys.standing(id, connection)
                return (
                    journey, try Journeys.draft(id, connection), try Journeys.revision(of: journey, connection),
                    standing, try Set(standing.map(\.versionID)).sorted().map { try Journeys.version($0, connection) },
                    try JourneyWorld.load(connection, .current)
                )
            }
        }
        guard let draft else { return .redirect(to: "/journeys/\(id)", notice: "journey.no_draft") }
        let definition = JourneyPages.readable(draft.definition)
        let missing = try JourneyPages.missing(draft.definition, of: id, fits: true, world, request)
        var drawing = JourneyDrawing(request, world, definition)
        drawing.unread = try JourneyPages.unread(draft.definition)
        let people = standing.reduce(0) { $0 + $1.people }
        let model = JourneyPublishModel(
            id: String(id), revision: revision, problem: problem,
            problems: missing, hasProblems: !missing.isEmpty,
            people: people > 0 ? request.text("journey.on_their_way", ["people": request.wording.number(people)]) : nil,
            places: places(standing, names(of: olds, world, request), definition, drawing, request),
            flow: definition.map(drawing.model))
        return .page(
            Page(
                "journeys/publish", title: request.text("journey.publish"),
                crumbs: [Crumb(request.text("journey.title"), "/journeys"), Crumb(journey.name, "/journeys/\(id)")],
                model: model, status: problem == nil ? .ok : .unprocessableContent))
    }

    /// What the nodes of older versions are called, the newest version's words where several have a node: the draft may
    /// say something else of it by now, or have none.
    private static func names(
        of olds: [JourneyVersion], _ world: JourneyWorld, _ request: PageRequest
    ) -> [String: String] {
        var names: [String: String] = [:]
        for old in olds {
            guard let definition = JourneyPages.readable(old.definition) else { continue }
            let drawing = JourneyDrawing(request, world, definition)
            for node in nodes(definition, drawing) { names[node.id] = node.words }
        }
        return names
    }

    /// Every node from the top, in words behind the ways that lead to it: `B › Wait 1 day`.
    private static func nodes(
        _ definition: JourneyDefinition, _ drawing: JourneyDrawing
    ) -> [(id: String, words: String)] {
        var found: [(id: String, words: String)] = []
        func walk(_ steps: [JourneyStep], _ ways: [String]) {
            for step in steps {
                let words = step.node.words(drawing.phrases)
                found.append((step.id, (ways + [words]).joined(separator: " › ")))
                for path in step.paths { walk(path.steps, ways + [path.name]) }
                walk(step.otherwise, ways + [drawing.request.text("journey.otherwise")])
            }
        }
        walk(definition.steps, [])
        return found
    }

    private static func places(
        _ standing: [JourneyStanding], _ names: [String: String], _ definition: JourneyDefinition?,
        _ drawing: JourneyDrawing, _ request: PageRequest
    ) -> [JourneyPublishModel.Place] {
        var people: [String: Int64] = [:]
        for place in standing { people[place.node, default: 0] += place.people }
        let nodes = definition.map { Self.nodes($0, drawing) } ?? []
        return people.sorted { $0.key < $1.key }.map { node, count in
            let known = nodes.contains { $0.id == node }
            let leave = JourneyPublishModel.Choice(
                value: "", title: request.text("journey.they_leave"), selected: known ? nil : "selected")
            return JourneyPublishModel.Place(
                field: "to:\(node)", node: node, words: names[node] ?? drawing.phrases.labels[node] ?? node,
                people: request.wording.number(count),
                choices: nodes.map {
                    JourneyPublishModel.Choice(
                        value: $0.id, title: $0.words, selected: $0.id == node ? "selected" : nil)
                } + [leave])
        }
    }

    static func publish(_ request: PageRequest) async throws -> Reply {
        let (id, actor, effects) = (try request.id("journey"), request.actor, request.platform.effects)
        let form = request.form
        let transfer: JourneyTransfer
        switch form.text("people") {
        case "move":
            let pairs = form.pairs.filter { $0.name.hasPrefix("to:") }.map {
                (String($0.name.dropFirst("to:".count)), $0.value)
            }
            transfer = .move(nodes: Dictionary(pairs) { first, _ in first })
        case "exit": transfer = .exit
        default: transfer = .stay
        }
        do {
            try await JourneyPages.found {
                try await request.platform.store.write { connection in
                    _ = try Journeys.publish(
                        id, transfer, seen: form["revision"], by: actor, effects: effects, connection)
                }
            }
            return .redirect(to: "/journeys/\(id)", notice: "journey.published")
        } catch JourneyError.noDraft {
            return .redirect(to: "/journeys/\(id)", notice: "journey.no_draft")
        } catch SegmentError.tooManyFeatures {
            return try await answer(request, problem: request.text("segment.too_many_behaviours"))
        } catch let error as JourneyError {
            return try await answer(request, problem: JourneyPages.problem(error, request))
        }
    }
}
