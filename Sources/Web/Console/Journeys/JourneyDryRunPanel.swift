import Engine
import Storage

/// Who would have come in, what the policy would have made of the messages, and what it would have cost.
struct JourneyDryRunModel: PageModel {
    struct Row: Encodable, Sendable {
        var name: String
        var value: String
    }

    struct Day: Encodable, Sendable {
        var day: String
        var entries: String
        var left: String
        var heldBack: String
        var capped: String
        var deferred: String
        var cost: String
    }

    var problem: String?
    var figures: [FigureModel] = []
    var chart: ChartModel?
    var messages: [FigureModel] = []
    var hasMessages = false
    var messageChart: ChartModel?
    var reasons: [Row] = []
    var hasReasons = false
    var caps: [Row] = []
    var hasCaps = false
    var costs: [FigureModel] = []
    var hasCosts = false
    var days: [Day] = []
    var hasDays = false
    var isCut = false
    var notes: [String] = []
}

enum JourneyDryRunPanel {
    private static let template = "journeys/dryrun"

    static func show(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("journey")
        do {
            let found = try await JourneyPages.found {
                try await JourneyDryRun.run(id, days: request.query.int("days") ?? 30, request.platform)
            }
            let currencies = try await request.platform.store.read { try PointsCurrencies.list($0).map(\.currency) }
            let words = JourneyDryRunWords(found, PointsWords(currencies, request.wording), request)
            return .panel(template: template, model: words.model)
        } catch let error as JourneyError {
            return .panel(
                template: template, model: JourneyDryRunModel(problem: JourneyPages.told(error, request)))
        }
    }
}

/// How a dry run is spoken of.
private struct JourneyDryRunWords {
    let found: JourneyDryRun
    let points: PointsWords
    let request: PageRequest

    private var wording: Wording { request.wording }
    private var outcome: JourneyDryOutcome { found.outcome }

    init(_ found: JourneyDryRun, _ points: PointsWords, _ request: PageRequest) {
        self.found = found
        self.points = points
        self.request = request
    }

    var model: JourneyDryRunModel {
        let entering = chart(
            .bar, "journey.would_enter",
            [
                ChartModel.Series(
                    name: request.text("journey.would_enter"), values: found.days.map { Double($0.entries) })
            ])
        var model = JourneyDryRunModel(
            figures: [
                FigureModel(request.text("journey.entries"), wording.number(found.entries)),
                FigureModel(request.text("journey.people"), wording.number(found.people)),
                FigureModel(request.text("journey.barred"), wording.number(found.barred)),
            ], chart: entering.isEmpty ? nil : entering, isCut: found.isCut)
        let total = outcome.total
        model.hasMessages = total.messages > 0
        if model.hasMessages { tellMessages(&model, total) }
        model.costs = costs(total)
        model.hasCosts = !model.costs.isEmpty
        model.hasDays = model.hasMessages || model.hasCosts
        if model.hasDays { model.days = days }
        model.notes = notes
        return model
    }

    private func chart(_ kind: ChartModel.Kind, _ title: String, _ series: [ChartModel.Series]) -> ChartModel {
        ChartModel(
            kind, title: request.text(title), axis: request.text("segment.day"), unit: .count,
            categories: found.days.map { wording.chartDay(LocalCalendar.text(ofDay: $0.day)) }, series: series)
    }

    // MARK: Messages

