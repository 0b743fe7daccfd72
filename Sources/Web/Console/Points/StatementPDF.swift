import Engine
import Hummingbird
import NIOCore

/// What stands on a member's statement.
struct StatementPaper: Sendable {
    struct Line: Sendable {
        var time: String
        var kind: String
        var detail: String
        var change: String
        var balance: String
    }

    var person: String?
    var number: String
    var figures: [FigureModel]
    var lines: [Line]
    var sequence: Int64
    var hash: String
    /// There is more than stands on it.
    var isPartial: Bool
}

/// A member's statement as a PDF, the newest movement first.
enum StatementPDF {
    private static let linesMax = 2_000
    private static let (left, right) = (50.0, 545.0)
    private static let linesOnPage = 40
    private static let lineHeight = 16.0

    static func download(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("member")
        let facts = try await MemberFacts.load(id, request, lines: linesMax)
        let member = MemberBuilder(facts: facts, request: request).model()
        let paper = StatementPaper(
            person: member.person, number: member.number, figures: member.figures,
            lines: member.lines.map { line in
                StatementPaper.Line(
                    time: line.time, kind: line.kind, detail: line.detail, change: line.change, balance: line.balance)
            }, sequence: facts.account.sequence, hash: facts.account.hash, isPartial: facts.page.next != nil)
        let bytes = document(paper, request.wording, workspace: request.workspace.name, at: request.now).bytes()
        return .download(
            name: "statement-\(facts.account.number).pdf", type: "application/pdf",
            ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func document(
        _ paper: StatementPaper, _ wording: Wording, workspace: String, at now: Timestamp
    ) -> PDFDocument {
        var document = PDFDocument()
        let pages = max(1, (paper.lines.count + linesOnPage - 1) / linesOnPage)
        for page in 0..<pages {
            var top = head(paper, &document, wording, workspace: workspace, at: now)
            for line in paper.lines.dropFirst(page * linesOnPage).prefix(linesOnPage) {
                document.write(line.time, x: left, top: top)
                document.write(line.kind, x: left + 105, top: top)
                document.write(PDFDocument.fit(line.detail, 165), x: left + 185, top: top, grey: 0.4)
                document.write(line.change, x: right - 95, top: top, .right)
                document.write(line.balance, x: right, top: top, .right)
                top += lineHeight
            }
            foot(page + 1, of: pages, paper, &document, wording)
            document.endPage()
        }
        return document
    }

    /// Returns where the first line stands.
    private static func head(
        _ paper: StatementPaper, _ document: inout PDFDocument, _ wording: Wording, workspace: String,
        at now: Timestamp
    ) -> Double {
        document.write(wording.text("member.statement"), x: left, top: 56, size: 16)
        document.write(workspace, x: right, top: 56, size: 10, .right, grey: 0.4)
        let name = [paper.person, paper.number].compactMap { $0 }.joined(separator: "  ")
        document.write(name, x: left, top: 76, size: 10)
        document.write(
            wording.text("member.printed", ["time": wording.dateTime(now)]), x: right, top: 76, .right, grey: 0.4)
        let balances = paper.figures.map { "\($0.name) \($0.value)" }.joined(separator: "   ")
        document.write(PDFDocument.fit(balances, right - left), x: left, top: 94)
        document.rule(top: 102, from: left, to: right)
        for (key, x, side) in [
            ("points.column_time", left, PDFDocument.Alignment.left), ("points.column_kind", left + 105, .left),
            ("points.column_key", left + 185, .left), ("points.column_change", right - 95, .right),
            ("points.column_balance", right, .right),
        ] {
            document.write(wording.text(key), x: x, top: 116, side, grey: 0.4)
        }
        return 116 + lineHeight
    }

    private static func foot(
        _ page: Int, of pages: Int, _ paper: StatementPaper, _ document: inout PDFDocument, _ wording: Wording
    ) {
        document.rule(top: 790, from: left, to: right)
        document.write("\(paper.sequence) · \(paper.hash)", x: left, top: 803, size: 7, grey: 0.4)
        document.write("\(page) / \(pages)", x: right, top: 803, size: 8, .right, grey: 0.4)
        guard paper.isPartial, page == pages else { return }
        document.write(
            wording.text("member.statement_partial_pdf", count: Int64(linesMax)), x: left, top: 815, size: 7, grey: 0.4)
    }
}
