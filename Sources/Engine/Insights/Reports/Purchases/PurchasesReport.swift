import Science
import Storage

/// What people buy: basket, repurchase, what a cohort is worth over time, and how revenue is spread over people.
package enum PurchasesReport: InsightReport {
    package static let name = "purchases"
    package static let summary =
        "Average order, orders per person, repurchase and its interval, baskets, categories, cohort revenue and lifetime "
        + "value, share of revenue by share of people."
    package static let parameters = [
        ReportParameter("step", .words(["day", "week", "month"]), usual: "day", "What the trend is divided by.")
    ]
    package static let panels = [
        "figures", "trend", "categories", "baskets", "per_person", "intervals", "pareto", "worth", "matrix",
    ]

    private static let rowsMax = 50
    private static let perPersonMax: Int64 = 10
    private static let basketMax: Int64 = 10
    private static let worthMonths = 12
    private static let cohortsDrawn = 4

    /// Upper ends of the bands of days between two purchases.
    static let gapBands: [(upTo: Int64, label: String)] = [
        (7, "1–7"), (14, "8–14"), (30, "15–30"), (60, "31–60"), (90, "61–90"), (180, "91–180"), (365, "181–365"),
        (.max, "366+"),
    ]

    package static func panel(_ name: String, _ question: ReportQuestion) async throws -> ReportPanel {
        guard panels.contains(name) else { throw ReportError.unknownPanel(name) }
        return try await make(question, only: [name]).panels[0]
    }

    /// Most panels come of one reading of the purchases. Throws: `ReportError`, `StorageError`.
    package static func make(_ question: ReportQuestion, only wanted: [String]) async throws -> ReportDocument {
        let names = try wantedPanels(wanted)
        let query = PurchaseQuery(question: question)
        let needsHistory = !Set(names).isDisjoint(
            with: ["figures", "per_person", "intervals", "pareto", "worth", "matrix"])
        var tally = PurchaseTally(question.period)
        if needsHistory { try await query.run { tally.add($0) } }
        var made: [ReportPanel] = []
        for name in names {
            switch name {
            case "figures": made.append(try await figures(tally, query))
            case "trend": made.append(try await trend(query))
            case "categories": made.append(try await categories(query))
            case "baskets": made.append(try await baskets(query))
            case "per_person": made.append(perPerson(tally))
            case "intervals": made.append(intervals(tally))
            case "pareto": made.append(pareto(tally))
            case "worth": made.append(worth(tally, question))
            default: made.append(matrix(tally, question))
            }
        }
        return ReportDocument(report: self.name, question: question, panels: made)
    }

    package static func people(at place: ReportPlace, _ question: ReportQuestion) async throws -> [Int64] {
        let (place, question) = question.about(place)
        let query = PurchaseQuery(question: question)
        let period = question.period
        var found: [Int64] = []
        switch place.kind {
        case "buyers": try await query.run { if $0.orders(in: period) > 0 { found.append($0.person) } }
        case "repeat":
            try await query.run { if $0.orders(in: period) > 0, $0.allOrders > 1 { found.append($0.person) } }
        case "first":
            try await query.run {
                if $0.orders(in: period) > 0, $0.days.first ?? 0 >= period.first { found.append($0.person) }
            }
        case "orders":
            let number = try place.number()
            try await query.run {
                if min($0.orders(in: period), perPersonMax) == number { found.append($0.person) }
            }
        case "gap":
            let label = place.value
            try await query.run {
                if $0.gaps(in: period).contains(where: { band($0) == label }) { found.append($0.person) }
            }
        case "cohort":
            let number = try place.number()
            try await query.run {
                if $0.revenue(by: PurchaseTally.cohortStep)?.cohort == number { found.append($0.person) }
            }
        case "followed":
            let offset = try place.number()
            guard (0...Int64(worthMonths)).contains(offset) else {
                throw ReportError.unknownPlace(place.description)
            }
            let lastWhole = lastWhole(question)
            try await query.run {
                guard let cohort = $0.revenue(by: PurchaseTally.cohortStep)?.cohort else { return }
                if isRecent(cohort, question), cohort + offset <= lastWhole { found.append($0.person) }
            }
        case "tenth":
            let number = Int(try place.number())
            guard (1...10).contains(number) else { throw ReportError.unknownPlace(place.description) }
            var tally = PurchaseTally(period)
            try await query.run { tally.add($0) }
            let ranked = tally.ranked
            return ranked[Concentration.tenths(of: ranked.count)[number - 1]].map(\.person)
        case "step", "category", "basket": return try await query.people(place)
        default: throw ReportError.unknownPlace(place.description)
        }
        return found
    }

    static func band(_ gap: Int64) -> String { gapBands.first { gap <= $0.upTo }?.label ?? "" }

    // MARK: Figures and time

    private static func figures(_ tally: PurchaseTally, _ query: PurchaseQuery) async throws -> ReportPanel {
        let question = query.question
        var before = PurchaseTally(question.other)
        let earlier = PurchaseQuery(question: question.about(question.other))
        try await earlier.run { before.add($0) }
        let (now, past) = (try await query.sums(), try await earlier.sums())
        var panel = ReportPanel("figures")
        func add(
            _ name: String, _ unit: ReportPanel.Unit, _ place: String,
            _ value: (PurchaseQuery.Sums, PurchaseTally) -> Double?
        ) {
            panel.figures.append(
                .init(name, value(now, tally), unit, before: value(past, before), people: ReportPlace(place)))
        }
        func ratio(_ part: Double, _ whole: Double) -> Double? { whole > 0 ? part / whole : nil }
        add("orders", .count, "buyers") { sums, _ in sums.orders }
        add("revenue", .money, "buyers") { sums, _ in sums.revenue }
        add("average_order", .money, "buyers") { sums, _ in ratio(sums.revenue, sums.orders) }
        add("basket_size", .decimal, "buyers") { sums, _ in ratio(sums.items, sums.orders) }
        add("buyers", .count, "buyers") { _, tally in Double(tally.buyers.count) }
        add("orders_per_buyer", .decimal, "buyers") { _, tally in
            ratio(Double(tally.orders), Double(tally.buyers.count))
        }
        add("repurchase", .percent, "repeat") { _, tally in
            ratio(Double(tally.repeatBuyers), Double(tally.buyers.count))
        }
        add("repurchase_interval", .days, "repeat") { _, tally in Quantile.type7([0.5], of: tally.gaps).first }
        add("new_buyers", .count, "first") { _, tally in Double(tally.newBuyers) }
        add("new_revenue", .percent, "first") { _, tally in ratio(Double(tally.newRevenue), Double(tally.revenue)) }
        add("gini", .decimal, "buyers") { _, tally in Concentration.gini(tally.buyers.map(\.net)) }
        add("top_tenth", .percent, "tenth:1") { _, tally in
            let ranked = tally.ranked
            let top = ranked[Concentration.tenths(of: ranked.count)[0]].reduce(0) { $0 + $1.net }
            return ratio(Double(top), Double(tally.revenue))
        }
        return panel
    }

    private static func trend(_ query: PurchaseQuery) async throws -> ReportPanel {
        let question = query.question
        let step = ReportStep(rawValue: question.text("step")) ?? .day
        let now = try await query.steps(step)
        let before = try await PurchaseQuery(question: question.about(question.other)).steps(step)
        let earlier = Array(step.steps(question.other))
        var panel = ReportPanel("trend")
        panel.chart = .line
        panel.unit = .money
        panel.labels = [step.rawValue]
        panel.columns = [
            .init("revenue", .money), .init("orders", isDrawn: false), .init("average_order", .money, isDrawn: false),
            .init("revenue", .money, isBefore: true), .init("orders", isBefore: true, isDrawn: false),
        ]
        panel.rows = step.steps(question.period).enumerated().map { index, place in
            let (orders, revenue) = now[place] ?? (0, 0)
            let past = index < earlier.count ? before[earlier[index]] ?? (0, 0) : nil
            let mark = ReportPlace("step", String(place))
            let pastMark = index < earlier.count ? ReportPlace(ReportPlace.before, String(earlier[index])) : nil
            var row = ReportPanel.Row(
                [step.text(place)],
                [revenue, orders, orders > 0 ? revenue / orders : nil, past?.revenue, past?.orders],
                people: [mark, mark, mark, pastMark, pastMark])
            if question.isOpen(step, place) { row.unfinished = [0, 1, 2] }
            return row
        }
        panel.noteUnfinished()
        return panel
    }

    private static func categories(_ query: PurchaseQuery) async throws -> ReportPanel {
        let rows = try await query.categories()
        let all = rows.reduce(0) { $0 + $1.revenue }
        var panel = ReportPanel("categories")
        panel.chart = .bar
        panel.unit = .money
        panel.labels = ["category"]
        panel.columns = [
            .init("line_revenue", .money), .init("share", .percent, isDrawn: false), .init("orders", isDrawn: false),
            .init("buyers", isDrawn: false), .init("items", isDrawn: false),
        ]
        panel.rows = rows.prefix(rowsMax).map { row in
            let mark = ReportPlace("category", row.category)
            return .init(
                [row.category], [row.revenue, all > 0 ? row.revenue / all : nil, row.orders, row.buyers, row.items],
                people: [mark, nil, mark, mark, nil])
        }
        if rows.count > rowsMax { panel.notes = ["rows_cut"] }
        return panel
    }

    // MARK: Distributions

    private static func bars(
        _ name: String, _ label: String, _ column: String, _ rows: [(label: String, count: Double, place: ReportPlace)]
    ) -> ReportPanel {
        var panel = ReportPanel(name)
        panel.chart = .bar
        panel.labels = [label]
        let sum = rows.reduce(0) { $0 + $1.count }
        panel.columns = [.init(column), .init("share", .percent, isDrawn: false)]
        if sum > 0 {
            panel.rows = rows.map { .init([$0.label], [$0.count, $0.count / sum], people: [$0.place, nil]) }
        }
        return panel
    }

    private static func baskets(_ query: PurchaseQuery) async throws -> ReportPanel {
        let counts = try await query.baskets(most: basketMax)
        return bars(
            "baskets", "items", "orders",
            counts.map { items, orders in
                (items == basketMax ? "\(items)+" : String(items), orders, ReportPlace("basket", String(items)))
            })
    }

    private static func perPerson(_ tally: PurchaseTally) -> ReportPanel {
        let counts = Dictionary(tally.buyers.map { (min($0.orders, perPersonMax), 1.0) }, uniquingKeysWith: +)
        return bars(
            "per_person", "orders", "people",
            counts.sorted { $0.key < $1.key }.map { orders, people in
                (orders == perPersonMax ? "\(orders)+" : String(orders), people, ReportPlace("orders", String(orders)))
            })
    }

    private static func intervals(_ tally: PurchaseTally) -> ReportPanel {
        let counts = Dictionary(tally.gaps.map { (band($0), 1.0) }, uniquingKeysWith: +)
        return bars(
            "intervals", "days_between", "purchases",
            gapBands.map { ($0.label, counts[$0.label] ?? 0, ReportPlace("gap", $0.label)) })
    }

    private static func pareto(_ tally: PurchaseTally) -> ReportPanel {
        var panel = ReportPanel("pareto")
        panel.chart = .line
        panel.unit = .percent
        panel.labels = ["share_of_people"]
        panel.columns = [
            .init("cumulative_share", .percent), .init("revenue", .money, isDrawn: false),
            .init("people", isDrawn: false),
        ]
        let ranked = tally.ranked
        let all = Double(tally.revenue)
        guard all > 0 else { return panel }
        var sum = 0.0
        panel.rows = Concentration.tenths(of: ranked.count).enumerated().map { index, range in
            let revenue = ranked[range].reduce(0) { $0 + Double($1.net) }
            sum += revenue
            let mark = range.isEmpty ? nil : ReportPlace("tenth", String(index + 1))
            return .init(
                ["\((index + 1) * 10)%"], [sum / all, revenue, Double(range.count)], people: [mark, mark, mark])
        }
        return panel
    }

    // MARK: What cohorts are worth

    /// Revenue per person after so many whole months, everybody together and the latest cohorts apart.
    private static func worth(_ tally: PurchaseTally, _ question: ReportQuestion) -> ReportPanel {
        let step = PurchaseTally.cohortStep
        let lastWhole = lastWhole(question)
        let cohorts = cohorts(tally, question).filter { $0.key <= lastWhole }
        let drawn = cohorts.suffix(cohortsDrawn)
        var panel = ReportPanel("worth")
        panel.chart = .line
        panel.unit = .money
        panel.labels = ["months"]
        panel.columns = [.init("everybody", .money)] + drawn.map { .init(step.text($0.key), .money) }
        panel.rows = (0...worthMonths).compactMap { offset in
            let followed = cohorts.filter { $0.key + Int64(offset) <= lastWhole }
            let people = followed.reduce(0) { $0 + $1.value.people }
            guard people > 0 else { return nil }
            let sum = followed.reduce(0) { $0 + $1.value.revenue[0...offset].reduce(0, +) }
            let all = ReportPlace("followed", String(offset))
            return .init(
                [String(offset)],
                [Double(sum) / Double(people)]
                    + drawn.map { key, cohort in
                        guard key + Int64(offset) <= lastWhole else { return nil }
                        return Double(cohort.revenue[0...offset].reduce(0, +)) / Double(max(1, cohort.people))
                    },
                people: [all] + drawn.map { ReportPlace("cohort", String($0.key)) })
        }
        return panel
    }

    /// Revenue of each cohort by months since its first order.
    private static func matrix(_ tally: PurchaseTally, _ question: ReportQuestion) -> ReportPanel {
        let step = PurchaseTally.cohortStep
        let last = step.step(ofDay: question.period.last)
        let isOver = step.days(last).last <= min(question.period.last, question.clock.today - 1)
        var panel = ReportPanel("matrix")
        panel.chart = .heat
        panel.unit = .money
        panel.labels = ["first_order"]
        panel.columns =
            [.init("buyers", isDrawn: false)] + (0...worthMonths).map { .init("M\($0)", .money) }
        panel.rows = cohorts(tally, question).map { key, cohort in
            var row = ReportPanel.Row([step.text(key)], [Double(cohort.people)])
            for offset in 0...worthMonths {
                let at = key + Int64(offset)
                row.values.append(at <= last ? Double(cohort.revenue[offset]) : nil)
                if at == last, !isOver { row.unfinished.append(offset + 1) }
            }
            row.people = row.values.map { $0 == nil ? nil : "cohort:\(key)" }
            return row
        }
        if !isOver, !panel.rows.isEmpty { panel.notes = ["unfinished"] }
        return panel
    }

    /// Cohorts of the last months up to the period's end, oldest first.
    private static func cohorts(
        _ tally: PurchaseTally, _ question: ReportQuestion
    ) -> [(key: Int64, value: PurchaseTally.Cohort)] {
        tally.cohorts.filter { isRecent($0.key, question) }.sorted { $0.key < $1.key }
    }

    private static func isRecent(_ cohort: Int64, _ question: ReportQuestion) -> Bool {
        cohort > PurchaseTally.cohortStep.step(ofDay: question.period.last) - Int64(worthMonths) - 1
    }

    /// The last month that is over at the period's end.
    private static func lastWhole(_ question: ReportQuestion) -> Int64 {
        PurchaseTally.cohortStep.step(ofDay: question.period.last + 1) - 1
    }
}
