import Engine
import Storage

/// Who is a member, and what each has.
struct MembersModel: PageModel {
    var search: String
    var count: String
    var table: TableModel?
    var hasCurrencies: Bool
    var isEmpty: Bool
    var isNothingFound: Bool
}

enum MembersPage {
    private static let rows = 50

    static func show(_ request: PageRequest) async throws -> Reply {
        let search = request.query.text("q").trimmingCharacters(in: .whitespaces)
        let before = request.query.int("before")
        let seesPeople = request.user.role.may(.readPeople)
        let found = try await request.platform.store.read { connection in
            let page = try MemberList.page(search: search, before: before, limit: rows, connection)
            return (
                rows: page.rows, next: page.next, count: try MemberList.count(connection),
                currencies: try PointsCurrencies.list(connection).map(\.currency),
                people: seesPeople
                    ? try PeopleByID.load(page.rows.map(\.profileID).filter { $0 != 0 }, connection) : []
            )
        }
        let words = PointsWords(found.currencies, request.wording)
        let names = Dictionary(found.people.map { ($0.id, PersonName($0, request.wording)) }) { first, _ in first }
        var table: TableModel?
        if !found.rows.isEmpty {
            var list = self.table(found.rows, found.currencies, names, words, request)
            list.next = found.next.map { "/members?" + request.query.query(changing: ["before": String($0)]) }
            list.first = before == nil ? nil : "/members?" + request.query.query(changing: ["before": nil])
            table = list.finished()
        }
        let isFiltered = !search.isEmpty || before != nil
        let model = MembersModel(
            search: search, count: request.text("member.count", count: found.count), table: table,
            hasCurrencies: !found.currencies.isEmpty, isEmpty: found.rows.isEmpty && !isFiltered,
            isNothingFound: found.rows.isEmpty && isFiltered)
        return .page(Page("points/members", title: request.text("member.title"), model: model))
    }

    private static func table(
        _ rows: [MemberList.Row], _ currencies: [PointsCurrency], _ names: [Int64: PersonName], _ words: PointsWords,
        _ request: PageRequest
    ) -> TableModel {
        var table = TableModel(
            "members", title: request.text("member.title"),
            columns: [
                TableModel.Column(key: "person", title: request.text("member.person")),
                TableModel.Column(key: "number", title: request.text("member.number")),
            ]
                + currencies.map {
                    TableModel.Column(key: $0.code, title: $0.name(request.wording.language), style: "num")
                } + [TableModel.Column(key: "since", title: request.text("member.since"))],
            rows: rows.map { row in
                let name = names[row.profileID]
                let known = name?.text ?? request.text(row.profileID == 0 ? "member.erased" : "member.member")
                return TableModel.Row(
                    id: String(row.id), href: "/members/\(row.id)", name: known,
                    cells: [
                        TableModel.Cell(
                            "person", known, href: "/members/\(row.id)", avatar: name?.initial ?? "·"),
                        TableModel.Cell("number", PointsWords.number(row.number), style: "mono nowrap long"),
                    ]
                        + currencies.map { currency in
                            let balance = row.balances[currency.code] ?? PointsBalance()
                            return TableModel.Cell(
                                currency.code, words.amount(balance.available + balance.owed, currency.code),
                                style: "strong",
                                note: balance.pending > 0
                                    ? request.text(
                                        "member.and_pending", ["amount": words.amount(balance.pending, currency.code)])
                                    : nil)
                        } + [
                            TableModel.Cell(
                                "since", request.wording.shortDate(row.openedAt, now: request.now), style: "soft nowrap"
                            )
                        ])
            })
        table.summary = request.text("points.newest", count: Int64(rows.count))
        table.savesShown = true
        return table
    }
}
