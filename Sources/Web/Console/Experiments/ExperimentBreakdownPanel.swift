import Engine
import Storage

/// The primary metric by what people were.
struct ExperimentBreakdownModel: PageModel {
    struct Group: Encodable, Sendable {
        var title: String
        var isSmall: Bool
        var rows: [ExperimentResultModel.Row]
    }

    var title: String
    var warning: String
    var groups: [Group]
    var isEmpty: Bool
}

enum ExperimentBreakdownPanel {
    static func show(_ request: PageRequest) async throws -> Reply {
        let (id, dimension) = (try request.id("experiment"), request.query.text("by"))
        let (experiment, world) = try await request.experimentFound {
            try await request.platform.store.read { (try Experiments.get(id, $0), try CriteriaWorld.load($0)) }
        }
        let breakdown = try await request.experimentFound {
            try await ExperimentBreakdown.load(id, by: dimension, request.platform)
        }
        let words = ExperimentWords(request.wording, world)
        let model = ExperimentBreakdownModel(
            title: words.dimension(dimension),
            warning: request.text(
                "experiment.breakdown_warning", ["comparisons": request.wording.number(breakdown.comparisons)]),
            groups: breakdown.groups.map { group in
                ExperimentBreakdownModel.Group(
                    title: words.group(group.value, of: dimension), isSmall: group.isSmall,
                    rows: ExperimentResultPanel.rows(
                        group.rows, breakdown.metric, experiment, key: "primary", (dimension, group.value), words,
                        request))
            }, isEmpty: breakdown.groups.isEmpty)
        return .panel(template: "experiments/breakdown", model: model)
    }
}
