import Engine
import Storage

/// What the brand owes in one currency, what will come of it, and what can be done about points that sleep.
struct LiabilityModel: PageModel {
    struct CohortRow: Encodable, Sendable {
        var month: String
        var issued: String
        var cells: [HeatCell]
    }

    struct HeatCell: Encodable, Sendable {
        var text: String
        var level: Int
        var title: String
    }

    struct Outcome: Encodable, Sendable {
        var name: String
        var outstanding: String
        var redeemed: String
        var lapsed: String
        var donated: String
    }

    var currencies: [Choice]
    var hasChoice: Bool
    var currency: String
    var isEmpty: Bool
    var figures: [FigureModel]
    var months: ChartModel?
    var forecast: [String]
    var ages: [String]
    var cohorts: [CohortRow]
    var hasCohorts: Bool
    var soon: [PointsTransactionModel.Fact]
    var dormantMonths: String
    var returning: String
    var extendMonths: String
    var dormant: String
    var hasDormant: Bool
    var outcomes: [Outcome]
    var sampled: String?
    var mayAct: Bool
    var tomorrow: String
    var from: String
    var to: String
    var problem: String?
}

enum LiabilityPage {
    private static let cohortsShown = 13
    private static let heatLevels = 4.0

    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    static func act(_ request: PageRequest) async throws -> Reply {
        let (form, effects, calendar) = (request.form, request.platform.effects, request.workspace.calendar)
        let until = LocalCalendar.day(fromText: form.text("until")).map { calendar.start(ofDay: $0 + 1) }
        let wanted = DormantAction.Request(
            rule: DormantPoints.Rule(currency: form.text("currency"), months: Int(form.int("months") ?? 0)),
            choice: DormantAction.Request.Choice(rawValue: form.text("choice")) ?? .remind, until: until,
            cause: form.text("cause"), actor: request.actor)
        do {
            try await request.platform.store.write { _ = try DormantAction.enqueue(wanted, effects, $0) }
        } catch DormantError.action(let field) {
            return try await answer(request, problem: request.text("liability.needs_\(field)"))
        } catch DormantError.rule {
            return try await answer(request, problem: request.text("liability.needs_months"))
        } catch let error as PointsError {
            return try await answer(request, problem: PointsProblem.say(error, PointsWords([], request.wording)))
        }
        return .redirect(
            to: "/liability?" + Fields([("currency", wanted.rule.currency)]).query(), notice: "liability.begun")
    }

    /// The ledger for the books.
    static func journal(_ request: PageRequest) async throws -> Reply {
        guard let from = request.day("from"), let to = request.day("to"), from <= to,
            to - from < LedgerExport.daysMax
        else { throw PageFailure.notFound }
        return .download(
            name: "points-\(request.query.text("from"))-\(request.query.text("to")).csv", type: "text/csv",
            JournalFile.body(from, through: to, currency: nil, request.platform))
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let query = request.form.pairs.isEmpty ? request.query : request.form
        let currencies = try await request.platform.store.read { try PointsCurrencies.list($0).map(\.currency) }
        let asked = query.text("currency")
        let currency = currencies.first { $0.code == asked } ?? currencies.first { $0.isSpendable } ?? currencies.first
        let today = request.workspace.calendar.day(of: request.now)
        var model = LiabilityModel(
            currencies: currencies.map {
                Choice($0.code, $0.name(request.wording.language), chosen: currency?.code ?? "")
            }, hasChoice: currencies.count > 1, currency: currency?.code ?? "", isEmpty: true, figures: [],
            months: nil, forecast: [], ages: [], cohorts: [], hasCohorts: false, soon: [],
            dormantMonths: String(min(max(query.int("months") ?? 12, 1), Int64(PointsLimits.monthsMax))),
            returning: String(min(max(query.int("returning") ?? 5, 0), 100)),
            extendMonths: String(min(max(query.int("extend") ?? 6, 1), Int64(PointsLimits.monthsMax))), dormant: "",
            hasDormant: false, outcomes: [], sampled: nil, mayAct: request.user.role.may(.manageLoyalty),
            tomorrow: request.wording.isoDate(request.now.adding(days: 1)),
            from: LocalCalendar.text(ofDay: today - 30), to: LocalCalendar.text(ofDay: today), problem: problem)
        if let currency { try await fill(&model, currency, currencies, request) }
        return .page(
            Page(
                "liability/page", title: request.text("liability.title"), model: model,
                status: problem == nil ? .ok : .unprocessableContent, hasCharts: true))
    }

