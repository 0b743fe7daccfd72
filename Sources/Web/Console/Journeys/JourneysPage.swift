import Engine
import Storage

/// All journeys, with how they do.
struct JourneysModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var status: String
        var tone: String
        var entry: String
        var active: String
        var entered: String
        var goals: String
        var updated: String
    }

    var rows: [Row]
    var isEmpty: Bool
    var mayManage: Bool
}

/// Ready journeys to begin with, by stage.
struct PlaybooksModel: PageModel {
    struct Stage: Encodable, Sendable {
        var code: String
        var title: String
        var books: [Book]
    }

    struct Book: Encodable, Sendable {
        var code: String
        var name: String
        var description: String
        /// Who comes in.
        var entry: String
        var steps: String
    }

    var stages: [Stage]
    var mayManage: Bool
}

enum JourneysPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let (journeys, totals, definitions, world) = try await request.platform.store.read { connection in
            let journeys = try Journeys.list(connection)
            var definitions: [Int64: String] = [:]
            for journey in journeys {
                definitions[journey.id] = try Journeys.current(journey.id, connection)?.definition
            }
            return (
                journeys, try JourneyFigures.totals(connection), definitions,
                try JourneyWorld.load(connection, .current)
            )
        }
        let wording = request.wording
        let phrases = JourneyPhrases(CriteriaLanguage(wording.language), world)
        let rows = journeys.map { journey in
            let own = totals[journey.id] ?? (0, 0, 0)
            let definition = definitions[journey.id].flatMap { text in
                JourneyPages.readable(text)
            }
            return JourneysModel.Row(
                href: "/journeys/\(journey.id)", name: journey.name,
                status: request.text("journey.status_\(journey.status.rawValue)"),
                tone: JourneyPages.tone(journey.status), entry: definition?.entry.words(phrases) ?? "",
                active: wording.number(own.active), entered: wording.number(own.entered),
                goals: own.goals > 0 || definition?.hasGoal != false ? wording.number(own.goals) : "–",
                updated: wording.shortDate(journey.updatedAt, now: request.now))
        }
        let model = JourneysModel(
            rows: rows, isEmpty: rows.isEmpty, mayManage: request.user.role.may(.manageJourneys))
        return .page(Page("journeys/page", title: request.text("journey.title"), model: model))
    }

    private static let stages = ["introduction", "growth", "maturity", "decline", "churn"]

    static func playbooks(_ request: PageRequest) async throws -> Reply {
        let language = CriteriaLanguage(request.wording.language)
        let books = try JourneyPlaybooks.all()
        let phrases = JourneyPhrases(
            language, try await request.platform.store.read { try JourneyWorld.load($0, .current) })
        let model = PlaybooksModel(
            stages: stages.map { stage in
                PlaybooksModel.Stage(
                    code: stage, title: StageWords.name(stage, request.wording),
                    books: books.filter { $0.stage == stage }.map {
                        book($0, phrases, request)
                    })
            }, mayManage: request.user.role.may(.manageJourneys))
        return .page(
            Page(
                "journeys/playbooks", title: request.text("journey.playbooks"),
                crumbs: [Crumb(request.text("journey.title"), "/journeys")], model: model))
    }

    private static func book(
        _ playbook: JourneyPlaybook, _ phrases: JourneyPhrases, _ request: PageRequest
    ) -> PlaybooksModel.Book {
        let definition = JourneyPages.readable(playbook.draft(phrases.language).definition)
        var steps: Int64 = 0
        definition?.visit { _, _ in steps += 1 }
        return PlaybooksModel.Book(
            code: playbook.code, name: playbook.name(phrases.language),
            description: playbook.description(phrases.language), entry: definition?.entry.words(phrases) ?? "",
            steps: request.text("journey.nodes", count: steps))
    }

    static func begin(_ request: PageRequest) async throws -> Reply {
        let (code, actor, effects) = (request.form.text("code"), request.actor, request.platform.effects)
        let language = CriteriaLanguage(request.wording.language)
        do {
            let playbook = try JourneyPlaybooks.get(code)
            let made = try await request.platform.store.write {
                try Journeys.create(from: playbook, language, by: actor, effects: effects, $0)
            }
            return .redirect(to: "/journeys/\(made.id)/edit", notice: "journey.begun")
        } catch JourneyError.playbookNotFound {
            throw PageFailure.notFound
        }
    }
}

