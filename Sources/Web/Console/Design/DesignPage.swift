import Engine

/// Every component once, for the people who build pages. Open in development mode only.
struct DesignModel: PageModel {
    struct Sample: Encodable, Sendable {
        var title: String
        var chart: ChartModel
    }

    var charts: [Sample]
    var stages: [String]
    var table: TableModel
    var dates: DateRange
    var chips: [FilterChip]
    var how: HowModel
}

enum DesignPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        guard request.console.configuration.development else { throw PageFailure.notFound }
        let model = DesignModel(
            charts: DesignCharts.all, stages: StageWords.all, table: table(),
            dates: DateRange(
                DateRange.asked(request.query, today: request.workspace.calendar.day(of: request.now)), request),
            chips: ["Stage: Decline", "消费不低于: 500"].map { FilterChip(text: $0, href: "#main") },
            how: HowModel("orders", name: "Orders", request.wording))
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
