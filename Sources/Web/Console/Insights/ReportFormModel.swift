import Engine
import Storage

/// What may be asked of a report, as a form whose address is the question.
struct ReportFormModel: Encodable, Sendable {
    struct Field: Encodable, Sendable {
        var name: String
        var label: String
        var hint: String?
        var isSelect = false
        var isNumber = false
        var isText = false
        var value = ""
        var choices: [Choice] = []
        var least: String?
        var most: String?
        /// A property to choose, or one that is written.
        var isProperty = false
        var properties: [Choice] = []
        var hasProperties = false
        var isEvents = false
        var rows: [ReportRowModel] = []
        /// What adds a row; nil where no more may be.
        var add: ReportRowModel.Button?
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
    var events: [ReportNames.Event]
    /// Properties of the events that are asked for.
    var properties: [String]

    /// - Parameter request: with the draft's query.
    init(
        _ report: any InsightReport.Type, _ question: ReportQuestion?, _ request: PageRequest, segments: [Segment],
        draft: ReportDraft, names: ReportNames
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
        // What cannot be asked yet keeps its days.
        from = (question == nil ? query["from"] : nil) ?? period.firstText
        to = (question == nil ? query["to"] : nil) ?? period.lastText
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
                parameter, of: report.name, values[parameter.name] ?? parameter.usual, draft, names, words, request)
        }
        hasFields = !fields.isEmpty
        events = fields.contains { $0.isEvents } ? names.events : []
        properties = names.others.union(names.properties.values.joined()).sorted()
    }

    /// Choices explain themselves.
    private static func hint(_ parameter: ReportParameter, of report: String, _ request: PageRequest) -> String? {
        if case .words = parameter.kind { return nil }
        return request.wording.known("insight.ask_\(report)_\(parameter.name)")
            ?? request.wording.known("insight.ask_\(parameter.name)")
    }

    private static func field(
        _ parameter: ReportParameter, of report: String, _ value: String, _ draft: ReportDraft, _ names: ReportNames,
        _ words: ReportWords, _ request: PageRequest
    ) -> Field {
        var field = Field(
            name: parameter.name, label: words.field(parameter.name),
            hint: hint(parameter, of: report, request), value: value)
        switch parameter.kind {
        case .words(let choices):
            field.isSelect = true
            field.choices = choices.map { Choice($0, words.choice($0), chosen: value) }
        case .whole(let range):
            field.isNumber = true
            field.least = String(range.lowerBound)
            field.most = String(range.upperBound)
        case .text: field.isText = true
        case .property(let event, let divisions):
            field.isProperty = true
            field.choices =
                [Choice("", request.text("insight.none_\(parameter.name)"), chosen: value)]
                + divisions.map { Choice($0, words.division($0), chosen: value) }
            var own = (names.properties[event] ?? []).filter { !divisions.contains($0) }
            // What is asked for can be chosen, seen or not.
            if !value.isEmpty, !divisions.contains(value), !own.contains(value) { own.append(value) }
            field.properties = own.map { Choice($0, $0, chosen: value) }
            field.hasProperties = !own.isEmpty
        case .events: rows(of: &field, 1...1, draft, request)
        case .eventList(let range): rows(of: &field, range, draft, request)
        }
        return field
    }

    private static func rows(
        of field: inout Field, _ range: ClosedRange<Int>, _ draft: ReportDraft, _ request: PageRequest
    ) {
        let (name, label, isList) = (field.name, field.label, range.upperBound > 1)
        let rows = draft.rows[name] ?? []
        field.isEvents = true
        field.rows = rows.enumerated().map { index, row in
            ReportRowModel(
                row, index, of: name, isList ? label + " \(index + 1)" : label,
                mayGo: isList && rows.count > max(range.lowerBound, 1), draft.change, request)
        }
        if draft.change == ["add", name], let last = field.rows.indices.last { field.rows[last].focus = "autofocus" }
        if rows.count < range.upperBound {
            field.add = ReportRowModel.Button(value: "add:\(name)", title: request.text("insight.add_\(name)"))
        }
    }
}
