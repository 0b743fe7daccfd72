import Engine
import Hummingbird
import NIOCore

/// A dashboard's digest as it would go out now.
struct DigestModel: PageModel {
    var subject: String
    var schedule: String
    var next: String
    var recipients: [String]
    var hasRecipients: Bool
    var period: String
    var text: String
    var letter: String
    var asHTML: String
    var asText: String
}

enum DigestPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let (board, digest) = try await found(request)
        let letter = try await compose(board, digest, request)
        let path = "/dashboards/\(board.id)/digest/letter"
        let next = digest.next(after: request.now, request.workspace.calendar)
        let model = DigestModel(
            subject: letter.subject, schedule: DigestWords.schedule(digest, request.wording),
            next: request.wording.dateTime(next), recipients: digest.recipients,
            hasRecipients: !digest.recipients.isEmpty, period: letter.period, text: letter.text, letter: path,
            asHTML: path + "?as=html", asText: path + "?as=text")
        return .page(
            Page(
                "dashboards/digest", title: request.text("dashboard.digest"),
                crumbs: [
                    Crumb(request.text("insight.dashboard"), "/dashboard"),
                    Crumb(board.name, "/dashboards/\(board.id)"),
                ], model: model))
    }

    /// The letter by itself, or as a file.
    static func letter(_ request: PageRequest) async throws -> Reply {
        let (board, digest) = try await found(request)
        let letter = try await compose(board, digest, request)
        switch request.query["as"] {
        case "html":
            return .download(
                name: board.name + ".html", type: "text/html; charset=utf-8",
                ResponseBody(byteBuffer: ByteBuffer(string: letter.html)))
        case "text":
            return .download(
                name: board.name + ".txt", type: "text/plain; charset=utf-8",
                ResponseBody(byteBuffer: ByteBuffer(string: letter.text)))
        default: return .letter(letter.html)
        }
    }

    private static func found(_ request: PageRequest) async throws -> (Dashboard, DigestSchedule) {
        let board = try await BoardPage.found(request)
        guard let digest = board.layout.digest else { throw PageFailure.notFound }
        return (board, digest)
    }

    private static func compose(
        _ board: Dashboard, _ digest: DigestSchedule, _ request: PageRequest
    ) async throws -> DigestLetter {
        let period = digest.period(on: request.workspace.calendar.day(of: request.now))
        let reading = try await DashboardReading.make(
            board.layout, DashboardOverride(from: period.firstText, to: period.lastText), request.platform)
        return DigestLetter(
            board, reading, period, request.wording, link: request.address + "/dashboards/\(board.id)")
    }
}

/// A schedule in words.
enum DigestWords {
    static func hour(_ hour: Int) -> String { (hour < 10 ? "0" : "") + "\(hour):00" }

    static func schedule(_ digest: DigestSchedule?, _ wording: Wording) -> String {
        guard let digest else { return wording.text("dashboard.no_digest") }
        let values = [
            "hour": hour(digest.hour), "weekday": ReportWords(wording).label("weekday_\(digest.weekday)"),
            "day": wording.number(Int64(digest.day)),
        ]
        return wording.text("dashboard.every_\(digest.cadence.rawValue)", values)
    }
}
