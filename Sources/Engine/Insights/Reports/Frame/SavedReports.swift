import Foundation
import Storage

/// Reports under a name: the views of the list `reports`.
package enum SavedReports {
    /// The report and the question of a saved query: `days=30&report=funnel&steps=…`. Several values of one name stand on a
    /// line each. Throws: `ReportError`, `StorageError`.
    package static func question(
        _ query: String, _ platform: Platform
    ) async throws -> (report: any InsightReport.Type, question: ReportQuestion) {
        let values = values(query)
        let report = try ReportCatalog.report(values["report"] ?? "")
        return (report, try await ReportQuestion(report, values.filter { $0.key != "report" }, platform))
    }

    /// A shared report by its name, or by its id. Throws: `ReportError.unknownReport`, `StorageError`.
    package static func find(_ name: String, _ connection: any SQLConnection) throws -> SavedView {
        let views = try SavedViews.list(.reports, for: 0, connection)
        guard let view = views.first(where: { $0.name == name || String($0.id) == name }) else {
            throw ReportError.unknownReport(name)
        }
        return view
    }

    private static func values(_ query: String) -> [String: String] {
        var values: [String: String] = [:]
        for piece in query.split(separator: "&") {
            let sides = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(decoded)
            guard sides.count == 2, !sides[1].isEmpty else { continue }
            values[sides[0]] = [values[sides[0]], sides[1]].compactMap { $0 }.joined(separator: "\n")
        }
        return values
    }

    private static func decoded(_ text: Substring) -> String {
        let spaced = text.split(separator: "+", omittingEmptySubsequences: false).joined(separator: " ")
        return spaced.removingPercentEncoding ?? spaced
    }
}
