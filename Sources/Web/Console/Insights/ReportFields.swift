import Engine

/// What a page's address asks of a report.
enum ReportFields {
    /// Names in an address that are not the report's.
    private static let foreign: Set<String> = [
        "mark", "report", "place", "n", "of", "at", "panel", "csrf", "segment_name", "list", "view",
        "conflict", "problem",
    ]

    /// Values by name; those of a field that is there several times stand on a line each.
    static func values(_ query: Fields) -> [String: String] {
        var values: [String: [String]] = [:]
        for (name, value) in query.pairs where !foreign.contains(name) && !value.isEmpty {
            values[name, default: []].append(value)
        }
        return values.mapValues { $0.joined(separator: "\n") }
    }

    /// A question as an address: its days are fixed, so that it means the same tomorrow.
    static func pairs(_ question: ReportQuestion, comparison: String) -> [String: String] {
        var values = question.values.filter { !$0.value.isEmpty }
        values["from"] = question.period.firstText
        values["to"] = question.period.lastText
        if comparison == "year" { values["compare"] = comparison }
        if let segment = question.segment { values["segment"] = String(segment.id) }
        return values
    }

    static func query(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key)=\(Fields.encoded($0.value))" }.joined(separator: "&")
    }
}
