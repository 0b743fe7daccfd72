import Engine

/// Who came and went, day by day.
struct SegmentMovementModel: PageModel {
    var chart: ChartModel?
}

enum SegmentMovementPanel {
    private static let days: Int64 = 60

    static func show(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("segment")
        let movement = try await SegmentPage.found {
            try await SegmentMovement.load(id, days: days, request.platform)
        }
        let hasMoved = movement.days.contains { $0.entered + $0.left > 0 }
        let chart = ChartModel(
            .bar, title: request.text("segment.movement"), axis: request.text("segment.day"), unit: .count,
            categories: movement.days.map { LocalCalendar.text(ofDay: $0.day) },
            series: [
                ChartModel.Series(
                    name: request.text("segment.came"), values: movement.days.map { Double($0.entered) }),
                ChartModel.Series(name: request.text("segment.went"), values: movement.days.map { Double($0.left) }),
            ])
        return .panel(template: "segments/movement", model: SegmentMovementModel(chart: hasMoved ? chart : nil))
    }
}
