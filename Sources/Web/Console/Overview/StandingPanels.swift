import Engine
import Storage

/// How many people stand in every stage, and what they are worth.
struct StagesModel: PageModel {
    struct Part: Encodable, Sendable {
        var stage: String
        var title: String
        var people: String
        var share: String
        var value: String
        var days: String
        var href: String
        /// Left edge and width of its part of the bar, in percent.
        var x: String
        var width: String
    }

    var parts: [Part]
    var isEmpty: Bool
    var total: String
}

/// The eight classes of the saved computation.
struct ClassesModel: PageModel {
    struct Row: Encodable, Sendable {
        var code: String
        var title: String
        var people: String
        var share: String
        var revenue: String
        var width: String
        var href: String
    }

    var rows: [Row]
    var grid: RFMGridModel
    var isEmpty: Bool
    var asOf: String
}

enum StandingPanels {
    /// As the profiles say now, or worked out from the orders as of the end of a day (`?as_of=`).
    static func stages(_ request: PageRequest) async throws -> Reply {
        let now = request.now
        let distribution: StageDistribution
        if let day = request.day("as_of") {
            distribution = try await LifecycleReport.make(request.platform, asOf: day).distribution
        } else {
            distribution = try await request.platform.store.read { try StageDistribution.now($0, at: now) }
        }
        return .panel(
            template: "overview/stages", model: model(distribution, asOf: request.day("as_of"), request.wording))
    }

    static func classes(_ request: PageRequest) async throws -> Reply {
        // Until the first nightly computation the figures are made on the spot.
        let card = try await request.platform.store.read { try RFMCard.newest($0) }
        let report = if let card { card.report } else { try await RFMReport.make(request.platform) }
        guard report.people > 0 else {
            return .panel(
                template: "overview/classes",
                model: ClassesModel(rows: [], grid: RFMGridModel(rows: []), isEmpty: true, asOf: ""))
        }
        return .panel(
            template: "overview/classes",
            model: ClassesModel(
                rows: rows(report, request.wording), grid: RFMGridModel(report, request.wording), isEmpty: false,
                asOf: report.asOf))
    }

    static func model(_ distribution: StageDistribution, asOf: Int64?, _ wording: Wording) -> StagesModel {
        let total = distribution.stages.reduce(0) { $0 + $1.people }
        var left = 0.0
        let parts = distribution.stages.map { stage -> StagesModel.Part in
            let share = total > 0 ? Double(stage.people) / Double(total) : 0
            defer { left += share * 100 }
            return StagesModel.Part(
                stage: stage.stage.rawValue, title: StageWords.name(stage.stage.rawValue, wording),
                people: wording.number(stage.people), share: wording.percent(share),
                value: wording.moneyShort(stage.value),
                days: stage.medianDays.map { wording.text("time.days", count: Int64($0.rounded())) } ?? "–",
                href: MarkAddress.href(
                    asOf.map { .reckoned(stage.stage, asOf: $0) } ?? .stage(stage.stage, at: nil), count: stage.people),
                x: percent(left),
                width: percent(share * 100))
        }
        return StagesModel(parts: parts, isEmpty: total == 0, total: wording.number(total))
    }

    static func rows(_ report: RFMReport, _ wording: Wording) -> [ClassesModel.Row] {
        let largest = report.classes.map(\.people).max() ?? 0
        return report.classes.map { group in
            ClassesModel.Row(
                code: group.code, title: ClassWords.name(group.code, wording) ?? group.code,
                people: wording.number(group.people),
                share: wording.percent(Double(group.people) / Double(max(report.people, 1))),
                revenue: wording.moneyShort(group.revenue),
                width: percent(Double(group.people) * 100 / Double(max(largest, 1))),
                href: report.href(code: group.code, count: group.people) ?? "")
        }
    }

    /// A percentage as an SVG attribute.
    static func percent(_ value: Double) -> String {
        Wording.attribute(value) + "%"
    }
}
