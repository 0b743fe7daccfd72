import Engine

/// What the form of a report says, in the words of the address under which the report is kept.
///
/// An address has each parameter once; events stand on a line each. The form has a field for each part of an event instead,
/// in the order in which they stand: `steps`, then `steps_property`, `steps_is`, `steps_value` for each of its conditions
/// and `steps_json`.
struct ReportDraft: Sendable {
    /// The rows of each parameter that names events.
    private(set) var rows: [String: [ReportEventRow]] = [:]
    /// The question as an address, without the form's own fields.
    private(set) var query = Fields()
    /// The form's own fields are there, so the address is not yet the one to keep.
    private(set) var isForm = false
    /// A button changed the form itself: the question is not finished.
    let isUnfinished: Bool
    /// What that button did: `add`, `remove`, `where`, `unwhere` with parameter, row and condition; or `fields`.
    let change: [String]

    /// The field of buttons that change the form.
    static let button = "do"

    init(_ report: any InsightReport.Type, _ fields: Fields) {
        change = fields.text(Self.button).split(separator: ":").map(String.init)
        isUnfinished = !change.isEmpty
        var own: Set<String> = [Self.button]
        var kept: [(name: String, value: String)] = []
        for parameter in report.parameters {
            let name = parameter.name
            switch parameter.kind {
            case .events, .eventList:
                own.formUnion(Self.parts.map { name + $0 })
                let read = changed(Self.rows(fields, parameter), parameter)
                let lines = read.map(\.text).filter { !$0.isEmpty }
                kept.append((name, lines.joined(separator: "\n")))
                rows[name] = Self.shown(read, parameter, isUnfinished: isUnfinished)
            case .property:
                own.insert(name + Self.other)
                let other = Whitespace.trim(fields.text(name + Self.other))
                kept.append((name, other.isEmpty ? fields.text(name) : other))
            case .words, .whole, .text: break
            }
        }
        let names = Set(kept.map(\.name))
        isForm = fields.pairs.contains { own.contains($0.name) } || names.contains { fields.all($0).count > 1 }
        query = Fields(
            fields.pairs.filter { !own.contains($0.name) && !names.contains($0.name) && !$0.value.isEmpty }
                + kept.filter { !$0.value.isEmpty })
    }

    private static let parts = ["_property", "_is", "_value", "_json"]
    /// The field for a property that is not among those to choose from.
    static let other = "_other"
    /// Rows that a form may have, whatever its address says.
    private static let rowsMax = 20

    private static func rows(_ fields: Fields, _ parameter: ReportParameter) -> [ReportEventRow] {
        let name = parameter.name
        var rows: [ReportEventRow] = []
        for (field, value) in fields.pairs {
            if field == name {
                rows += stored(value, parameter)
                continue
            }
            guard field.hasPrefix(name + "_"), !rows.isEmpty else { continue }
            let (row, last) = (rows.count - 1, (rows.last?.conditions.count ?? 0) - 1)
            switch field.dropFirst(name.count) {
            case "_property": rows[row].conditions.append(.init(property: value))
            case "_is" where last >= 0: rows[row].conditions[last].test = value
            case "_value" where last >= 0: rows[row].conditions[last].values = value
            case "_json" where !Whitespace.trim(value).isEmpty: rows[row] = ReportEventRow(text: value)
            default: break
            }
        }
        guard case .eventList = parameter.kind else { return Array(rows.prefix(1)) }
        return Array(rows.prefix(rowsMax))
    }

    /// One value of an address: an event, or where the parameter takes several, a line each or a JSON list.
    private static func stored(_ text: String, _ parameter: ReportParameter) -> [ReportEventRow] {
        guard case .eventList = parameter.kind else { return [ReportEventRow(text: text)] }
        if Whitespace.trim(text).hasPrefix("[") {
            do {
                let list = try JSONValue(parsing: text)
                return (list.arrayValue ?? [list]).map { ReportEventRow($0) }
            } catch {
                return [ReportEventRow(text: text)]
            }
        }
        let lines = text.split(whereSeparator: \.isNewline).map { ReportEventRow(text: String($0)) }
        // An empty field is a row as well: what follows it in the form belongs to it.
        return lines.isEmpty ? [ReportEventRow()] : lines
    }

    private func changed(_ rows: [ReportEventRow], _ parameter: ReportParameter) -> [ReportEventRow] {
        guard change.count > 1, change[1] == parameter.name else { return rows }
        var rows = rows
        let places = change.dropFirst(2).map { Int($0) ?? -1 }
        switch (change[0], places.first, places.dropFirst().first) {
        case ("add", _, _): rows.append(ReportEventRow())
        case ("remove", let row?, _) where rows.indices.contains(row): rows.remove(at: row)
        case ("where", let row?, _) where rows.indices.contains(row): rows[row].conditions.append(.init())
        case ("unwhere", let row?, let condition?)
        where rows.indices.contains(row) && rows[row].conditions.indices.contains(condition):
            rows[row].conditions.remove(at: condition)
        default: break
        }
        return rows
    }

    /// What the form shows: the usual events where nothing is asked, and never fewer rows than events are needed.
    private static func shown(
        _ read: [ReportEventRow], _ parameter: ReportParameter, isUnfinished: Bool
    ) -> [ReportEventRow] {
        var rows = read
        if !isUnfinished, rows.allSatisfy({ $0.text.isEmpty }) {
            rows = parameter.usual.isEmpty ? [] : stored(parameter.usual, parameter)
        }
        var least = 1
        if case .eventList(let range) = parameter.kind { least = max(least, range.lowerBound) }
        while rows.count < least { rows.append(ReportEventRow()) }
        return rows
    }
}
