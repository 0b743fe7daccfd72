import Engine

/// Every kind of chart once, with invented figures.
enum DesignCharts {
    private static let days = (1...14).map { "11-\($0)" }
    private static let people = "/people"

    static var all: [DesignModel.Sample] {
        [line, bar, area, funnel, heat, flow, scatter, calendar].map { .init(title: $0.title, chart: $0) }
    }

    private static var line: ChartModel {
        ChartModel(
            .line, title: "Line", axis: "Day", unit: .count, categories: days,
            series: [
                .init(name: "Now", values: days.indices.map { Double(60 + $0 * 7 % 31) }),
                .init(name: "Before", values: days.indices.map { Double(48 + $0 * 5 % 23) }, isBefore: true),
            ], links: days.map { _ in people })
    }

    private static var bar: ChartModel {
        ChartModel(
            .bar, title: "Bar", axis: "Store", unit: .money, categories: ["外滩", "West Lake", "春熙路", "Online"],
            series: [.init(name: "Net revenue", values: [8_210_000, 6_130_000, 4_420_000, 12_870_000])],
            ChartModel.Extras(links: Array(repeating: people, count: 4), across: true, currencyScale: 100))
    }

    private static var area: ChartModel {
        ChartModel(
            .area, title: "Stacked area", axis: "Day", unit: .count, categories: days,
            series: StageWords.all.enumerated().map { place, stage in
                .init(
                    name: stage, values: days.indices.map { Double(20 + ($0 * (place + 3)) % 17) },
                    colour: "stage-\(stage)", links: days.map { _ in "\(people)?stage=\(stage)" })
            })
    }

    private static var funnel: ChartModel {
        ChartModel(
            .funnel, title: "Funnel", axis: "Step", unit: .count,
            categories: ["Visit", "Product", "Cart", "Order"],
            series: [.init(name: "People", values: [4_200, 2_310, 870, 512])],
            links: Array(repeating: people, count: 4))
    }

    private static var heat: ChartModel {
        ChartModel(
            .heat, title: "Heat map", axis: "Hour", unit: .count, categories: (0..<12).map { "\($0 * 2)" },
            series: (1...7).map { day in
                .init(
                    name: "Day \(day)", values: (0..<12).map { Double(($0 * day * 7) % 40) },
                    links: (0..<12).map { _ in people })
            }, ChartModel.Extras(hasLabels: true))
    }

    private static var flow: ChartModel {
        ChartModel(
            title: "Sankey",
            nodes: StageWords.all.flatMap { stage in
                ["a", "b"].map { .init(id: $0 + stage, name: stage, colour: "stage-\(stage)", value: 10) }
            },
            flows: StageWords.all.indices.map { place in
                .init(
                    from: "a" + StageWords.all[place], to: "b" + StageWords.all[(place * 2) % 5],
                    value: Double(5 + place), href: people)
            })
    }

    private static var scatter: ChartModel {
        let points = (0..<40).map { place -> ChartModel.Point in
            let orders = Double(1 + place % 9)
            let spend = Double(4_000 + place * place * 37 % 90_000)
            return ChartModel.Point(
                name: "Person \(place)", x: orders, y: spend, size: Double(8 + place % 4 * 3), href: people)
        }
        return ChartModel(
            title: "Scatter", x: .init(name: "Orders", unit: .decimal), y: .init(name: "Net spend", unit: .money),
            points: points, currencyScale: 100)
    }

    private static var calendar: ChartModel {
        let dates = (20_600..<20_730).map { LocalCalendar.text(ofDay: $0) }
        return ChartModel(
            .calendar, title: "Calendar", axis: "Day", unit: .count, categories: dates,
            series: [.init(name: "Orders", values: dates.indices.map { Double(($0 * 13) % 29) })],
            links: dates.map { _ in people })
    }
}
