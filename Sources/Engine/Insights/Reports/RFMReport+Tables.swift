import Science

extension RFMReport: TabularReport {
    package var tables: [ReportTable] {
        [summaryTable, cutTable, gridTable, classTable].compactMap { $0 }
    }

    private var summaryTable: ReportTable {
        let window = settings.windowDays.map { EnglishCount.text(Int64($0), "day") } ?? "all orders"
        return ReportTable(
            "RFM as of \(asOf)", [.text("figure"), .number("value")],
            rows: [
                ["window", window], ["customers", "\(people)"], ["orders", "\(orders)"],
                ["net revenue (\(currency))", ReportFigure.money(revenue, currency)],
            ])
    }

    private var cutTable: ReportTable {
        ReportTable(
            "Cut points and customers by score",
            [.text("dimension")] + (1...4).map { .number("cut \($0)") } + [.number("class cut")]
                + (1...5).map { .number("score \($0)") },
            rows: dimensions.map { dimension in
                let unit = dimension.dimension == .monetary ? monetaryUnit : 1
                let cuts = (0..<4).map { index in
                    dimension.cuts.indices.contains(index) ? ReportFigure.number(dimension.cuts[index] / unit) : "–"
                }
                return [dimension.dimension.rawValue] + cuts + [ReportFigure.number(dimension.classCut / unit)]
                    + dimension.people.map(String.init)
            })
    }

    private var gridTable: ReportTable? {
        guard !grid.isEmpty else { return nil }
        return ReportTable(
            "Customers by recency score (rows, 5 is most recent) and frequency score",
            [.text("recency")] + (1...5).map { .number("F\($0)") } + (1...5).map { .number("mean M, F\($0)") },
            rows: (1...5).reversed().map { score in
                let cells = grid.filter { $0.recency == score }
                return ["R\(score)"] + cells.map { String($0.people) }
                    + cells.map { ReportFigure.money(Int64($0.meanMonetary.rounded()), currency) }
            })
    }

    private var classTable: ReportTable {
        ReportTable(
            "Classes",
            [
                .text("RFM"), .text("中文"), .text("class"), .number("customers"), .number("share"), .number("orders"),
                .number("net revenue"), .number("share of revenue"),
            ],
            rows: classes.map { group in
                [
                    group.code, group.chinese, group.english, "\(group.people)",
                    ReportFigure.share(Int64(group.people), of: Int64(people)), "\(group.orders)",
                    ReportFigure.money(group.revenue, currency), ReportFigure.share(group.revenue, of: revenue),
                ]
            })
    }

    private var monetaryUnit: Double {
        (0..<CurrencyScale.digits(currency)).reduce(1.0) { unit, _ in unit * 10 }
    }
}
