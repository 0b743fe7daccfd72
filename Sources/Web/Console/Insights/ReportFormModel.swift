import Engine
import Storage

/// What may be asked of a report, as a form whose address is the question.
struct ReportFormModel: Encodable, Sendable {
    struct Field: Encodable, Sendable {
        struct Entry: Encodable, Sendable {
            var value: String
            var place: String
        }

        var name: String
        var label: String
        var hint: String?
        var isSelect = false
        var isNumber = false
        var isEvents = false
        var choices: [Choice] = []
        var least: String?
        var most: String?
        var entries: [Entry] = []
    }

    struct Preset: Encodable, Sendable {
        var title: String
        var href: String
        var current: String?
    }

    var path: String
    var presets: [Preset]
    var from: String
    var to: String
    var latest: String
    var comparisons: [Choice]
    var segments: [Choice]
    var fields: [Field]
    var hasFields: Bool
    var events: [String]

    init(
        _ report: any InsightReport.Type, _ question: ReportQuestion?, _ request: PageRequest, segments: [Segment],
        events: [String]
    ) {
        let words = ReportWords(request.wording)
        let query = request.query
        let today = request.workspace.calendar.day(of: request.now)
        let period = question?.period ?? ReportPeriod(days: ReportQuestion.usualDays, through: today)
        path = "/insight/\(report.name)"
        presets = ReportRange.presets.map { days in
            Preset(
                title: request.text("overview.days", count: Int64(days)),
                href: "/insight/\(report.name)?"
                    + query.query(changing: ["from": nil, "to": nil, "days": String(days)]),
                current: period == ReportPeriod(days: days, through: today) ? "page" : nil)
        }
        from = period.firstText
        to = period.lastText
        latest = LocalCalendar.text(ofDay: today)
        comparisons = ["before", "year"].map {
            Choice($0, request.text("overview.compare_\($0)"), chosen: query["compare"] ?? "before")
        }
        self.segments =
            [Choice("", request.text("insight.everybody"), chosen: query.text("segment"))]
            + segments.map { Choice(String($0.id), $0.name, chosen: query.text("segment")) }
        let values = ReportFields.values(query)
        fields = report.parameters.map { parameter in
            Self.field(
                parameter, of: report.name, values[parameter.name] ?? parameter.usual, words, request)
        }
        hasFields = !fields.isEmpty
        self.events = fields.contains { $0.isEvents } ? events : []
    }

    /// Empty places beyond those that are filled.
    private static let spare = 2

    /// Choices explain themselves.
    private static func hint(_ parameter: ReportParameter, of report: String, _ request: PageRequest) -> String? {
        if case .words = parameter.kind { return nil }
        return request.wording.known("insight.ask_\(report)_\(parameter.name)")
            ?? request.wording.known("insight.ask_\(parameter.name)")
    }

    private static func field(
        _ parameter: ReportParameter, of report: String, _ value: String, _ words: ReportWords, _ request: PageRequest
    ) -> Field {
        var field = Field(
            name: parameter.name, label: words.field(parameter.name),
            hint: hint(parameter, of: report, request))
        switch parameter.kind {
        case .words(let choices):
            field.isSelect = true
            field.choices = choices.map { Choice($0, words.choice($0), chosen: value) }
        case .whole(let range):
            field.isNumber = true
            field.least = String(range.lowerBound)
            field.most = String(range.upperBound)
            field.entries = [.init(value: value, place: words.field(parameter.name))]
        case .text: field.entries = [.init(value: value, place: words.field(parameter.name))]
        case .events:
            field.isEvents = true
            field.entries = [.init(value: value, place: words.field(parameter.name))]
        case .eventList:
            field.isEvents = true
            let lines = value.split(whereSeparator: \.isNewline).map(String.init)
            let places = min(lines.count + spare, 8)
            field.entries = (0..<max(places, lines.count)).map { index in
                .init(
                    value: index < lines.count ? lines[index] : "",
                    place: words.field(parameter.name) + " \(index + 1)")
            }
        }
        return field
    }
}
