import Engine
import Hummingbird
import NIOCore
import Storage

/// The member's statement: what there is, when it lapses, what happened.
struct CentrePointsModel: PageModel {
    struct Month: Encodable, Sendable {
        var month: String
        var amount: String
    }

    struct Waiting: Encodable, Sendable {
        var amount: String
        var when: String
    }

    struct Lapsing: Encodable, Sendable {
        var name: String
        var months: [Month]
        var waiting: [Waiting]
        var hasMonths: Bool
        var hasWaiting: Bool
    }

    struct Line: Encodable, Sendable {
        var kind: String
        var detail: String?
        var time: String
        var change: String
        var isGain: Bool
        var balance: String
    }

    var balances: [CentreBalance]
    var lapsing: [Lapsing]
    var lines: [Line]
    var isEmpty: Bool
    var next: String?
    var first: String?
}

enum CentrePoints {
    private static let linesShown = 20
    private static let linesPrinted = 2_000

    static func show(_ request: CentreRequest) async throws -> CentreReply {
        let (member, before) = (request.account.id, request.query.int("before"))
        let (money, page) = try await request.platform.store.read { connection in
            (
                try CentreMoney.load(member, connection),
                try PointsStatement.lines(
                    of: member, currency: nil, before: before, limit: linesShown, connection)
            )
        }
        let words = PointsWords(money.currencies, request.wording)
        let model = CentrePointsModel(
            balances: money.balances(request, lapses: 0), lapsing: lapsing(money, words, request),
            lines: page.transactions.map { line($0, words, request) }, isEmpty: page.transactions.isEmpty,
            next: page.next.map { "/m/points?before=\($0.sequence)" }, first: before == nil ? nil : "/m/points")
        return .page(
            CentrePage("points", title: request.text("centre.place_points"), place: "points", model: model))
    }

    /// The whole statement, which verifies by itself.
    static func json(_ request: CentreRequest) async throws -> CentreReply {
        let file = try await StatementFile.open(request.account.id, at: request.now, request.platform)
        return .download(name: file.name, type: "application/json", file.body)
    }

    static func pdf(_ request: CentreRequest) async throws -> CentreReply {
        let member = request.account.id
        let (money, page) = try await request.platform.store.read { connection in
            (
                try CentreMoney.load(member, connection),
                try PointsStatement.lines(
                    of: member, currency: nil, before: nil, limit: linesPrinted, connection)
            )
        }
        let words = PointsWords(money.currencies, request.wording)
        let paper = StatementPaper(
            person: request.session.name, number: PointsWords.number(money.account.number),
            figures: money.balances(request, lapses: 0).map { FigureModel($0.name, $0.available) },
            lines: page.transactions.map { one in
                let line = line(one, words, request)
                return StatementPaper.Line(
                    time: line.time, kind: line.kind, detail: line.detail ?? "", change: line.change,
                    balance: line.balance)
            }, sequence: money.account.sequence, hash: money.account.hash, isPartial: page.next != nil)
        let bytes = StatementPDF.document(
            paper, request.wording,
            workspace: request.settings.brandName.isEmpty
                ? request.workspace.name : request.settings.brandName, at: request.now
        ).bytes()
        return .download(
            name: "statement-\(money.account.number).pdf", type: "application/pdf",
            ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private static func lapsing(
        _ money: CentreMoney, _ words: PointsWords, _ request: CentreRequest
    ) -> [CentrePointsModel.Lapsing] {
        money.currencies.compactMap { currency in
            let code = currency.code
            var months: [(month: String, amount: Int64)] = []
            for lapse in money.lapses(code, after: request.now) {
                let month = request.wording.month(lapse.at.adding(milliseconds: -1))
                if months.last?.month == month {
                    months[months.count - 1].amount += lapse.amount
                } else {
                    months.append((month, lapse.amount))
                }
            }
            let waiting = money.lots.filter { $0.currency == code && $0.isPending && $0.remaining > 0 }.map { lot in
                CentrePointsModel.Waiting(
                    amount: words.amount(lot.remaining, code),
                    when: lot.availableAt.map {
                        request.text("centre.available_on", ["date": request.wording.date($0)])
                    }
                        ?? request.text("centre.available_later"))
            }
            guard !months.isEmpty || !waiting.isEmpty else { return nil }
            return CentrePointsModel.Lapsing(
                name: words.name(code),
                months: months.map { CentrePointsModel.Month(month: $0.month, amount: words.amount($0.amount, code)) },
                waiting: Array(waiting.prefix(linesShown)), hasMonths: !months.isEmpty, hasWaiting: !waiting.isEmpty)
        }
    }

    private static func line(
        _ one: PointsTransaction, _ words: PointsWords, _ request: CentreRequest
    ) -> CentrePointsModel.Line {
        let change =
            one.change == 0 ? words.amount(one.principal, one.currency) : words.change(one.change, one.currency)
        return CentrePointsModel.Line(
            kind: words.kind(one.kind),
            detail: [one.note["reward"], one.note["cause"], one.note["order"]].compactMap { $0 }.first,
            time: request.wording.dateTime(one.at), change: change, isGain: one.change > 0,
            balance: words.full(one.after.available + one.after.owed, one.currency))
    }
}
