import Engine
import Storage

/// One transaction: its entries, which add up to zero, what it left behind, and the text that was hashed.
struct PointsTransactionModel: PageModel {
    struct Entry: Encodable, Sendable {
        var ledger: String
        var side: String
        var lot: String
        var debit: String
        var credit: String
    }

    struct Fact: Encodable, Sendable {
        var name: String
        var value: String
        var href: String?
    }

    var member: String
    var memberHref: String
    var when: String
    var change: String
    var facts: [Fact]
    var entries: [Entry]
    var hash: String
    var before: String
    var text: String
}

enum PointsTransactionPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let (account, sequence) = (try request.id("member"), try request.id("sequence"))
        let found = try await request.platform.store.read { connection in
            let one = try PointsJournal.transaction(sequence, of: account, connection)
            let accounts = [account, one?.transaction.counterpart].compactMap(\.self)
            return (
                one, try PointsCurrencies.list(connection).map(\.currency),
                try AccountNames.load(accounts, connection)
            )
        }
        guard let (one, text, before) = found.0 else { throw PageFailure.notFound }
        let words = PointsWords(found.1, request.wording)
        let name = found.2.name(account, seesPeople: request.user.role.may(.readPeople), request.wording)
        let model = PointsTransactionModel(
            member: name, memberHref: found.2.href(account), when: request.wording.dateTime(one.at),
            change: words.change(one.change, one.currency), facts: facts(one, words, found.2, request),
            entries: one.entries.map { entry in
                let amount = words.amount(abs(entry.amount), one.currency)
                return PointsTransactionModel.Entry(
                    ledger: words.ledger(entry.ledger),
                    side: request.text(entry.ledger.isMembers ? "points.side_member" : "points.side_brand"),
                    lot: entry.lot == 0 ? "" : request.wording.number(entry.lot),
                    debit: entry.amount < 0 ? amount : "", credit: entry.amount > 0 ? amount : "")
            }, hash: one.hash, before: before, text: text)
        return .page(
            Page(
                "points/transaction", title: "\(words.kind(one.kind)) · \(words.full(one.principal, one.currency))",
                crumbs: [
                    Crumb(request.text("points.title"), "/points"),
                    Crumb(name, found.2.href(account)),
                ], model: model))
    }

    private static func facts(
        _ one: PointsTransaction, _ words: PointsWords, _ names: AccountNames, _ request: PageRequest
    ) -> [PointsTransactionModel.Fact] {
        var facts: [PointsTransactionModel.Fact] = []
        func add(_ key: String, _ value: String?, href: String? = nil) {
            guard let value, !value.isEmpty else { return }
            facts.append(
                PointsTransactionModel.Fact(name: request.text("points.fact_\(key)"), value: value, href: href))
        }
        add("number", request.wording.number(one.sequence))
        add("key", one.key ?? request.text("points.by_time"))
        add("subject", one.subject)
        if let other = one.counterpart {
            add("counterpart", request.text("points.open_account"), href: names.href(other))
        }
        if one.waived > 0 { add("waived", words.full(one.waived, one.currency)) }
        let after = one.after
        add("available", words.full(after.available, one.currency))
        if after.pending != 0 { add("pending", words.full(after.pending, one.currency)) }
        if after.held != 0 { add("held", words.full(after.held, one.currency)) }
        if after.owed != 0 { add("owed", words.full(-after.owed, one.currency)) }
        for (name, value) in one.note.sorted(by: { $0.key < $1.key }) {
            facts.append(
                PointsTransactionModel.Fact(
                    name: request.wording.known("points.note_\(name)") ?? name, value: value))
        }
        return facts
    }
}
