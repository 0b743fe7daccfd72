import Engine
import Science
import Storage

/// The model in force and the versions before it.
struct RhythmModel: PageModel {
    struct Version: Encodable, Sendable {
        var href: String
        var name: String
        var created: String
        var purchases: String
        var q80: String
        var q90: String
        var maturity: String
        var moved: String
    }

    var figures: [FigureModel]
    var table: LifecycleBands
    var versions: [Version]
    var hasVersions: Bool
}

/// One version's card: what it was learnt from, what it decides, whom it moved.
struct LifecycleCardModel: PageModel {
    struct Move: Encodable, Sendable {
        var text: String
        var people: String
        var href: String
        var stage: String
    }

    var figures: [FigureModel]
    var table: LifecycleBands
    var moves: [Move]
    var hasMoves: Bool
    var assessed: String
}

enum LifecycleModels {
    private static let shownVersions = 10

    /// The model in force, or the one learnt from the purchases up to a day (`?as_of=`).
    static func rhythm(_ request: PageRequest) async throws -> Reply {
        if let day = request.day("as_of") { return try await learnt(through: day, request) }
        let cards = try await request.platform.store.read { try LifecycleCard.list($0, limit: shownVersions) }
        let wording = request.wording
        let model = cards.first?.model ?? .standard
        func length(_ days: Double) -> String { wording.text("time.days", count: Int64(days.rounded())) }
        let version = FigureModel(
            wording.text("lifecycle.version"), String(cards.first?.version ?? 0),
            href: cards.first.map { "/lifecycle/models/\($0.version)" },
            note: cards.first.map { wording.ago($0.created, now: request.now) })
        return .panel(
            template: "lifecycle/rhythm",
            model: RhythmModel(
                figures: LifecycleBands.figures(model, wording) + [version], table: LifecycleBands(model, wording),
                versions: cards.map { card in
                    RhythmModel.Version(
                        href: "/lifecycle/models/\(card.version)", name: String(card.version),
                        created: wording.shortDate(card.created, now: request.now),
                        purchases: wording.compact(Int64(card.purchases)), q80: length(card.model.pooled.q80),
                        q90: length(card.model.pooled.q90), maturity: wording.number(card.model.maturityOrders),
                        moved: wording.number(card.moves.reduce(0) { $0 + $1.people }))
                }, hasVersions: !cards.isEmpty))
    }

    private static func learnt(through day: Int64, _ request: PageRequest) async throws -> Reply {
        let report = try await LifecycleReport.make(request.platform, asOf: day)
        let wording = request.wording
        let version = FigureModel(
            wording.text("lifecycle.version"), wording.text("frame.none"), note: report.asOf)
        return .panel(
            template: "lifecycle/rhythm",
            model: RhythmModel(
                figures: LifecycleBands.figures(report.model, wording) + [version],
                table: LifecycleBands(report.model, wording), versions: [], hasVersions: false))
    }

    static func one(_ request: PageRequest) async throws -> Reply {
        let version = try request.id("version")
        guard
            let card = try await request.platform.store.read({ try LifecycleCard.version(version, $0) })
        else { throw PageFailure.notFound }
        let wording = request.wording
        let calendar = request.workspace.calendar
        func date(_ day: Int64) -> String { wording.shortDate(calendar.start(ofDay: day), now: request.now) }
        let window = wording.text(
            "behind.span", ["from": card.firstDay.map(date) ?? wording.text("frame.none"), "to": date(card.lastDay)])
        let figures =
            LifecycleBands.figures(card.model, wording) + [
                FigureModel(wording.text("lifecycle.buyers"), wording.compact(Int64(card.buyers))),
                FigureModel(wording.text("lifecycle.purchases"), wording.compact(Int64(card.purchases)), note: window),
            ]
        let moves = card.moves.sorted { $0.people > $1.people }.map { move in
            LifecycleCardModel.Move(
                text: wording.text(
                    "lifecycle.move_way",
                    [
                        "from": StageWords.name(move.from?.rawValue, wording),
                        "to": StageWords.name(move.to.rawValue, wording),
                    ]),
                people: wording.number(move.people),
                href: MarkAddress.href(
                    .model(version: version, from: move.from, to: move.to), count: Int64(move.people)),
                stage: move.to.rawValue)
        }
        let model = LifecycleCardModel(
            figures: figures, table: LifecycleBands(card.model, wording), moves: moves, hasMoves: !moves.isEmpty,
            assessed: wording.text("lifecycle.assessed", count: Int64(card.assessed)))
        return .page(
            Page(
                "lifecycle/card", title: request.text("lifecycle.card", ["version": String(version)]),
                crumbs: [Crumb(request.text("lifecycle.title"), "/lifecycle")], model: model))
    }
}
