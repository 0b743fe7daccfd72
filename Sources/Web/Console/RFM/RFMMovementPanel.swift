import Engine
import Storage

/// Two days to be compared.
struct MovementForm: Encodable, Sendable {
    var from: String
    var to: String
    var latest: String
    /// The method's fields, carried along.
    var method: [Field]
    var query: String

    struct Field: Encodable, Sendable {
        var name: String
        var value: String
    }
}

/// Who moved between the classes from one day to another.
struct MovementModel: PageModel {
    struct Move: Encodable, Sendable {
        var text: String
        var href: String
        var tone: String
    }

    var chart: ChartModel
    /// The largest moves in words.
    var moves: [Move]
    var span: String
    var isEmpty: Bool
}

extension RFMPage {
    /// Moves that are told in words.
    private static let toldMoves = 8
    private static let usualDays: Int64 = 90

    static func movement(_ request: PageRequest) -> MovementForm {
        let days = movementDays(request)
        let saved = ["window", "scoring", "rule", "monetary", "as_of"].compactMap { name in
            request.query[name].map { MovementForm.Field(name: name, value: $0) }
        }
        let today = LocalCalendar.text(ofDay: request.workspace.calendar.day(of: request.now))
        return MovementForm(
            from: days.firstText, to: days.lastText, latest: today, method: saved,
            query: request.query.query(changing: ["from": days.firstText, "to": days.lastText]))
    }

    static func movementPanel(_ request: PageRequest) async throws -> Reply {
        let saved = try await request.platform.store.read { try RFMSettings.load($0) }
        let settings = RFMMethod.settings(request.query, saved)
        let days = movementDays(request)
        let movement = try await RFMMovement.make(
            request.platform, settings: settings, from: days.first, to: days.last)
        return .panel(template: "rfm/movement", model: model(movement, settings, days, request))
    }

    private static func model(
        _ movement: RFMMovement, _ settings: RFMSettings, _ days: ReportPeriod, _ request: PageRequest
    ) -> MovementModel {
        let wording = request.wording
        let places: [String?] = RFMClassName.codes(settings.dimensions).map { $0 } + [nil]
        func href(_ flow: RFMMovement.Flow) -> String {
            MarkAddress.href(
                .rfmMoved(from: flow.from, to: flow.to, settings, start: days.first, end: days.last),
                count: Int64(flow.people))
        }
        func flow(_ from: String?, _ to: String?) -> RFMMovement.Flow? {
            movement.flows.first { $0.from == from && $0.to == to }
        }
        let chart = ChartModel(
            .heat, title: wording.text("rfm.movement"), axis: wording.text("rfm.class"), unit: .count,
            categories: places.map { MarkWords.place($0, wording) },
            series: places.map { from in
                ChartModel.Series(
                    name: MarkWords.place(from, wording),
                    values: places.map { to in Double(flow(from, to)?.people ?? 0) },
                    links: places.map { to in flow(from, to).map(href) })
            }, ChartModel.Extras(hasLabels: true))
        let moves = movement.flows.filter { $0.from != $0.to && $0.from != nil }.prefix(toldMoves).map { flow in
            MovementModel.Move(
                text: wording.text(
                    "rfm.move", ["from": MarkWords.place(flow.from, wording), "to": MarkWords.place(flow.to, wording)],
                    count: Int64(flow.people)),
                href: href(flow), tone: tone(flow))
        }
        return MovementModel(
            chart: chart, moves: Array(moves),
            span: wording.text("behind.span", ["from": movement.from, "to": movement.to]), isEmpty: chart.isEmpty)
    }

    /// Better with more high dimensions, worse with fewer or outside the window.
    private static func tone(_ flow: RFMMovement.Flow) -> String {
        func height(_ code: String?) -> Int { code?.count { $0 == "1" } ?? -1 }
        let (before, after) = (height(flow.from), height(flow.to))
        return before == after ? "" : after > before ? "good" : "bad"
    }

    /// The days asked for, else the last ninety days up to today.
    private static func movementDays(_ request: PageRequest) -> ReportPeriod {
        let today = request.workspace.calendar.day(of: request.now)
        let last = min(request.query["to"].flatMap(LocalCalendar.day(fromText:)) ?? today, today)
        let first = request.query["from"].flatMap(LocalCalendar.day(fromText:)) ?? last - usualDays
        return ReportPeriod(first: min(first, last), last: last)
    }
}
