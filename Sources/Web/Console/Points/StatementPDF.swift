import Engine
import Hummingbird
import NIOCore

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
        let bytes = document(member, facts, request).bytes()
        return .download(
            name: "statement-\(facts.account.number).pdf", type: "application/pdf",
            ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private static func document(
        _ member: MemberModel, _ facts: MemberFacts, _ request: PageRequest
    ) -> PDFDocument {
        var document = PDFDocument()
        let pages = max(1, (member.lines.count + linesOnPage - 1) / linesOnPage)
        for page in 0..<pages {
            var top = head(member, &document, request)
            for line in member.lines.dropFirst(page * linesOnPage).prefix(linesOnPage) {
                document.write(line.time, x: left, top: top)
                document.write(line.kind, x: left + 105, top: top)
                document.write(PDFDocument.fit(line.detail, 165), x: left + 185, top: top, grey: 0.4)
                document.write(line.change, x: right - 95, top: top, .right)
                document.write(line.balance, x: right, top: top, .right)
                top += lineHeight
            }
            foot(page + 1, of: pages, facts, &document, request)
            document.endPage()
        }
        return document
    }

    /// Returns where the first line stands.
    private static func head(
        _ member: MemberModel, _ document: inout PDFDocument, _ request: PageRequest
    ) -> Double {
        document.write(request.text("member.statement"), x: left, top: 56, size: 16)
        document.write(request.workspace.name, x: right, top: 56, size: 10, .right, grey: 0.4)
        let name = [member.person, member.number].compactMap { $0 }.joined(separator: "  ")
        document.write(name, x: left, top: 76, size: 10)
        document.write(
            request.text("member.printed", ["time": request.wording.dateTime(request.now)]), x: right, top: 76,
            .right, grey: 0.4)
        let balances = member.figures.map { "\($0.name) \($0.value)" }.joined(separator: "   ")
        document.write(PDFDocument.fit(balances, right - left), x: left, top: 94)
        document.rule(top: 102, from: left, to: right)
        for (key, x, side) in [
            ("points.column_time", left, PDFDocument.Alignment.left), ("points.column_kind", left + 105, .left),
            ("points.column_key", left + 185, .left), ("points.column_change", right - 95, .right),
            ("points.column_balance", right, .right),
        ] {
            document.write(request.text(key), x: x, top: 116, side, grey: 0.4)
        }
        return 116 + lineHeight
    }

    private static func foot(
        _ page: Int, of pages: Int, _ facts: MemberFacts, _ document: inout PDFDocument, _ request: PageRequest
    ) {
        document.rule(top: 790, from: left, to: right)
        document.write("\(facts.account.sequence) · \(facts.account.hash)", x: left, top: 803, size: 7, grey: 0.4)
        document.write("\(page) / \(pages)", x: right, top: 803, size: 8, .right, grey: 0.4)
        guard facts.page.next != nil, page == pages else { return }
        document.write(
            request.text("member.statement_partial_pdf", count: Int64(linesMax)), x: left, top: 815, size: 7, grey: 0.4)
    }
}