    private func tellMessages(_ model: inout JourneyDryRunModel, _ total: JourneyDryOutcome.Figures) {
        model.messages = [
            FigureModel(request.text("journey.dry_left"), wording.number(total.leftInAll), note: channels(total)),
            FigureModel(request.text("journey.dry_held"), wording.number(total.heldBackInAll)),
            FigureModel(request.text("journey.dry_capped"), wording.number(total.heldBackByCaps)),
            FigureModel(request.text("journey.dry_deferred"), wording.number(total.deferred)),
        ]
        if total.rerouted > 0 {
            model.messages.append(FigureModel(request.text("journey.dry_rerouted"), wording.number(total.rerouted)))
        }
        if total.waiting > 0 {
            model.messages.append(FigureModel(request.text("journey.dry_waiting"), wording.number(total.waiting)))
        }
        let drawn = chart(
            .stack, "journey.dry_messages",
            [
                ChartModel.Series(
                    name: request.text("journey.dry_left"), values: outcome.days.map { Double($0.figures.leftInAll) }),
                ChartModel.Series(
                    name: request.text("journey.dry_capped"),
                    values: outcome.days.map { Double($0.figures.heldBackByCaps) }),
                ChartModel.Series(
                    name: request.text("journey.dry_held_else"),
                    values: outcome.days.map { Double($0.figures.heldBackInAll - $0.figures.heldBackByCaps) }),
            ])
        model.messageChart = drawn.isEmpty ? nil : drawn
        model.reasons = total.heldBack.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            JourneyDryRunModel.Row(name: MessageWords.reason($0.key, request), value: wording.number($0.value))
        }
        model.hasReasons = !model.reasons.isEmpty
        model.caps = zip(outcome.caps, total.capped).map { cap, count in
            JourneyDryRunModel.Row(name: name(cap), value: wording.number(count))
        }
        model.hasCaps = !model.caps.isEmpty
    }

    private func channels(_ total: JourneyDryOutcome.Figures) -> String? {
        guard total.left.count > 1 else { return nil }
        return total.left.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\(channel($0.key)) \(wording.number($0.value))" }.joined(separator: " · ")
    }

    private func channel(_ name: String) -> String {
        name.isEmpty ? request.text("journey.dry_any_channel") : wording.known("message.channel_\(name)") ?? name
    }

    private func name(_ cap: MessagePolicy.Cap) -> String {
        let words = request.text("message.why_cap", ["days": String(cap.days), "most": wording.number(cap.most)])
        return "\(channel(cap.channel)) · \(words)"
    }

    // MARK: Costs

    private func costs(_ total: JourneyDryOutcome.Figures) -> [FigureModel] {
        let spent = total.cost.spent
        let coupons = total.coupons.values.reduce(0, +)
        guard total.messages > 0 || !total.points.isEmpty || coupons > 0 else { return [] }
        var figures = [FigureModel(request.text("reach.cost"), wording.money(spent.sum))]
        if total.leftInAll > 0 {
            figures.append(FigureModel(request.text("reach.cost_messages"), wording.money(spent.messages)))
        }
        if !total.points.isEmpty {
            let given = total.points.sorted { $0.key < $1.key }.map { points.full($0.value, $0.key) }
            figures.append(
                FigureModel(
                    request.text("reach.cost_points"), wording.money(spent.points),
                    note: given.joined(separator: " · ")))
        }
        if coupons > 0 {
            let most = wording.money(total.cost.couponsAtMost)
            figures.append(
                FigureModel(
                    request.text("reach.cost_coupons"), wording.money(spent.coupons),
                    note: request.text(
                        "journey.dry_coupons", ["coupons": wording.number(coupons), "most": most])))
        }
        return figures
    }

    private var days: [JourneyDryRunModel.Day] {
        zip(found.days, outcome.days).map { day, own in
            let figures = own.figures
            return JourneyDryRunModel.Day(
                day: LocalCalendar.text(ofDay: day.day), entries: wording.number(day.entries),
                left: wording.number(figures.leftInAll), heldBack: wording.number(figures.heldBackInAll),
                capped: wording.number(figures.heldBackByCaps), deferred: wording.number(figures.deferred),
                cost: wording.money(figures.cost.spent.sum))
        }
    }

    private var notes: [String] {
        var notes = [request.text("journey.dry_run_note")]
        if outcome.entries > 0 { notes.append(request.text("journey.dry_walk_note")) }
        if outcome.isSampled {
            notes.append(
                request.text(
                    "journey.dry_sampled",
                    [
                        "walked": wording.number(outcome.walked), "entries": wording.number(outcome.entries),
                        "factor": wording.decimal(outcome.factor, digits: 2),
                    ]))
        }
        let refused = outcome.total.refused.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        if !refused.isEmpty {
            let reasons = refused.map { reason, count in
                "\(wording.known("journey.refused_\(reason)") ?? reason) \(wording.number(count))"
            }
            notes.append(request.text("journey.dry_refused", ["reasons": reasons.joined(separator: " · ")]))
        }
        if outcome.total.cost.unpricedCoupons > 0 {
            let count = wording.number(outcome.total.cost.unpricedCoupons)
            notes.append(request.text("journey.dry_unpriced", ["coupons": count]))
        }
        return notes
    }
}
