import Engine
import Storage

/// What a draft would do to the members there are.
struct TierPreviewModel: PageModel {
    struct Level: Encodable, Sendable {
        var name: String
        var before: String
        var after: String
        var difference: String
        var cost: String
    }

    struct Move: Encodable, Sendable {
        var text: String
        var members: String
    }

    struct Person: Encodable, Sendable {
        var href: String
        var name: String
        var initial: String
        var move: String
        var lacking: String?
    }

    struct Side: Encodable, Sendable {
        var id: String
        var title: String
        var moves: [Move]
        var people: [Person]
        var isEmpty: Bool
    }

    var id: String
    var isRunning: Bool
    var isDone: Bool
    var fraction: String
    var count: String
    var problem: String?
    var figures: [FigureModel]
    var levels: [Level]
    var sides: [Side]
}

enum TierPreviewPage {
    /// Of the people named in each direction.
    private static let peopleShown = 40

    static func show(_ request: PageRequest) async throws -> Reply {
        .page(
            Page(
                "tiers/preview", title: request.text("tier.preview"),
                crumbs: [
                    Crumb(request.text("tier.title"), "/tiers"), Crumb(request.text("tier.edit"), "/tiers/edit"),
                ], model: try await model(request)))
    }

    static func progress(_ request: PageRequest) async throws -> Reply {
        .panel(template: "tiers/report", model: try await model(request))
    }

    static func cancel(_ request: PageRequest) async throws -> Reply {
        let (id, now) = (try request.id("job"), request.now)
        _ = try await request.platform.store.write { connection in
            guard try JobQueue.get(connection, id: id).kind == TierPreview.kind else { throw PageFailure.notFound }
            return try JobQueue.cancel(connection, id: id, at: now)
        }
        return .redirect(to: "/tiers/previews/\(id)")
    }

    private static func model(_ request: PageRequest) async throws -> TierPreviewModel {
        let id = try request.id("job")
        let (job, report, speech, people) = try await request.platform.store.read { connection in
            let job: Job
            do { job = try JobQueue.get(connection, id: id) } catch JobError.notFound { throw PageFailure.notFound }
            guard job.kind == TierPreview.kind else { throw PageFailure.notFound }
            let report = try TierPreview.report(of: job)
            let named = ((report?.rising ?? []) + (report?.falling ?? [])).map(\.profile)
            let people = try PeopleByID.load(named, connection).map { ($0.id, $0) }
            return (
                job, report, try TierSpeech.load(connection),
                Dictionary(people, uniquingKeysWith: { first, _ in first })
            )
        }
        let isRunning = job.status == .waiting || job.status == .running || job.status == .cancelling
        let share = Double(job.progress.done) / Double(max(job.progress.total ?? 1, 1))
        var model = TierPreviewModel(
            id: String(id), isRunning: isRunning, isDone: report != nil, fraction: Wording.attribute(min(share, 1)),
            count: request.text("tier.preview_count", count: job.progress.done),
            problem: isRunning || report != nil ? nil : request.text("tier.preview_\(job.status.rawValue)"),
            figures: [], levels: [], sides: [])
        guard let report else { return model }
        fill(&model, report, speech.words(CriteriaLanguage(request.wording.language)), people, request)
        return model
    }

    private static func fill(
        _ model: inout TierPreviewModel, _ report: TierPreview.Report, _ words: TierWords, _ people: [Int64: Profile],
        _ request: PageRequest
    ) {
        let wording = request.wording
        func name(_ code: String) -> String { report.ladder.name(code, wording.language) }
        func move(_ from: String, _ to: String) -> String {
            request.text("tier.move", ["from": name(from), "to": name(to)])
        }
        model.figures = [
            FigureModel(request.text("tier.members"), wording.number(report.members)),
            FigureModel(request.text("tier.would_rise"), wording.number(report.up.reduce(0) { $0 + $1.members })),
            FigureModel(request.text("tier.would_fall"), wording.number(report.down.reduce(0) { $0 + $1.members })),
            FigureModel(
                request.text("tier.benefit_cost"), wording.moneyShort(report.cost),
                note: request.text("tier.cost_before", ["cost": wording.moneyShort(report.costBefore)])),
        ]
        model.levels = report.levels.reversed().map { level in
            let difference = level.after - level.before
            return TierPreviewModel.Level(
                name: name(level.tier), before: wording.number(level.before), after: wording.number(level.after),
                difference: (difference > 0 ? "+" : "") + wording.number(difference),
                cost: wording.moneyShort(level.cost))
        }
        func side(
            _ id: String, _ moves: [TierPreview.Report.Move], _ persons: [TierPreview.Report.Person]
        ) -> TierPreviewModel.Side {
            TierPreviewModel.Side(
                id: id, title: request.text("tier.would_\(id)"),
                moves: moves.map {
                    TierPreviewModel.Move(text: move($0.from, $0.to), members: wording.number($0.members))
                },
                people: persons.prefix(peopleShown).map { person in
                    let name = people[person.profile]?.displayName ?? request.text("people.anonymous")
                    let lacking = person.lacking.flatMap {
                        words.sentences($0, report.ladder, isOver: false).first
                    }
                    return TierPreviewModel.Person(
                        href: "/people/\(person.profile)", name: name, initial: String(name.prefix(1)),
                        move: move(person.from, person.to), lacking: lacking)
                }, isEmpty: moves.isEmpty)
        }
        model.sides = [side("rise", report.up, report.rising), side("fall", report.down, report.falling)]
    }
}
