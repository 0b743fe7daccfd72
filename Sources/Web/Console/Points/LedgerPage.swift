import Engine
import Storage

/// Every transaction of all members, the newest first.
struct LedgerModel: PageModel {
    var currencies: [Choice]
    var kinds: [Choice]
    var member: String
    var from: String
    var to: String
    var table: TableModel?
    var ignored: String?
    var hasCurrencies: Bool
    /// Nothing ever happened.
    var isEmpty: Bool
    var isNothingFound: Bool
    var mayManage: Bool
}

enum LedgerPage {
    private static let rows = 50

    static func show(_ request: PageRequest) async throws -> Reply {
        let query = request.query
        let calendar = request.workspace.calendar
        let number = query.text("member").filter { !$0.isWhitespace }
        let (from, to) = (request.day("from"), request.day("to"))
        let place = place(query.text("cursor"))
        let kind = PointsTransaction.Kind(rawValue: query.text("kind"))
        let currency = query["currency"].flatMap { $0.isEmpty ? nil : $0 }
        let found = try await request.platform.store.read { connection in
            let member = number.isEmpty ? nil : try PointsAccounts.numbered(number, connection)
            let filter = PointsJournal.Filter(
                currency: currency, kind: kind, account: number.isEmpty ? nil : member?.id ?? 0,
                from: from.map { calendar.start(ofDay: $0) }, to: to.map { calendar.start(ofDay: $0 + 1) })
            let page = try PointsJournal.page(filter, after: place, limit: rows, connection)
            return (
                page: page, currencies: try PointsCurrencies.list(connection).map(\.currency),
                people: try AccountNames.load(page.transactions.map(\.account), connection), member: member
            )
        }
        let isFiltered = query.pairs.contains { !$0.value.isEmpty }
        let words = PointsWords(found.currencies, request.wording)
        let isEmpty = found.page.transactions.isEmpty
        let model = LedgerModel(
            currencies: [Choice("", request.text("points.any_currency"), chosen: currency ?? "")]
                + found.currencies.map { Choice($0.code, words.name($0.code), chosen: currency ?? "") },
            kinds: [Choice("", request.text("points.any_kind"), chosen: kind?.rawValue ?? "")]
                + PointsTransaction.Kind.allCases.map {
                    Choice($0.rawValue, words.kind($0), chosen: kind?.rawValue ?? "")
                },
            member: query.text("member"), from: query.text("from"), to: query.text("to"),
            table: isEmpty ? nil : table(found.page, found.people, words, request),
            ignored: !number.isEmpty && found.member == nil ? request.text("points.no_such_member") : nil,
            hasCurrencies: !found.currencies.isEmpty, isEmpty: isEmpty && !isFiltered,
            isNothingFound: isEmpty && isFiltered, mayManage: request.user.role.may(.manageLoyalty))
        return .page(Page("points/ledger", title: request.text("points.title"), model: model))
    }

    private static func place(_ text: String) -> PointsJournal.Place? {
        let parts = text.split(separator: ".").compactMap { Int64($0) }
        return parts.count == 3 ? PointsJournal.Place(at: parts[0], account: parts[1], sequence: parts[2]) : nil
    }

    private static func table(
        _ page: PointsJournal.Page, _ people: AccountNames, _ words: PointsWords, _ request: PageRequest
    ) -> TableModel {
        func column(_ key: String, _ style: String = "") -> TableModel.Column {
            TableModel.Column(key: key, title: request.text("points.column_\(key)"), style: style)
        }
        let seesPeople = request.user.role.may(.readPeople)
        var table = TableModel(
            "ledger", title: request.text("points.ledger"),
            columns: [
                column("kind"), column("member"), column("amount", "num"), column("change", "num"),
                column("balance", "num"),
                column("key"), column("time"),
            ],
            rows: page.transactions.map { one in
                let href = "/members/\(one.account)/transactions/\(one.sequence)"
                return TableModel.Row(
                    id: "\(one.account)-\(one.sequence)", href: href, name: words.kind(one.kind),
                    cells: [
                        TableModel.Cell("kind", words.kind(one.kind), style: "strong", href: href),
                        TableModel.Cell(
                            "member", people.name(one.account, seesPeople: seesPeople, request.wording),
                            href: people.href(one.account)),
                        TableModel.Cell("amount", words.full(one.principal, one.currency), style: "nowrap"),
                        TableModel.Cell("change", words.change(one.change, one.currency), style: "strong nowrap"),
                        TableModel.Cell("balance", words.amount(one.after.available, one.currency), style: "soft"),
                        TableModel.Cell("key", one.key ?? request.text("points.by_time"), style: "soft mono long"),
                        TableModel.Cell("time", request.wording.dateTime(one.at), style: "nowrap soft"),
                    ])
            })
        let query = request.query
        table.summary = request.text("points.newest", count: Int64(page.transactions.count))
        table.savesShown = true
        table.next = page.next.map {
            "/points?" + query.query(changing: ["cursor": "\($0.at).\($0.account).\($0.sequence)"])
        }
        table.first = query["cursor"] == nil ? nil : "/points?" + query.query(changing: ["cursor": nil])
        return table.finished()
    }
}

/// Who the accounts of a list belong to.
struct AccountNames: Sendable {
    private var members: [Int64: MemberList.Row] = [:]
    private var pools: [Int64: String] = [:]
    private var people: [Int64: Profile] = [:]

    /// Throws: `StorageError`.
    static func load(_ accounts: [Int64], _ connection: any SQLConnection) throws -> AccountNames {
        var names = AccountNames()
        let rows = try MemberList.rows(Set(accounts).sorted(), connection)
        for row in rows {
            names.members[row.id] = row
            if row.isPool { names.pools[row.id] = try PointsPools.get(row.id, connection).name }
        }
        for person in try PeopleByID.load(rows.map(\.profileID).filter { $0 != 0 }, connection) {
            names.people[person.id] = person
        }
        return names
    }

    /// The person's name, for who may see people; else the member number.
    func name(_ account: Int64, seesPeople: Bool, _ wording: Wording) -> String {
        if let pool = pools[account] {
            let name = pool.isEmpty || !seesPeople ? wording.text("pool.nameless") : pool
            return wording.text("pool.named", ["name": name])
        }
        guard let member = members[account] else { return String(account) }
        guard seesPeople, let person = people[member.profileID] else { return PointsWords.number(member.number) }
        return PersonName(person, wording).text
    }

    /// The member's page, or the pool's.
    func href(_ account: Int64) -> String {
        pools[account] == nil ? "/members/\(account)" : "/points/pools/\(account)"
    }
}
