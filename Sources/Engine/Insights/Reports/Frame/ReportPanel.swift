/// A part of a report as facts: figures, and a table that may be drawn.
package struct ReportPanel: Sendable, Codable, Equatable {
    package var name: String
    package var figures: [Figure] = []
    /// How the table is drawn; nil: not.
    package var chart: Chart?
    package var unit: Unit = .count
    /// What the labels of the rows are.
    package var labels: [String] = []
    package var columns: [Column] = []
    package var rows: [Row] = []
    /// Words for what has to be known of these facts.
    package var notes: [String] = []

    package init(_ name: String) {
        self.name = name
    }

    package enum Unit: String, Sendable, Codable {
        /// Money is in minor units.
        case count, decimal, percent, money, seconds, days
    }

    package enum Chart: String, Sendable, Codable {
        case line, area, bar, stack, funnel, heat, sankey
    }

    /// One number; nil where it cannot be told, such as a rate of nothing.
    package struct Figure: Sendable, Codable, Equatable {
        package var name: String
        package var value: Double?
        package var unit: Unit
        /// Of the days compared with.
        package var before: Double?
        /// Whom it counts: `ReportPlace`.
        package var people: String?

        package init(
            _ name: String, _ value: Double?, _ unit: Unit = .count, before: Double? = nil, people: ReportPlace? = nil
        ) {
            self.name = name
            self.value = value
            self.unit = unit
            self.before = before
            self.people = people?.description
        }
    }

    package struct Column: Sendable, Codable, Equatable {
        package var name: String
        package var unit: Unit
        /// Of the days compared with.
        package var isBefore: Bool
        /// Drawn; the others stand in the table only.
        package var isDrawn: Bool

        package init(_ name: String, _ unit: Unit = .count, isBefore: Bool = false, isDrawn: Bool = true) {
            self.name = name
            self.unit = unit
            self.isBefore = isBefore
            self.isDrawn = isDrawn
        }
    }

    package struct Row: Sendable, Codable, Equatable {
        package var labels: [String]
        package var values: [Double?]
        /// Whom each value counts.
        package var people: [String?]
        /// Places of values whose time is not over yet.
        package var unfinished: [Int] = []

        package init(_ labels: [String], _ values: [Double?], people: [ReportPlace?] = []) {
            self.labels = labels
            self.values = values
            self.people = people.map { $0?.description }
        }
    }
}

extension ReportPanel {
    /// Says so where values are not over yet.
    mutating func noteUnfinished() {
        if rows.contains(where: { !$0.unfinished.isEmpty }) { notes.append("unfinished") }
    }
}

/// A report as the API and the command line hand it out.
package struct ReportDocument: Sendable, Codable, Equatable {
    package var report: String
    package var from: String
    package var to: String
    package var comparedFrom: String
    package var comparedTo: String
    package var timeZone: String
    package var currency: String
    package var segment: String?
    package var parameters: [String: String]
    package var panels: [ReportPanel]

    init(report: String, question: ReportQuestion, panels: [ReportPanel]) {
        self.report = report
        from = question.period.firstText
        to = question.period.lastText
        comparedFrom = question.other.firstText
        comparedTo = question.other.lastText
        timeZone = question.workspace.timeZone
        currency = question.workspace.currency
        segment = question.segment.map { String($0.id) }
        parameters = question.values
        self.panels = panels
    }
}

extension ReportDocument: TabularReport {
    package var tables: [ReportTable] { panels.flatMap(tables) }

    private func tables(_ panel: ReportPanel) -> [ReportTable] {
        var tables: [ReportTable] = []
        if !panel.figures.isEmpty {
            tables.append(
                ReportTable(
                    panel.name, [.text("figure"), .number("value"), .number("before")],
                    rows: panel.figures.map { [$0.name, text($0.value, $0.unit), text($0.before, $0.unit)] }))
        }
        if !panel.columns.isEmpty {
            tables.append(
                ReportTable(
                    panel.name,
                    panel.labels.map { .text($0) }
                        + panel.columns.map { .number($0.isBefore ? $0.name + " before" : $0.name) },
                    rows: panel.rows.map { row in
                        row.labels
                            + row.values.indices.map { place in
                                text(row.values[place], panel.columns[place].unit)
                                    + (row.unfinished.contains(place) ? "*" : "")
                            }
                    }))
        }
        return tables
    }

    private func text(_ value: Double?, _ unit: ReportPanel.Unit) -> String {
        guard let value, value.isFinite else { return "–" }
        switch unit {
        case .percent: return ReportFigure.percent(value)
        case .money: return ReportFigure.money(Int64(value.rounded()), currency)
        case .count: return String(Int64(value.rounded()))
        case .decimal, .seconds, .days: return ReportFigure.number(value, digits: 2)
        }
    }
}
