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
    var trial: String
    var isSetUp: Bool
    var sendings: [Sending]
    var hasSendings: Bool
    var said: String?
    var problem: String?

    struct Sending: Encodable, Sendable {
        var due: String
        var address: String
        var status: String
        var tone: String
        var detail: String
    }
}

enum DigestPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    /// Mails the digest as it would go out now to whoever asks.
    static func trial(_ request: PageRequest) async throws -> Reply {
        let (board, digest) = try await found(request)
        let letter = try await compose(board, digest, request)
        let outcome = await EmailChannel.overSMTP(connections: 1).write(
            EmailLetter(subject: letter.subject, html: letter.html, text: letter.text), to: request.user.email,
            request.platform)
        switch outcome {
        case .sent, .delivered:
            return try await answer(request, said: request.text("dashboard.trial_done", ["to": request.user.email]))
        case .retry(_, let detail, _), .bounced(_, let detail, _), .closed(_, let detail, _), .unknown(let detail):
            return try await answer(request, problem: request.text("dashboard.trial_failed", ["answer": detail]))
        }
    }

    private static func answer(
        _ request: PageRequest, said: String? = nil, problem: String? = nil
    ) async throws -> Reply {
        let (board, digest) = try await found(request)
        let (isSetUp, sendings) = try await request.platform.store.read {
            (try EmailSettings.load($0).isSetUp, try DigestSendings.list(board.id, $0))
        }
        let letter = try await compose(board, digest, request)
        let path = "/dashboards/\(board.id)/digest/letter"
        let next = digest.next(after: request.now, request.workspace.calendar)
        let model = DigestModel(
            subject: letter.subject, schedule: DigestWords.schedule(digest, request.wording),
            next: request.wording.dateTime(next), recipients: digest.recipients,
            hasRecipients: !digest.recipients.isEmpty, period: letter.period, text: letter.text, letter: path,
            asHTML: path + "?as=html", asText: path + "?as=text",
            trial: "/dashboards/\(board.id)/digest/trial", isSetUp: isSetUp,
            sendings: sendings.map { row($0, request.wording) }, hasSendings: !sendings.isEmpty, said: said,
            problem: problem)
        return .page(
            Page(
                "dashboards/digest", title: request.text("dashboard.digest"),
                crumbs: [
                    Crumb(request.text("insight.dashboard"), "/dashboard"),
                    Crumb(board.name, "/dashboards/\(board.id)"),
                ], model: model))
    }

    private static func row(_ sending: DigestSending, _ wording: Wording) -> DigestModel.Sending {
        let tone: String =
            switch sending.status {
            case .sent: "chip-good"
            case .refused, .unknown: "chip-bad"
            case .sending, .waiting: "chip-info"
            }
        return DigestModel.Sending(
            due: wording.dateTime(sending.dueAt), address: sending.address,
            status: wording.text("dashboard.sending_\(sending.status.rawValue)"), tone: tone,
            detail: wording.network(sending.detail))
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
        try await DigestLetter.compose(
            board, digest, at: request.now, request.workspace, request.wording, address: request.address,
            request.platform)
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
