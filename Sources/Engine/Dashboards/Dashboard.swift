import Storage

/// A page of panels under a name, alone or together with everybody.
package struct Dashboard: Sendable, Equatable {
    package var id: Int64
    package var name: String
    package var isShared: Bool
    /// 0 for a key of the API.
    package var ownerID: Int64
    package var layout: DashboardLayout
    package var createdAt: Timestamp
    package var updatedAt: Timestamp

    /// Of what people change: a change that names another one is refused. Throws: `EncodingError`.
    package var revision: Revision {
        get throws { try Revision(of: [name, String(isShared), StoredDocument.text(layout)]) }
    }
}

/// What stands on a dashboard, in order, and what holds for all of it.
package struct DashboardLayout: Sendable, Codable, Equatable {
    package var panels: [DashboardPanel]
    /// The last so many days for every panel; nil: each its own.
    package var days: Int?
    /// For every panel; nil: each its own.
    package var segment: Int64?
    /// Nil: nobody is told.
    package var digest: DigestSchedule?

    package init(
        panels: [DashboardPanel] = [], days: Int? = nil, segment: Int64? = nil, digest: DigestSchedule? = nil
    ) {
        self.panels = panels
        self.days = days
        self.segment = segment
        self.digest = digest
    }
}

/// One panel of a report, with what is asked of it.
package struct DashboardPanel: Sendable, Codable, Equatable {
    /// Empty: what the panel is called anyway.
    package var title: String
    package var panel: String
    /// As a saved report keeps it: `days=30&report=funnel&steps=…`.
    package var query: String
    /// In thirds of the page's width.
    package var width: Int

    package init(title: String = "", panel: String, query: String, width: Int = 1) {
        self.title = title
        self.panel = panel
        self.query = query
        self.width = width
    }

    /// The query about other days and people, as far as these are told.
    package func query(over other: DashboardOverride) -> String {
        var pieces = query.split(separator: "&").map(String.init)
        func drop(_ names: [String]) {
            pieces.removeAll { piece in names.contains { piece.hasPrefix($0 + "=") } }
        }
        if other.hasDays { drop(["from", "to", "days"]) }
        if other.segment != nil { drop(["segment"]) }
        if other.comparison != nil { drop(["compare"]) }
        return (pieces + other.pieces).joined(separator: "&")
    }
}

/// Days and people for every panel of a dashboard at once.
package struct DashboardOverride: Sendable, Equatable {
    package var from: String?
    package var to: String?
    package var days: Int?
    package var segment: Int64?
    package var comparison: String?

    package init(
        from: String? = nil, to: String? = nil, days: Int? = nil, segment: Int64? = nil, comparison: String? = nil
    ) {
        self.from = from
        self.to = to
        self.days = days
        self.segment = segment
        self.comparison = comparison
    }

    package var hasDays: Bool { from != nil || to != nil || days != nil }

    /// What was asked first, then what the dashboard says itself.
    package init(_ asked: DashboardOverride, otherwise layout: DashboardLayout) {
        self = asked
        if !asked.hasDays { days = layout.days }
        segment = asked.segment ?? layout.segment
    }

    fileprivate var pieces: [String] {
        [
            from.map { "from=" + $0 }, to.map { "to=" + $0 }, days.map { "days=\($0)" },
            segment.map { "segment=\($0)" }, comparison.map { "compare=" + $0 },
        ].compactMap { $0 }
    }
}

/// What can be wrong with a request about a dashboard.
package enum DashboardError: Error, Sendable, Equatable {
    case notFound(Int64)
    /// Empty, or longer than `Dashboards.nameCharacters`.
    case badName
    case tooMany(limit: Int)
    case tooManyPanels(limit: Int)
    /// The place of a panel, from 1, and what is wrong with it.
    case badPanel(Int, ReportError)
    case badWidth(Int)
    case badTitle(Int)
    case badDays(limit: Int)
    case unknownSegment
    case badSchedule(DigestSchedule.Flaw)
}
