/// A report over what people did: one file with one of these, and one line in `ReportCatalog`. The API, the command line
/// and the console serve whatever stands there.
///
/// A report is divided into panels that are counted apart, each within its own budget of time. Figures and cells carry
/// *places*: words that name the people whom they count, which `people` answers with the same conditions.
package protocol InsightReport: Sendable {
    /// In addresses and on the command line.
    static var name: String { get }
    /// One sentence.
    static var summary: String { get }
    /// What may be asked besides days, comparison and segment.
    static var parameters: [ReportParameter] { get }
    static var panels: [String] { get }

    /// Throws: `ReportError`, `StorageError`; `CancellationError` when the task was cancelled.
    static func panel(_ name: String, _ question: ReportQuestion) async throws -> ReportPanel

    /// The whole report, or the panels that are named. Throws: as `panel`.
    static func make(_ question: ReportQuestion, only wanted: [String]) async throws -> ReportDocument

    /// Ids of the living people whom a place counts, each once. Throws: `ReportError.unknownPlace`, `StorageError`.
    static func people(at place: ReportPlace, _ question: ReportQuestion) async throws -> [Int64]
}

/// Every report of the frame, a line each.
package enum ReportCatalog {
    package static let reports: [any InsightReport.Type] = [
        TrafficReport.self,
        FunnelReport.self,
        RetentionReport.self,
        PathsReport.self,
        PurchasesReport.self,
        ExploreReport.self,
        HeatmapReport.self,
        TouchpointsReport.self,
        ScenesReport.self,
    ]

    /// Throws: `ReportError.unknownReport`.
    package static func report(_ name: String) throws -> any InsightReport.Type {
        guard let report = reports.first(where: { $0.name == name }) else { throw ReportError.unknownReport(name) }
        return report
    }
}

extension InsightReport {
    package static func make(_ question: ReportQuestion) async throws -> ReportDocument {
        try await make(question, only: [])
    }

    package static func make(_ question: ReportQuestion, only wanted: [String]) async throws -> ReportDocument {
        var made: [ReportPanel] = []
        for name in try wantedPanels(wanted) { made.append(try await panel(name, question)) }
        return ReportDocument(report: name, question: question, panels: made)
    }

    /// All panels, or those that are named. Throws: `ReportError.badParameter`.
    static func wantedPanels(_ wanted: [String]) throws -> [String] {
        for name in wanted where !panels.contains(name) {
            throw ReportError.badParameter("panel", given: name, expected: "one of " + panels.joined(separator: ", "))
        }
        return wanted.isEmpty ? panels : wanted
    }
}

/// Something that can be asked of a report.
package struct ReportParameter: Sendable {
    package enum Kind: Sendable {
        case words([String])
        case whole(ClosedRange<Int64>)
        /// The name of a page, of anything in the data; may be empty.
        case text
        /// The name of a property of the first event that the parameter `of` names, or one of the words; may be empty.
        case property(of: String, words: [String])
        /// Events: names divided by commas, or JSON in the form of the condition language.
        case events
        /// So many of these, in order: lines, or a JSON list.
        case eventList(ClosedRange<Int>)
    }

    package var name: String
    package var kind: Kind
    /// What holds when nothing is said.
    package var usual: String
    package var note: String

    package init(_ name: String, _ kind: Kind, usual: String = "", _ note: String) {
        self.name = name
        self.kind = kind
        self.usual = usual
        self.note = note
    }
}

/// The people whom a mark of a report counts: `bucket:20600`, `source:search/baidu`.
package struct ReportPlace: Sendable, Equatable, CustomStringConvertible {
    package var kind: String
    package var value: String

    /// The kind of a step of the days that are compared with.
    package static let before = "before"

    package init(_ kind: String, _ value: String = "") {
        self.kind = kind
        self.value = value
    }

    package init(text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
    }

    package var description: String { value.isEmpty ? kind : kind + ":" + value }

    /// The value as a number. Throws: `ReportError.unknownPlace`.
    func number() throws -> Int64 {
        guard let number = Int64(value) else { throw ReportError.unknownPlace(description) }
        return number
    }
}
