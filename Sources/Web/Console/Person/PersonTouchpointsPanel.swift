import Engine

/// What one person answers best, on their page.
struct PersonTouchpointsModel: PageModel {
    struct Row: Encodable, Sendable {
        var kind: String
        var name: String
        var rate: String
    }

    var rows: [Row]
    var isEmpty: Bool
}

enum PersonTouchpointsPanel {
    static func show(_ request: PageRequest) async throws -> Reply {
        let found = try await PersonTouchpoints.load(try request.id("person"), request.platform)
        let (wording, words) = (request.wording, ReportWords(request.wording))
        let model = PersonTouchpointsModel(
            rows: found.best.map { best in
                let touchpoint = best.touchpoint
                return PersonTouchpointsModel.Row(
                    kind: request.text("touchpoint.kind_\(best.kind.rawValue)"),
                    name: best.kind == .hour
                        ? request.text("touchpoint.hour", ["hour": touchpoint.name]) : words.label(touchpoint.name),
                    rate: request.text(
                        "touchpoint.lead",
                        [
                            "rate": wording.percent(touchpoint.rate), "visits": wording.number(touchpoint.visits),
                            "low": wording.percent(touchpoint.low), "high": wording.percent(touchpoint.high),
                            "expected": wording.percent(best.expected),
                        ]))
            }, isEmpty: found.best.isEmpty)
        return .panel(template: "person/touchpoints", model: model)
    }
}
