import Engine
import Science
import Storage

/// What a journey, a broadcast or a benefit came to.
struct ReachModel: PageModel {
    struct Row: Encodable, Sendable {
        var name: String
        var people: String
        /// The people behind them.
        var peopleHref: String?
        var converted: String
        var convertedHref: String?
        var rate: String
        var revenue: String
    }

    var messages: [FigureModel]
    var hasMessages: Bool
    var reasons: [BroadcastProgressModel.Reason]
    var hasReasons: Bool
    var goal: String
    var sentence: String
    var tone: String
    var rows: [Row]
    var hasRows: Bool
    /// Who counts, where that is more than could be written to.
    var counted: String?
    var gains: [FigureModel]
    var costs: [FigureModel]
    /// The panel's own address, and days to choose from.
    var days: [Day]

    struct Day: Encodable, Sendable {
        var href: String
        var title: String
        var current: String?
    }
}

enum ReachPanel {
    private static let windows: [Int64] = [7, 14, 30, 60, 90]

    /// For how long after somebody was reached, as the address says.
    static func chosenDays(_ request: PageRequest) -> Int64 {
        let asked = request.query.int("days") ?? ReachReport.daysUsual
        return windows.contains(asked) ? asked : ReachReport.daysUsual
    }

    static func days(_ path: String, _ chosen: Int64, _ request: PageRequest) -> [ReachModel.Day] {
        windows.map {
            ReachModel.Day(
                href: "\(path)?days=\($0)", title: request.text("reach.days", count: $0),
                current: $0 == chosen ? "true" : nil)
        }
    }

    static func journey(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("journey")
        return try await JourneyPages.found {
            try await answer(.journey(id), "/journeys/\(id)/effect", "/messages?journey=\(id)", request)
        }
    }

    static func broadcast(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("broadcast")
        return try await BroadcastWords.found {
            try await answer(.broadcast(id), "/broadcasts/\(id)/effect", nil, request)
        }
    }

    static func benefit(_ request: PageRequest) async throws -> Reply {
        let (tier, code) = (request.parameters["tier"] ?? "", request.parameters["benefit"] ?? "")
        do {
            return try await answer(
                .benefit(tier: tier, code: code), "/tiers/levels/\(tier)/benefits/\(code)/effect", nil, request)
        } catch ReachError.unknownBenefit {
            throw PageFailure.notFound
        }
    }

    /// `list`: where the messages are; nil where they are shown elsewhere.
    private static func answer(
        _ subject: ReachSubject, _ path: String, _ list: String?, _ request: PageRequest
    ) async throws -> Reply {
        let chosen = chosenDays(request)
        let report = try await ReachReport.load(subject, days: chosen, request.platform)
        let world = try await request.platform.store.read { try CriteriaWorld.load($0) }
        let words = ExperimentWords(request.wording, world)
        let (sentence, tone) = told(report, isCompared: try await isCompared(subject, request), request)
        let model = ReachModel(
            messages: list == nil ? [] : messages(report, list, request),
            hasMessages: list != nil && report.messages != nil,
            reasons: list == nil ? [] : reasons(report, list, request),
            hasReasons: list != nil && !(report.messages?.suppressed.isEmpty ?? true),
            goal: request.text("reach.goal_is", ["goal": words.metric(report.goal)]), sentence: sentence, tone: tone,
            rows: rows(report, subject, words, request),
            hasRows: report.effect.held > 0 && report.effect.reached > 0, counted: counted(report, subject, request),
            gains: gains(report, request), costs: costs(report, request),
            days: days(path, chosen, request))
        return .panel(template: "reach/effect", model: model)
    }

    private static func messages(_ report: ReachReport, _ list: String?, _ request: PageRequest) -> [FigureModel] {
        guard let messages = report.messages, let list else { return [] }
        func figure(_ key: String, _ count: Int64, _ rest: String) -> FigureModel {
            FigureModel(
                request.text("broadcast.figure_\(key)"), request.wording.number(count),
                href: count > 0 ? "\(list)&\(rest)" : nil)
        }
        return [
            figure("planned", messages.planned, ""),
            figure("suppressed", messages.states[.suppressed] ?? 0, "state=suppressed"),
            figure("eligible", messages.eligible, "reached=eligible"), figure("sent", messages.sent, "reached=sent"),
            figure("delivered", messages.delivered, "reached=delivered"),
            figure("opened", messages.opened, "reached=opened"), figure("clicked", messages.clicked, "reached=clicked"),
        ]
    }

