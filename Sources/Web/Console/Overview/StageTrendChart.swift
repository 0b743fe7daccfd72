import Engine
import Science

/// People by stage at the end of every day, stacked; each place opens the people who stood there then.
enum StageTrendChart {
    static func make(_ trend: StageTrend, _ request: PageRequest) -> ChartModel {
        let wording = request.wording
        let now = request.now
        return ChartModel(
            .area, title: wording.text("overview.trend"), axis: wording.text("overview.day"), unit: .count,
            categories: trend.points.map { wording.chartDay(LocalCalendar.text(ofDay: $0.day)) },
            series: LifecycleStage.allCases.enumerated().map { place, stage in
                ChartModel.Series(
                    name: StageWords.name(stage.rawValue, wording),
                    values: trend.points.map { Double($0.people[place]) }, colour: "stage-\(stage.rawValue)",
                    links: trend.points.map { point in
                        MarkAddress.href(
                            .stage(stage, at: point.at == now ? nil : point.at), count: point.people[place])
                    })
            })
    }
}
