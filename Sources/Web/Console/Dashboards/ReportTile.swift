import Engine

/// A panel of a report among those of others, which comes by itself.
struct ReportTile: Encodable, Sendable {
    var id: String
    var title: String
    /// What the report is called.
    var report: String
    /// The report, asked the same.
    var href: String
    var panel: String
    var span: String
    /// Where it can be had as a file.
    var csv: String?
    /// Others see it too.
    var isShared = false

    /// `query`: as a saved report keeps it, `report=funnel&days=30&…`.
    init(_ place: String, title: String, panel: String, of query: Fields, span: String, _ words: ReportWords) {
        let report = query.text("report")
        let asked = query.query(changing: ["report": nil])
        id = "tile-" + place
        self.title = title
        self.report = words.title(report)
        href = "/insight/\(report)?\(asked)"
        self.panel = "/insight/\(report)/panel?list=\(panel)&\(asked)"
        self.span = span
    }
}
