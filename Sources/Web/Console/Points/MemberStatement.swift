import Engine
import Hummingbird
import NIOCore
import Storage

/// A member's statement, to be kept: on paper, and as the file that verifies by itself.
struct StatementModel: PageModel {
    var id: String
    var number: String
    var person: String?
    var printed: String
    var lines: [MemberModel.Line]
    var figures: [FigureModel]
    var isPartial: Bool
    var hash: String
    var sequence: String
}

enum MemberStatement {
    /// Lines on paper; the file has all.
    private static let printedLines = 1_000

    static func show(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("member")
        let facts = try await MemberFacts.load(id, request, lines: printedLines)
        let member = MemberBuilder(facts: facts, request: request).model()
        let model = StatementModel(
            id: member.id, number: member.number, person: member.person,
            printed: request.text("member.printed", ["time": request.wording.dateTime(request.now)]),
            lines: member.lines, figures: member.figures, isPartial: facts.page.next != nil,
            hash: facts.account.hash, sequence: request.wording.number(facts.account.sequence))
        return .page(
            Page(
                "points/statement", title: request.text("member.statement"),
                crumbs: [
                    Crumb(request.text("member.title"), "/members"),
                    Crumb(member.person ?? member.number, "/members/\(id)"),
                ], model: model))
    }

    /// The whole statement as JSON, written while it is sent.
    static func download(_ request: PageRequest) async throws -> Reply {
        let (id, now) = (try request.id("member"), request.now)
        let file: (name: String, body: ResponseBody)
        do {
            file = try await StatementFile.open(id, at: now, request.platform)
        } catch PointsError.accountNotFound {
            throw PageFailure.notFound
        }
        return .download(name: file.name, type: "application/json", file.body)
    }
}
