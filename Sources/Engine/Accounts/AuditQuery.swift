/// The words of the audit log's address as a filter: `q`, `actor`, `action`, `subject`, `from`, `to`.
package struct AuditQuery: Sendable, Equatable {
    package var filter = AuditLog.Filter()
    /// Words whose value could not be used; the filter is as if they were not there.
    package var ignored: [String] = []

    package init(_ words: [(name: String, value: String)], workspace: Workspace) {
        var given: [String: String] = [:]
        for (name, value) in words where !value.isEmpty && given[name] == nil { given[name] = value }
        var reader = QueryWords(given: given, calendar: workspace.calendar, currency: workspace.currency)
        filter.search = given["q"] ?? ""
        filter.actor = given["actor"] ?? ""
        filter.action = given["action"] ?? ""
        filter.subject = given["subject"] ?? ""
        let days = reader.days("from", "to")
        filter.from = days?.lowerBound
        filter.to = days?.upperBound
        ignored = reader.ignored
    }
}
