import Engine
import Foundation

/// A dashboard as a letter: the same figures and the first rows of every table, as HTML that mail programs draw and as
/// plain text.
struct DigestLetter: Sendable {
    let subject: String
    let period: String
    let html: String
    let text: String

    private static let rowsMax = 10

    /// The digest of the days that it tells of at a moment. Throws: `StorageError`; `CancellationError`.
    static func compose(
        _ board: Dashboard, _ digest: DigestSchedule, at moment: Timestamp, _ workspace: Workspace, _ wording: Wording,
        address: String, _ platform: Platform
    ) async throws -> DigestLetter {
        let period = digest.period(on: workspace.calendar.day(of: moment))
        let reading = try await DashboardReading.make(
            board.layout, DashboardOverride(from: period.firstText, to: period.lastText), platform)
        return DigestLetter(board, reading, period, wording, link: address + "/dashboards/\(board.id)")
    }

    init(
        _ board: Dashboard, _ reading: DashboardReading, _ period: ReportPeriod, _ wording: Wording, link: String
    ) {
        let days =
            period.days == 1 ? period.firstText : period.firstText + " – " + period.lastText
        self.period = days
        subject = board.name + " · " + days
        let words = ReportWords(wording)
        var (html, text) = (LetterHTML(), "\(board.name)\n\(days)\n")
        html.heading(board.name, days)
        for part in reading.parts {
            let title = BoardPage.title(part.panel, words)
            html.title(title)
            text += "\n\(title)\n" + String(repeating: "-", count: title.count) + "\n"
            guard let panel = part.document?.panels.first else {
                let problem = part.problem.map { words.problem($0) } ?? ""
                html.line(problem)
                text += problem + "\n"
                continue
            }
            for figure in panel.figures {
                let value = words.value(figure.value, figure.unit)
                let before = figure.before.map {
                    wording.text("dashboard.compared", ["value": words.value($0, figure.unit)])
                }
                html.figure(words.column(figure.name), value, before ?? "")
                text += "\(words.column(figure.name)): \(value)\(before.map { " (\($0))" } ?? "")\n"
            }
            let table = Self.table(panel, words)
            if !table.rows.isEmpty {
                html.table(table.heads, table.rows)
                text += table.heads.joined(separator: "  ") + "\n"
            }
            for row in table.rows { text += row.joined(separator: "  ") + "\n" }
            if panel.rows.count > Self.rowsMax {
                let more = wording.text(
                    "dashboard.more_rows", ["count": wording.number(Int64(panel.rows.count - Self.rowsMax))])
                html.line(more)
                text += more + "\n"
            }
            if panel.figures.isEmpty, panel.rows.isEmpty {
                html.line(wording.text("insight.empty"))
                text += wording.text("insight.empty") + "\n"
            }
        }
        html.link(wording.text("dashboard.open"), link)
        self.text = text + "\n" + link + "\n"
        self.html = html.document(subject, wording.language)
    }

    private static func table(_ panel: ReportPanel, _ words: ReportWords) -> (heads: [String], rows: [[String]]) {
        let shown = panel.columns.indices.filter { !panel.columns[$0].isBefore }
        let heads = panel.labels.map { words.column($0) } + shown.map { words.column(panel.columns[$0].name) }
        // Steps of time: the last ones tell most.
        let isTimed = panel.chart == .line || panel.chart == .area
        let rows = isTimed ? Array(panel.rows.suffix(rowsMax)) : Array(panel.rows.prefix(rowsMax))
        return (
            heads,
            rows.map { row in
                row.labels.map { words.label($0) }
                    + shown.filter { $0 < row.values.count }.map {
                        words.value(row.values[$0], panel.columns[$0].unit)
                    }
            }
        )
    }
}

/// HTML that mail programs draw: tables, styles in place, nothing loaded.
private struct LetterHTML {
    private var body = ""

    mutating func heading(_ name: String, _ days: String) {
        body += "<h1 style=\"font-size:22px;margin:0 0 4px\">\(escaped(name))</h1>"
        body += "<p style=\"margin:0 0 20px;color:#5c6660\">\(escaped(days))</p>"
    }

    mutating func title(_ text: String) {
        body += "<h2 style=\"font-size:16px;margin:24px 0 8px;border-bottom:1px solid #d9e0dc\">\(escaped(text))</h2>"
    }

    mutating func line(_ text: String) {
        body += "<p style=\"margin:4px 0;color:#5c6660\">\(escaped(text))</p>"
    }

    mutating func figure(_ name: String, _ value: String, _ before: String) {
        body += "<p style=\"margin:4px 0\">\(escaped(name)): <strong>\(escaped(value))</strong>"
        body += before.isEmpty ? "</p>" : " <span style=\"color:#5c6660\">\(escaped(before))</span></p>"
    }

    mutating func table(_ heads: [String], _ rows: [[String]]) {
        body += "<table style=\"border-collapse:collapse;width:100%\"><tr>"
        for head in heads { body += "<th style=\"text-align:left;padding:4px 8px 4px 0\">\(escaped(head))</th>" }
        body += "</tr>"
        for row in rows {
            body += "<tr>"
            for cell in row {
                body += "<td style=\"padding:4px 8px 4px 0;border-top:1px solid #e8edea\">\(escaped(cell))</td>"
            }
            body += "</tr>"
        }
        body += "</table>"
    }

    mutating func link(_ text: String, _ href: String) {
        body += "<p style=\"margin:24px 0 0\"><a href=\"\(escaped(href))\">\(escaped(text))</a></p>"
    }

    func document(_ title: String, _ language: String) -> String {
        """
        <!doctype html><html lang="\(language)"><head><meta charset="utf-8"><title>\(escaped(title))</title></head>\
        <body style="margin:0;background:#f4f6f5"><div style="max-width:640px;margin:0 auto;padding:24px;\
        background:#fff;color:#16201b;font:14px/1.5 -apple-system,'PingFang SC','Microsoft YaHei',sans-serif">\
        \(body)</div></body></html>
        """
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
