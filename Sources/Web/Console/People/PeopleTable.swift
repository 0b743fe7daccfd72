import Engine

/// The list of people as a table: every column there is, of which each person chooses.
enum PeopleTable {
    private static let usual = ["person", "stage", "class", "orders", "spend", "last_order", "last_seen"]

    static func make(
        _ list: ProfileList, _ order: ProfileOrder, sources: [Source], columns: [String]?, _ request: PageRequest
    ) -> TableModel {
        let query = request.query
        func sort(_ by: ProfileOrder) -> TableModel.Sort {
            TableModel.Sort(
                href: "/people?" + query.query(changing: ["sort": by.rawValue, "cursor": nil]),
                direction: by == order ? "descending" : nil)
        }
        func column(_ key: String, _ title: String, _ style: String = "", _ by: ProfileOrder? = nil)
            -> TableModel.Column
        {
            TableModel.Column(key: key, title: request.text(title), style: style, sort: by.map(sort))
        }
        var table = TableModel(
            "people", title: request.text("people.title"),
            columns: [
                column("person", "people.person"), column("stage", "overview.stage"), column("class", "rfm.class"),
                column("orders", "overview.orders", "num"), column("spend", "people.spend", "num", .spend),
                column("average", "people.average", "num"), column("events", "people.events", "num"),
                column("first_order", "people.first_order"), column("last_order", "people.last_order"),
                column("first_seen", "people.first_seen"), column("last_seen", "people.last_seen", "", .lastSeen),
                column("source", "people.source"),
            ],
            rows: list.profiles.map { row($0, sources, request) })
        if request.user.role.may(.exportPeople) {
            table.actions = [TableModel.Action(title: request.text("exports.export_selected"), path: "/exports")]
        }
        if request.user.role.may(.manageSegments) {
            table.actions.append(TableModel.Action(title: request.text("tag.selected"), path: "/tags/selected"))
        }
        table.summary = request.text(
            order == .spend ? "people.by_spend" : "people.by_last_seen", count: Int64(list.profiles.count))
        table.next = list.nextCursor.map { "/people?" + query.query(changing: ["cursor": $0]) }
        table.first = query["cursor"] == nil ? nil : "/people?" + query.query(changing: ["cursor": nil])
        table.choose(columns, usual: usual, always: "person", request)
        return table.finished()
    }

    private static func row(_ profile: Profile, _ sources: [Source], _ request: PageRequest) -> TableModel.Row {
        let (wording, now) = (request.wording, request.now)
        let name = PersonName(profile, wording)
        let none = wording.text("frame.none")
        func day(_ milliseconds: Int64?) -> String {
            milliseconds.map { wording.shortDate(Timestamp(milliseconds: $0), now: now) } ?? none
        }
        let stage = StageChip(profile.stage, wording)
        let rfmClass = ClassWords.name(profile.rfmClass, wording)
        let average = profile.orderCount > 0 ? wording.money(profile.netSpend / profile.orderCount) : none
        return TableModel.Row(
            id: String(profile.id), href: "/people/\(profile.id)", name: name.text,
            cells: [
                TableModel.Cell(
                    "person", name.text, href: "/people/\(profile.id)",
                    note: wording.text(profile.isIdentified ? "people.known" : "people.anonymous"),
                    avatar: name.initial),
                TableModel.Cell("stage", stage?.title ?? none, style: "nowrap", dot: stage?.stage),
                TableModel.Cell("class", rfmClass ?? none, chip: rfmClass == nil ? nil : "chip-plain"),
                TableModel.Cell("orders", wording.number(profile.orderCount)),
                TableModel.Cell("spend", wording.money(profile.netSpend), style: "strong"),
                TableModel.Cell("average", average),
                TableModel.Cell("events", wording.number(profile.eventCount)),
                TableModel.Cell("first_order", day(profile.firstOrderMS), style: "nowrap"),
                TableModel.Cell("last_order", day(profile.lastOrderMS), style: "nowrap"),
                TableModel.Cell("first_seen", day(profile.firstSeenMS), style: "nowrap soft"),
                TableModel.Cell(
                    "last_seen", wording.ago(Timestamp(milliseconds: profile.lastSeenMS), now: now),
                    style: "nowrap soft"),
                TableModel.Cell("source", sources.first { $0.id == profile.sourceID }?.name ?? none, style: "soft"),
            ])
    }
}
