extension Overview: TabularReport {
    package var tables: [ReportTable] {
        [figureTable, dayTable]
    }

    private var figureTable: ReportTable {
        func row(_ name: String, _ value: (Figures) -> String) -> [String] { [name, value(now), value(before)] }
        func money(_ amount: Int64?) -> String { amount.map { ReportFigure.money($0, currency) } ?? "–" }
        return ReportTable(
            "Overview \(period.firstText) to \(period.lastText) (\(currency), \(timeZone))",
            [.text("figure"), .number("period"), .number("period before")],
            rows: [
                row("people") { "\($0.people)" }, row("new people") { "\($0.new)" },
                row("identified people") { "\($0.identified)" }, row("active people") { "\($0.active)" },
                row("orders") { "\($0.orders)" }, row("net revenue") { money($0.revenue) },
                row("average order value") { money($0.averageOrder) }, row("buyers") { "\($0.buyers)" },
                row("repurchase rate") { $0.repurchaseRate.map(ReportFigure.percent) ?? "–" },
            ])
    }

    private var dayTable: ReportTable {
        ReportTable(
            "By day", [.text("day"), .number("orders"), .number("net revenue"), .number("new people")],
            rows: days.map { ["\($0.day)", "\($0.orders)", ReportFigure.money($0.revenue, currency), "\($0.new)"] })
    }
}
