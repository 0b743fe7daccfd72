/// Panels of a dashboard as they are counted now.
package struct DashboardReading: Sendable {
    package struct Part: Sendable {
        package var panel: DashboardPanel
        /// What was counted, of one panel; nil when the question no longer holds.
        package var document: ReportDocument?
        package var problem: ReportError?
    }

    package var parts: [Part]

    /// All panels, or the one at a place from 0. Throws: `StorageError`; `CancellationError`.
    package static func make(
        _ layout: DashboardLayout, _ asked: DashboardOverride, only place: Int? = nil, _ platform: Platform
    ) async throws -> DashboardReading {
        let over = DashboardOverride(asked, otherwise: layout)
        var parts: [Part] = []
        for (index, panel) in layout.panels.enumerated() where place == nil || place == index {
            var part = Part(panel: panel)
            do {
                let (report, question) = try await SavedReports.question(panel.query(over: over), platform)
                part.document = try await report.make(question, only: [panel.panel])
            } catch let error as ReportError {
                part.problem = error
            }
            parts.append(part)
        }
        return DashboardReading(parts: parts)
    }

    /// Every panel's tables under its title. Source: RFC 4180. Throws: `EncodingError`.
    package func csv(title: (DashboardPanel) -> String) throws -> String {
        try parts.map { part in
            let heading = ReportTable("", [.text(title(part.panel))], rows: []).csv()
            guard let document = part.document else {
                return heading + ReportTable("", [.text(part.problem?.description ?? "")], rows: []).csv()
            }
            return heading + (try ReportRenderer.text(document, format: .csv))
        }.joined(separator: "\r\n")
    }
}
