import Engine

/// Every component once, for the people who build pages. Open in development mode only.
struct DesignModel: PageModel {
    struct Swatch: Encodable, Sendable {
        var name: String
        var fill: String
    }

    var line: ChartModel
    var stack: ChartModel
    var heat: ChartModel
    var flow: ChartModel
    var stages: [String]
    var table: TableModel
    var dates: DateRange
    var chips: [FilterChip]
}

enum DesignPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        guard request.console.configuration.development else { throw PageFailure.notFound }
        let days = (1...14).map { "11-\($0)" }
        let stages = ["introduction", "growth", "maturity", "decline", "churn"]
        let model = DesignModel(
            line: ChartModel(
                .line, title: "Line", axis: "Day", unit: .count, categories: days,
                series: [
                    .init(name: "Now", values: days.indices.map { Double(60 + $0 * 7 % 31) }),
                    .init(name: "Before", values: days.indices.map { Double(48 + $0 * 5 % 23) }, isBefore: true),
                ]),
            stack: ChartModel(
                .stack, title: "Stack", axis: "Day", unit: .count, categories: days,
                series: stages.enumerated().map { place, stage in
                    .init(
                        name: stage, values: days.indices.map { Double(20 + ($0 * (place + 3)) % 17) },
                        colour: "stage-\(stage)")
                }),
            heat: ChartModel(
                .heat, title: "Heat", axis: "Hour", unit: .count, categories: (0..<12).map { "\($0 * 2)" },
                series: (1...7).map { day in
                    .init(name: "\(day)", values: (0..<12).map { Double(($0 * day * 7) % 40) })
                }),
            flow: ChartModel(
                title: "Flow",
                nodes: stages.flatMap { stage in
                    ["a", "b"].map { .init(id: $0 + stage, name: stage, colour: "stage-\(stage)", value: 10) }
                },
                flows: stages.indices.map { place in
                    .init(from: "a" + stages[place], to: "b" + stages[(place * 2) % 5], value: Double(5 + place))
                }),
            stages: stages, table: table(),
            dates: DateRange(
                DateRange.asked(request.query, today: request.workspace.calendar.day(of: request.now)), request),
            chips: ["Stage: Decline", "消费不低于: 500"].map { FilterChip(text: $0, href: "#main") })
        return .page(Page("design/page", title: "Design", model: model, hasCharts: true))
    }

    private static func table() -> TableModel {
        func row(_ id: String, _ name: String, _ stage: String, _ spend: String, _ tone: String) -> TableModel.Row {
            TableModel.Row(
                id: id, href: "#one", name: String(name.prefix(2)),
                cells: [
                    TableModel.Cell(
                        "person", name, href: "#one", note: "Known", avatar: String(name.prefix(1))),
                    TableModel.Cell("stage", stage.capitalized, style: "nowrap", dot: stage),
                    TableModel.Cell("spend", spend, style: "strong"),
                    TableModel.Cell("state", tone == "good" ? "Done" : "Waiting", chip: "chip-" + tone),
                ])
        }
        var table = TableModel(
            "design", title: "Table",
            columns: [
                TableModel.Column(key: "person", title: "Person"),
                TableModel.Column(key: "stage", title: "Stage"),
                TableModel.Column(
                    key: "spend", title: "Spend", style: "num",
                    sort: TableModel.Sort(href: "#main", direction: "descending")),
                TableModel.Column(key: "state", title: "State", sort: TableModel.Sort(href: "#main")),
            ],
            rows: [
                row("1", "林梅 <3", "growth", "¥1,280.00", "good"), row("2", "Ann Green", "decline", "¥96.50", "warn"),
            ])
        table.summary = "2 people"
        table.savesShown = true
        table.actions = [TableModel.Action(title: "Export", path: "/console/design", question: "Sure?")]
        table.next = "#main"
        return table.finished()
    }
}
