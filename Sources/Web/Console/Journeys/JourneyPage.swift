import Engine
import Storage

/// One journey: its design with the people on it, figures, trying it, and what may be done.
struct JourneyModel: PageModel {
    struct Use: Encodable, Sendable {
        var href: String
        var name: String
    }

    var id: String
    var status: String
    var tone: String
    var description: String?
    var figures: [FigureModel]
    var growth: ChartModel?
    var flow: JourneyFlowModel?
    var problem: String?
    /// What the draft still wants for.
    var missing: [JourneyMissing]
    var isUnfinished: Bool
    var hasDraft: Bool
    var draftNote: String?
    var isPreparing: Bool
    var isLive: Bool
    var isPaused: Bool
    var mayEnd: Bool
    var mayManage: Bool
    var person: String
    var endings: [Ending]
    var hasEndings: Bool
    /// Nothing of it was ever published.
    var isNew: Bool
    /// Said while the last publishing can be taken back.
    var undo: String?
    var isReached: Bool

    struct Ending: Encodable, Sendable {
        var name: String
        var value: String
        var href: String
    }
}

enum JourneyPage {
    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try request.id("journey")
        let (journey, draft, published, figures, standing, world, publication) = try await JourneyPages.found {
            try await request.platform.store.read { connection in
                (
                    try Journeys.get(id, connection), try Journeys.draft(id, connection),
                    try Journeys.published(id, connection), try JourneyFigures.load(id, connection),
                    try Journeys.standing(id, connection), try JourneyWorld.load(connection, .current),
                    try JourneyPublication.last(id, connection)
                )
            }
        }
        let shown = (published ?? draft).flatMap { JourneyPages.readable($0.definition) }
        var drawing = JourneyDrawing(request, world, shown)
        drawing.unread = try (published ?? draft).map { try JourneyPages.unread($0.definition) } ?? []
        drawing.figures = figures
        drawing.journey = published == nil ? nil : id
        for place in standing {
            let known = drawing.standing[place.node] ?? (0, 0)
            drawing.standing[place.node] = (known.people + place.people, known.failed + place.failed)
        }
        let missing =
            try draft.map {
                try JourneyPages.missing($0.definition, of: id, fits: false, world, request)
            } ?? []
        let isSomeDraft = draft != nil && published != nil
        let model = JourneyModel(
            id: String(id), status: request.text("journey.status_\(journey.status.rawValue)"),
            tone: JourneyPages.tone(journey.status),
            description: journey.description.isEmpty ? nil : journey.description,
            figures: summary(figures, standing, hasGoal: shown?.hasGoal ?? true, id, request),
            growth: growth(figures, request),
            flow: shown.map(drawing.model), problem: problem, missing: missing,
            isUnfinished: !missing.isEmpty, hasDraft: draft != nil,
            draftNote: isSomeDraft ? request.text("journey.draft_waits") : nil,
            isPreparing: journey.fromPosition == Int64.max, isLive: journey.status == .live,
            isPaused: journey.status == .paused, mayEnd: journey.status == .live || journey.status == .paused,
            mayManage: request.user.role.may(.manageJourneys), person: request.query.text("person"),
            endings: figures.endings.sorted { $0.value > $1.value }.map {
                JourneyModel.Ending(
                    name: request.text("journey.ending_\($0.key)"), value: request.wording.number($0.value),
                    href: "/journeys/\(id)/runs?ending=\($0.key)")
            }, hasEndings: !figures.endings.isEmpty, isNew: published == nil,
            undo: undo(publication, journey, request), isReached: figures.entered > 0)
        return .page(
            Page(
                "journeys/one", title: journey.name, crumbs: [Crumb(request.text("journey.title"), "/journeys")],
                model: model, status: problem == nil ? .ok : .conflict, hasCharts: true))
    }

    private static func undo(
        _ publication: JourneyPublication?, _ journey: Journey, _ request: PageRequest
    ) -> String? {
        guard let publication, publication.isUndoable(at: request.now),
            publication.toVersion == journey.publishedVersion, journey.status == .live || journey.status == .paused
        else { return nil }
        return request.text(
            "journey.may_undo",
            [
                "when": request.wording.dateTime(publication.at),
                "people": request.wording.number(publication.people),
                "hours": request.wording.number(JourneyPublication.undoHours),
            ])
    }

    /// Takes the last publishing back.
    static func undo(_ request: PageRequest) async throws -> Reply {
        let (id, actor, effects) = (try request.id("journey"), request.actor, request.platform.effects)
        return try await change(request, notice: "journey.undone") {
            _ = try Journeys.undoPublishing(id, by: actor, effects: effects, $0)
        }
    }

    private static func summary(
        _ figures: JourneyFigures, _ standing: [JourneyStanding], hasGoal: Bool, _ id: Int64,
        _ request: PageRequest
    ) -> [FigureModel] {
        let (active, failed) = standing.reduce((0, 0)) { ($0.0 + $1.people, $0.1 + $1.failed) }
        let share = figures.entered > 0 ? Double(figures.goals) / Double(figures.entered) : 0
        let wording = request.wording
        // A version before may have had one.
        let aims = hasGoal || figures.goals > 0
        return [
            FigureModel(request.text("journey.active"), wording.number(active), href: "/journeys/\(id)/runs"),
            FigureModel(request.text("journey.entered"), wording.number(figures.entered)),
            FigureModel(
                request.text("journey.goals"), aims ? wording.number(figures.goals) : "–",
                href: figures.goals > 0 ? "/journeys/\(id)/runs?goal=1" : nil,
                note: aims ? wording.percent(share) : request.text("journey.no_goal")),
            FigureModel(
                request.text("journey.set_aside"), wording.number(failed), href: "/journeys/\(id)/runs?status=failed"),
        ]
    }

    private static func growth(_ figures: JourneyFigures, _ request: PageRequest) -> ChartModel? {
        guard figures.days.count > 1 else { return nil }
        return ChartModel(
            .line, title: request.text("journey.entered_by_day"), axis: request.text("segment.day"), unit: .count,
            categories: figures.days.map { LocalCalendar.text(ofDay: $0.day) },
            series: [
                ChartModel.Series(
                    name: request.text("journey.entered"), values: figures.days.map { Double($0.entered) })
            ])
    }

    static func pause(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now) = (try request.id("journey"), request.actor, request.now)
        return try await change(request, notice: "journey.paused") {
            _ = try Journeys.pause(id, by: actor, $0, at: now)
        }
    }

    static func resume(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now) = (try request.id("journey"), request.actor, request.now)
        let hours = min(max(request.form.int("hours") ?? 24, 1), 720)
        let ways: [String: JourneyCatchUp] = ["spread": .spread(hours: hours), "expire": .expire]
        let catchUp = ways[request.form.text("catch_up")] ?? .keep
        return try await change(request, notice: "journey.resumed") {
            _ = try Journeys.resume(id, catchUp, by: actor, $0, at: now)
        }
    }

    static func end(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now) = (try request.id("journey"), request.actor, request.now)
        let letsFinish = request.form.text("people") != "leave"
        return try await change(request, notice: "journey.ended") {
            _ = try Journeys.end(id, letsFinish: letsFinish, by: actor, $0, at: now)
        }
    }

    static func delete(_ request: PageRequest) async throws -> Reply {
        let (id, actor, now) = (try request.id("journey"), request.actor, request.now)
        do {
            try await JourneyPages.found {
                try await request.platform.store.write { try Journeys.delete(id, by: actor, $0, at: now) }
            }
            return .redirect(to: "/journeys", notice: "journey.deleted")
        } catch let error as JourneyError {
            return try await answer(request, problem: JourneyPages.problem(error, request))
        }
    }

    private static func change(
        _ request: PageRequest, notice: String, _ body: @escaping @Sendable (any SQLConnection) throws -> Void
    ) async throws -> Reply {
        do {
            try await JourneyPages.found { try await request.platform.store.write(body) }
            return .redirect(to: "/journeys/\(try request.id("journey"))", notice: notice)
        } catch let error as JourneyError {
            return try await answer(request, problem: JourneyPages.problem(error, request))
        }
    }
}
