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
            stages: stages)
        return .page(Page("design/page", title: "Design", model: model, hasCharts: true))
    }
}