/// Something that keeps a draft from being published, and where the editor opens it.
struct JourneyMissing: Encodable, Sendable {
    var href: String
    var text: String
}

/// What pages of journeys share.
enum JourneyPages {
    /// As much of a stored definition as can be read, to be shown.
    static func readable(_ text: String) -> JourneyDefinition? {
        do { return try JourneyDefinition.sketch(text).definition } catch { return nil }
    }

    /// Nodes of a stored definition that cannot be read whole.
    static func unread(_ text: String) throws -> Set<String> {
        Set(try JourneyDefinition.sketch(text).issues.map(\.node))
    }

    /// What a stored draft still wants for, each with its card in the editor; with `fits` also what does not fit the
    /// workspace.
    static func missing(
        _ text: String, of id: Int64, fits: Bool, _ world: JourneyWorld, _ request: PageRequest
    ) throws -> [JourneyMissing] {
        let (definition, missing) = try JourneyDefinition.sketch(text)
        let issues = missing.isEmpty && fits ? definition.issues(world) : missing
        let language = CriteriaLanguage(request.wording.language)
        let drawing = JourneyDrawing(request, world, definition)
        var labels: [String: String] = [:]
        definition.visit { step, _ in
            // What cannot be read yet says nothing of itself but what it is.
            let isRead = !missing.contains { $0.node == step.id }
            labels[step.id] =
                isRead ? drawing.phrases.labels[step.id] ?? step.id : request.text("journey.node_\(step.kind)")
        }
        return issues.map { issue in
            let place = labels[issue.node] ?? issue.node
            return JourneyMissing(
                href: "/journeys/\(id)/edit#node-\(issue.node)",
                text: place.isEmpty ? issue.text(language) : "\(place): \(issue.text(language))")
        }
    }

    static func tone(_ status: Journey.Status) -> String {
        switch status {
        case .live: "chip-good"
        case .paused: "chip-warn"
        case .draft: "chip-info"
        case .ended: ""
        }
    }

    static func found<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as JourneyError {
            switch error {
            case .notFound, .versionNotFound, .runNotFound: throw PageFailure.notFound
            default: throw error
            }
        }
    }

    /// What an error says to somebody who can do something about it.
    static func problem(_ error: JourneyError, _ request: PageRequest) -> String {
        switch error {
        case .nameMissing: request.text("journey.name_missing")
        case .nameTaken: request.text("journey.name_taken")
        case .badPriority: request.text("journey.bad_priority")
        case .tooLong(let limit): request.text("journey.too_long", ["limit": String(limit)])
        case .tooMany(let limit): request.text("journey.too_many", ["limit": String(limit)])
        case .invalid: request.text("journey.invalid")
        case .inUse(let people): request.text("journey.in_use", ["people": request.wording.number(people)])
        case .editedMeanwhile: request.text("journey.edited_meanwhile")
        case .unknownNode(let node): request.text("journey.unknown_node", ["node": node])
        case .tooLateToUndo(let hours): request.text("journey.too_late_to_undo", ["hours": String(hours)])
        default: request.text("journey.not_now")
        }
    }

    /// The same with everything that is wrong, in one text.
    static func told(_ error: JourneyError, _ request: PageRequest) -> String {
        let all = problems(error, request).joined(separator: " · ")
        return all.isEmpty ? problem(error, request) : "\(problem(error, request)) \(all)"
    }

    static func problems(_ error: JourneyError, _ request: PageRequest) -> [String] {
        guard case .invalid(let issues) = error else { return [] }
        let language = CriteriaLanguage(request.wording.language)
        return issues.map { issue in
            // The field is told in the words; whoever draws knows nodes, not the JSON underneath.
            let place = issue.node.isEmpty ? issue.path : issue.node
            return place.isEmpty ? issue.text(language) : "\(place): \(issue.text(language))"
        }
    }
}