    private static func fill(
        _ model: inout LiabilityModel, _ currency: PointsCurrency, _ all: [PointsCurrency], _ request: PageRequest
    ) async throws {
        let now = request.now
        let rule = DormantPoints.Rule(currency: currency.code, months: Int(model.dormantMonths) ?? 12)
        let assumptions = DormantPoints.Assumptions(
            returning: (Double(model.returning) ?? 5) / 100, extendMonths: Int(model.extendMonths) ?? 6)
        let (report, compared) = try await request.platform.store.read { connection in
            (
                try LiabilityReport.load(currency.code, at: now, connection),
                try DormantPoints.compare(rule, assumptions, at: now, connection)
            )
        }
        guard let one = report.currencies.first else { return }
        let words = LiabilityWords(PointsWords(all, request.wording), one, request)
        model.isEmpty = one.cohorts.isEmpty && one.outstanding == 0
        model.figures = words.figures
        model.months = one.months.isEmpty ? nil : words.chart
        model.forecast = words.forecast
        let shown = Array(one.cohorts.suffix(cohortsShown))
        let ages = shown.map(\.outstanding.count).max() ?? 0
        model.ages = (0..<ages).map { String($0) }
        model.cohorts = shown.map { cohort in
            LiabilityModel.CohortRow(
                month: cohort.month, issued: words.amount(cohort.issued),
                cells: cohort.outstanding.enumerated().map { age, left in
                    let share = cohort.issued > 0 ? Double(left) / Double(cohort.issued) : 0
                    return LiabilityModel.HeatCell(
                        text: request.wording.percent(share, digits: 0),
                        level: Int((min(1, max(0, share)) * heatLevels).rounded()),
                        title: request.text(
                            "liability.cohort_cell",
                            [
                                "outstanding": words.amount(left), "redeemed": words.amount(cohort.redeemed[age]),
                                "lapsed": words.amount(cohort.lapsed[age]),
                            ]))
                })
        }
        model.hasCohorts = !shown.isEmpty
        model.soon = words.soon
        model.dormant = request.text(
            "liability.dormant_found", ["amount": words.full(compared.amount)], count: compared.members)
        model.hasDormant = compared.members > 0
        model.outcomes = compared.outcomes.map {
            LiabilityModel.Outcome(
                name: request.text("liability.choice_\($0.choice.rawValue)"),
                outstanding: words.amount($0.outstanding), redeemed: words.amount($0.redeemed),
                lapsed: words.amount($0.lapsed), donated: words.amount($0.donated))
        }
        model.sampled = compared.isSampled ? request.text("liability.sampled") : nil
    }
}

/// How a liability is spoken of.
struct LiabilityWords {
    let points: PointsWords
    let one: LiabilityReport.Currency
    let request: PageRequest

    init(_ points: PointsWords, _ one: LiabilityReport.Currency, _ request: PageRequest) {
        self.points = points
        self.one = one
        self.request = request
    }

    func amount(_ amount: Int64) -> String { points.amount(amount, one.code) }
    func full(_ amount: Int64) -> String { points.full(amount, one.code) }

    var figures: [FigureModel] {
        [
            FigureModel(
                request.text("liability.outstanding"), amount(one.outstanding),
                note: one.worth.map { request.wording.money($0) }),
            FigureModel(request.text("points.ledger_available"), amount(one.available)),
            FigureModel(request.text("points.ledger_pending"), amount(one.pending)),
            FigureModel(request.text("points.ledger_held"), amount(one.held)),
            FigureModel(request.text("points.ledger_owed"), amount(one.owed)),
            FigureModel(request.text("member.title"), request.wording.number(one.members), href: "/members"),
        ]
    }

    var chart: ChartModel {
        ChartModel(
            .stack, title: request.text("liability.by_month"), axis: request.text("liability.month"), unit: .count,
            categories: one.months.map { $0.month ?? request.text("member.never") },
            series: [
                ChartModel.Series(
                    name: request.text("points.ledger_available"), values: one.months.map { Double($0.available) }),
                ChartModel.Series(
                    name: request.text("points.ledger_pending"), values: one.months.map { Double($0.pending) }),
                ChartModel.Series(
                    name: request.text("points.ledger_held"), values: one.months.map { Double($0.held) }),
            ])
    }

    var forecast: [String] {
        let forecast = one.forecast
        guard forecast.cohorts > 0 else {
            return [request.text("liability.breakage_unknown"), request.text("liability.method")]
        }
        let share = forecast.breakageShare.map { request.wording.percent($0) } ?? request.text("frame.none")
        var lines = [
            request.text("liability.breakage_says", ["amount": full(forecast.breakage), "share": share])
        ]
        if let low = forecast.breakageLow, let high = forecast.breakageHigh {
            lines.append(
                request.text(
                    "liability.breakage_interval", ["low": amount(low), "high": amount(high)],
                    count: Int64(forecast.cohorts)))
        } else {
            lines.append(request.text("liability.breakage_unsure"))
        }
        lines.append(request.text("liability.method"))
        return lines
    }

    var soon: [PointsTransactionModel.Fact] {
        one.soon.map { soon in
            PointsTransactionModel.Fact(
                name: request.text("liability.within", count: Int64(soon.days)),
                value: request.text("liability.soon_says", ["amount": full(soon.amount)], count: soon.members),
                href: nil)
        }
    }
}