    private static func reasons(
        _ report: ReachReport, _ list: String?, _ request: PageRequest
    ) -> [BroadcastProgressModel.Reason] {
        guard let messages = report.messages, let list else { return [] }
        return messages.suppressed.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
            BroadcastProgressModel.Reason(
                word: MessageWords.reason($0.key, request), count: request.wording.number($0.value),
                href: "\(list)&state=suppressed&reason=\(Fields.encoded($0.key))")
        }
    }

    /// Who is held against those held out: everybody who was meant, so that both groups are alike.
    private static func group(of subject: ReachSubject, _ request: PageRequest) -> String {
        switch subject {
        case .journey: request.text("reach.group_journey")
        case .broadcast: request.text("reach.group_broadcast")
        case .benefit: request.text("reach.group_benefit")
        }
    }

    private static func counted(_ report: ReachReport, _ subject: ReachSubject, _ request: PageRequest) -> String? {
        guard case .broadcast = subject, let messages = report.messages, messages.planned > 0 else { return nil }
        let wording = request.wording
        return wording.text(
            "reach.counted",
            [
                "planned": wording.number(messages.planned), "eligible": wording.number(messages.eligible),
                "sent": wording.number(messages.sent),
            ])
    }

    private static func rows(
        _ report: ReachReport, _ subject: ReachSubject, _ words: ExperimentWords, _ request: PageRequest
    ) -> [ReachModel.Row] {
        zip(report.effect.conversions, report.effect.revenue).map { conversion, revenue in
            let side = ReachPeople.Side(rawValue: conversion.variant) ?? .reached
            func href(_ days: Int64?, _ count: Int64) -> String? {
                count > 0
                    ? MarkAddress.href(.reach(ReachPeople(subject, side, convertedDays: days)), count: count) : nil
            }
            return ReachModel.Row(
                name: side == .held ? request.text("reach.group_held") : group(of: subject, request),
                people: request.wording.number(conversion.people), peopleHref: href(nil, conversion.people),
                converted: request.wording.number(conversion.converted),
                convertedHref: href(report.goal.windowDays, conversion.converted),
                rate: words.value(conversion.value, report.goal),
                revenue: words.value(revenue.value, ExperimentMetric(.revenue)))
        }
    }

    /// Whether there will be anybody to compare with: of a journey, where a published version holds people out.
    private static func isCompared(_ subject: ReachSubject, _ request: PageRequest) async throws -> Bool {
        guard case .journey(let id) = subject else { return true }
        let versions = try await request.platform.store.read { try Journeys.versions(id, $0) }
        return versions.contains { version in
            guard version.status != .draft else { return false }
            var isFound = false
            JourneyPages.readable(version.definition)?.visit { step, _ in
                if step.kind == "holdout" { isFound = true }
            }
            return isFound
        }
    }

    private static func told(
        _ report: ReachReport, isCompared: Bool, _ request: PageRequest
    ) -> (String, String) {
        let effect = report.effect
        guard effect.held > 0 || effect.reached > 0 else {
            return (request.text(isCompared ? "reach.nobody_yet" : "reach.no_holdout"), "")
        }
        guard effect.held > 0 else { return (request.text("reach.no_holdout"), "") }
        guard effect.reached > 0, let gain = effect.conversionsGained else {
            return (request.text("reach.too_early"), "")
        }
        guard gain.isTold else { return (request.text("reach.untold"), "") }
        return gain.value > 0
            ? (request.text("reach.told_more"), "banner-good") : (request.text("reach.told_less"), "banner-warn")
    }

    private static func gains(_ report: ReachReport, _ request: PageRequest) -> [FigureModel] {
        let wording = request.wording
        func range(_ low: String, _ high: String) -> String {
            wording.text("reach.range", ["low": low, "high": high])
        }
        func people(_ value: Double) -> String { wording.number(whole(value)) }
        func money(_ value: Double) -> String { wording.money(whole(value)) }
        func figure(_ key: String, _ value: String, _ low: String, _ high: String) -> FigureModel {
            let name = wording.text("reach.\(key)")
            return FigureModel(name, value, note: range(low, high), how: HowModel("reach_\(key)", name: name, wording))
        }
        var figures: [FigureModel] = []
        if let gain = report.effect.conversionsGained {
            let (low, high) = (people(gain.interval.low), people(gain.interval.high))
            figures.append(figure("conversions_gained", people(gain.value), low, high))
        }
        if let gain = report.effect.revenueGained {
            let (low, high) = (money(gain.interval.low), money(gain.interval.high))
            figures.append(figure("revenue_gained", money(gain.value), low, high))
        }
        if let returned = report.returned {
            let (low, high) = (wording.percent(returned.interval.low), wording.percent(returned.interval.high))
            figures.append(figure("return", wording.percent(returned.value), low, high))
        }
        return figures
    }

    private static func costs(_ report: ReachReport, _ request: PageRequest) -> [FigureModel] {
        let spent = report.spent
        let parts = [
            ("messages", spent.messages), ("points", spent.points), ("coupons", spent.coupons),
            ("benefits", spent.benefits),
        ].filter { $0.1 != 0 }
        let name = request.text("reach.cost")
        let sum = FigureModel(
            name, request.wording.money(spent.sum), how: HowModel("reach_cost", name: name, request.wording))
        guard parts.count > 1 else { return [sum] }
        return [sum]
            + parts.map { FigureModel(request.text("reach.cost_\($0.0)"), request.wording.money($0.1)) }
    }

    private static func whole(_ value: Double) -> Int64 {
        value.isFinite && abs(value) < 9e15 ? Int64(value.rounded(.toNearestOrEven)) : 0
    }
}
