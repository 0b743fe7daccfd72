import Engine
import Storage

/// RFM by a method that can be tried before it is saved.
struct RFMModel: PageModel {
    var windows: [Choice]
    var scorings: [Choice]
    var rules: [Choice]
    var monetaries: [Choice]
    /// The last day that counts; empty for today.
    var asOf: String
    var today: String
    var query: String
    var movement: MovementForm
    var how: HowModel
    /// The method on the screen is the saved one, which the people's pages follow.
    var isSaved: Bool
    var maySave: Bool
    /// Of the saved method.
    var revision: String
}

/// What a method gives.
struct RFMResultModel: PageModel {
    struct Dimension: Encodable, Sendable {
        var name: String
        var cuts: String
        var border: String
    }

    var gridHow: HowModel
    var classesHow: HowModel
    var bordersHow: HowModel
    var figures: [FigureModel]
    var grid: RFMGridModel
    var rows: [ClassesModel.Row]
    var revenue: ChartModel
    var dimensions: [Dimension]
    var isEmpty: Bool
}

enum RFMPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let saved = try await request.platform.store.read { try RFMSettings.load($0) }
        let tried = RFMMethod.settings(request.query, saved)
        let wording = request.wording
        let model = RFMModel(
            windows: choices(RFMMethod.windows.map(String.init), String(tried.windowDays ?? 0)) {
                RFMMethod.window(Int($0) ?? 0, wording)
            },
            scorings: choices(RFMMethod.scorings, RFMMethod.scoring(tried)) { wording.text("rfm.scoring_\($0)") },
            rules: choices(RFMMethod.rules, RFMMethod.rule(tried)) { wording.text("rfm.rule_\($0)") },
            monetaries: RFMMonetary.allCases.map {
                Choice($0.rawValue, wording.text("rfm.monetary_\($0.rawValue)"), chosen: tried.monetary.rawValue)
            },
            asOf: request.day("as_of").map(LocalCalendar.text(ofDay:)) ?? "",
            today: LocalCalendar.text(ofDay: request.workspace.calendar.day(of: request.now)),
            query: request.query.query(changing: ["from": nil, "to": nil]), movement: movement(request),
            how: HowModel("rfm_movement", name: wording.text("rfm.movement"), wording), isSaved: tried == saved,
            maySave: request.user.role.may(.manageLifecycle), revision: try Revision(of: saved).text)
        return .page(Page("rfm/page", title: request.text("rfm.title"), model: model, hasCharts: true))
    }

    static func result(_ request: PageRequest) async throws -> Reply {
        let saved = try await request.platform.store.read { try RFMSettings.load($0) }
        let report = try await RFMReport.make(
            request.platform, settings: RFMMethod.settings(request.query, saved), asOf: request.day("as_of"))
        return .panel(template: "rfm/result", model: model(report, request))
    }

    static func save(_ request: PageRequest) async throws -> Reply {
        let saved = try await request.platform.store.read { try RFMSettings.load($0) }
        let wanted = RFMMethod.settings(request.form, saved)
        let (now, actor, seen) = (request.now, request.actor, request.form["revision"])
        do {
            try await save(wanted, seen, by: actor, at: now, request)
        } catch let conflict as EditConflict {
            let theirs = try await request.platform.store.read { try RFMSettings.load($0) }
            return EditConflictPage.answer(
                request, conflict, rows: zip(words(wanted, request), words(theirs, request)).map { ($0.0, $0.1, $1.1) },
                back: "/rfm")
        }
        return .redirect(to: "/rfm", notice: "rfm.saved")
    }

    private static func words(_ settings: RFMSettings, _ request: PageRequest) -> [(String, String)] {
        [
            (
                request.text("rfm.window"),
                settings.windowDays.map { request.text("rfm.window_days", count: Int64($0)) }
                    ?? request.text("rfm.window_all")
            ),
            (request.text("rfm.scoring"), request.wording.known("rfm.scoring_\(RFMMethod.scoring(settings))") ?? ""),
            (request.text("rfm.rule"), request.wording.known("rfm.rule_\(RFMMethod.rule(settings))") ?? ""),
            (request.text("rfm.monetary"), request.text("rfm.monetary_\(settings.monetary.rawValue)")),
        ]
    }

    private static func save(
        _ wanted: RFMSettings, _ seen: String?, by actor: String, at now: Timestamp, _ request: PageRequest
    ) async throws {
        try await request.platform.store.write { connection in
            try Revision.check(seen, against: try RFMSettings.load(connection))
            try wanted.save(connection, at: now)
            try JobQueue.hasten(connection, key: RFMRefresh.kind, at: now)
            try AuditLog.append(
                actor: actor, action: "rfm.save", subject: "rfm", detail: wanted.monetary.rawValue, connection,
                at: now)
        }
    }

    /// The usual choices, and the one in force when it is another.
    private static func choices(_ usual: [String], _ chosen: String, _ title: (String) -> String) -> [Choice] {
        (usual.contains(chosen) ? usual : usual + [chosen]).map { Choice($0, title($0), chosen: chosen) }
    }

    private static func model(_ report: RFMReport, _ request: PageRequest) -> RFMResultModel {
        let wording = request.wording
        let scale = OverviewPage.scale(report.currency)
        func how(_ key: String, _ name: String) -> HowModel { HowModel(key, name: wording.text(name), wording) }
        return RFMResultModel(
            gridHow: how("rfm_grid", "rfm.grid"), classesHow: how("rfm_classes", "rfm.classes"),
            bordersHow: how("rfm_borders", "rfm.borders"),
            figures: [
                FigureModel(
                    wording.text("rfm.customers"), wording.number(report.people),
                    href: report.href(count: report.people), note: report.asOf,
                    how: how("rfm_customers", "rfm.customers")),
                FigureModel(
                    wording.text("overview.orders"), wording.number(report.orders),
                    how: how("orders", "overview.orders")),
                FigureModel(
                    wording.text("overview.revenue"), wording.moneyShort(report.revenue),
                    how: how("revenue", "overview.revenue")),
                FigureModel(
                    wording.text("rfm.orders_each"),
                    wording.decimal(Double(report.orders) / Double(max(report.people, 1)), digits: 2)),
            ],
            grid: RFMGridModel(report, wording), rows: StandingPanels.rows(report, wording),
            revenue: ChartModel(
                .bar, title: wording.text("rfm.revenue_by_class"), axis: wording.text("rfm.class"), unit: .money,
                categories: report.classes.map { ClassWords.name($0.code, wording) ?? $0.code },
                series: [
                    .init(
                        name: wording.text("overview.revenue"), values: report.classes.map { Double($0.revenue) })
                ],
                links: report.classes.map { report.href(code: $0.code, count: $0.people) ?? "" }, across: true,
                currencyScale: scale),
            dimensions: report.dimensions.map { dimension in
                let isMoney = dimension.dimension == .monetary
                func say(_ value: Double) -> String {
                    isMoney
                        ? wording.moneyShort(Int64(value.rounded()))
                        : wording.decimal(value, digits: value == value.rounded() ? 0 : 1)
                }
                return RFMResultModel.Dimension(
                    name: wording.text("rfm.dimension_\(dimension.dimension.rawValue)"),
                    cuts: dimension.cuts.map(say).joined(separator: " · "), border: say(dimension.classCut))
            },
            isEmpty: report.people == 0)
    }
}
