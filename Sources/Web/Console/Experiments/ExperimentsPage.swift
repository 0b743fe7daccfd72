import Engine
import Storage

/// All experiments.
struct ExperimentsModel: PageModel {
    var table: TableModel?
    var isEmpty: Bool
    var mayManage: Bool
}

enum ExperimentsPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let found = try await request.platform.store.read {
            (
                experiments: try Experiments.list($0), totals: try Exposures.totals($0),
                world: try CriteriaWorld.load($0)
            )
        }
        let words = ExperimentWords(request.wording, found.world)
        let model = ExperimentsModel(
            table: found.experiments.isEmpty ? nil : table(found.experiments, found.totals, words, request),
            isEmpty: found.experiments.isEmpty, mayManage: request.user.role.may(.manageExperiments))
        return .page(Page("experiments/page", title: request.text("experiment.title"), model: model))
    }

    /// As much of it as a row has room for, cut between words.
    private static func shortened(_ text: String) -> String {
        let most = 90
        guard text.count > most else { return text }
        let part = text.prefix(most)
        let end = part.lastIndex(of: " ").map { part.distance(from: part.startIndex, to: $0) } ?? 0
        return String(part.prefix(end > most / 2 ? end : most)) + "…"
    }

    private static func table(
        _ experiments: [Experiment], _ totals: [Int64: Int64], _ words: ExperimentWords, _ request: PageRequest
    ) -> TableModel {
        func column(_ key: String, _ style: String = "") -> TableModel.Column {
            TableModel.Column(key: key, title: request.text("experiment.column_\(key)"), style: style)
        }
        var table = TableModel(
            "experiments", title: request.text("experiment.title"),
            columns: [
                column("name"), column("metric"), column("variants", "num"), column("people", "num"),
                column("started"), column("state"),
            ],
            rows: experiments.map { experiment in
                let (definition, href) = (experiment.definition, "/experiments/\(experiment.id)")
                return TableModel.Row(
                    id: String(experiment.id), href: href, name: definition.name,
                    cells: [
                        TableModel.Cell(
                            "name", definition.name, style: "strong", href: href,
                            note: definition.hypothesis.isEmpty ? nil : shortened(definition.hypothesis)),
                        TableModel.Cell("metric", words.metric(definition.primary), style: "soft"),
                        TableModel.Cell("variants", request.wording.number(definition.variants.count)),
                        TableModel.Cell("people", request.wording.number(totals[experiment.id] ?? 0)),
                        TableModel.Cell(
                            "started",
                            experiment.startedAt.map { request.wording.shortDate($0, now: request.now) } ?? "–",
                            style: "nowrap"),
                        TableModel.Cell(
                            "state", words.state(experiment.state), chip: ExperimentWords.tone(experiment.state)),
                    ])
            })
        table.summary = request.text("experiment.count", count: Int64(experiments.count))
        table.savesShown = true
        return table.finished()
    }
}
