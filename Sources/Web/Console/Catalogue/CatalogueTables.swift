import Engine

/// The catalogue's lists as tables.
enum CatalogueTables {
    static func events(
        _ events: [CatalogueList.Event], _ columns: [String]?, _ usual: [String], _ request: PageRequest
    ) -> TableModel {
        let query = request.query
        let (sorted, isAscending) = (query["sort"] ?? "volume", query["direction"] == "ascending")
        func column(_ key: String, _ title: String, _ style: String = "", sorts: Bool = false) -> TableModel.Column {
            let isHere = sorts && sorted == key
            let sort = TableModel.Sort(
                href: "/catalogue?"
                    + query.query(changing: [
                        "sort": key, "direction": isHere && !isAscending ? "ascending" : nil,
                    ]),
                direction: isHere ? (isAscending ? "ascending" : "descending") : nil)
            return TableModel.Column(key: key, title: request.text(title), style: style, sort: sorts ? sort : nil)
        }
        var table = TableModel(
            "catalogue", title: request.text("catalogue.events"),
            columns: [
                column("name", "catalogue.name", sorts: true), column("description", "catalogue.description"),
                column("volume", "catalogue.volume", "num", sorts: true),
                column("seen", "catalogue.last_seen", sorts: true), column("first", "catalogue.first_seen"),
                column("example", "catalogue.example"), column("state", "catalogue.state"),
            ],
            rows: events.map { row($0, request) })
        if request.user.role.may(.manageCatalogue) {
            table.actions = [
                TableModel.Action(title: request.text("catalogue.declare"), path: "/catalogue/selected/declare"),
                TableModel.Action(
                    title: request.text("catalogue.block"), path: "/catalogue/selected/block", tone: "button-bad",
                    question: request.text("catalogue.block_hint")),
            ]
        }
        table.summary = request.text("catalogue.names", count: Int64(events.count))
        table.savesShown = true
        table.choose(columns, usual: usual, always: "name", request)
        return table.finished()
    }

    private static func row(_ event: CatalogueList.Event, _ request: PageRequest) -> TableModel.Row {
        let wording = request.wording
        let href = "/catalogue/event?name=" + Fields.encoded(event.name)
        func ago(_ milliseconds: Int64) -> String {
            wording.ago(Timestamp(milliseconds: milliseconds), now: request.now)
        }
        let state = event.isBlocked ? "blocked" : event.isDeclared ? "declared" : "undeclared"
        return TableModel.Row(
            id: event.name, href: href, name: event.name,
            cells: [
                TableModel.Cell("name", event.name, style: "strong", href: href),
                TableModel.Cell("description", event.description, style: "soft wide"),
                TableModel.Cell("volume", wording.number(event.volume)),
                TableModel.Cell("seen", ago(event.lastSeenMS), style: "nowrap soft"),
                TableModel.Cell("first", ago(event.firstSeenMS), style: "nowrap soft"),
                TableModel.Cell("example", String(event.example.prefix(80)), style: "mono tiny wide"),
                TableModel.Cell(
                    "state", wording.text("catalogue.\(state)"),
                    chip: event.isBlocked ? "chip-bad" : event.isDeclared ? "chip-good" : "chip-plain"),
            ])
    }

    /// Properties or traits, each with a button that opens its declaration.
    static func fields(
        _ id: String, title: String, _ fields: [CatalogueList.Field], _ request: PageRequest
    ) -> TableModel {
        let wording = request.wording
        let mayManage = request.user.role.may(.manageCatalogue)
        var columns = [
            ("name", "catalogue.name", ""), ("type", "catalogue.type", ""), ("rules", "catalogue.declaration", ""),
            ("example", "catalogue.example", ""), ("volume", "catalogue.volume", "num"),
            ("seen", "catalogue.last_seen", ""),
        ].map { TableModel.Column(key: $0.0, title: wording.text($0.1), style: $0.2) }
        if mayManage { columns.append(TableModel.Column(key: "edit", title: "")) }
        var table = TableModel(
            id, title: title, columns: columns,
            rows: fields.map { field in
                var cells = cells(of: field, request)
                if mayManage {
                    let address =
                        "/catalogue/field?owner=\(Fields.encoded(field.owner))&name=\(Fields.encoded(field.name))"
                    cells.append(TableModel.Cell("edit", wording.text("catalogue.declare"), drawer: address))
                }
                return TableModel.Row(id: field.name, name: field.name, cells: cells)
            })
        table.savesShown = true
        return table.finished()
    }

    private static func cells(of field: CatalogueList.Field, _ request: PageRequest) -> [TableModel.Cell] {
        let wording = request.wording
        let seen = wording.text("catalogue.type_\(field.seenType.rawValue)")
        let declared = field.declaredType.map { wording.text("catalogue.type_\($0.rawValue)") }
        var rules = [field.traitClass.map { wording.text("person.class_\($0.rawValue)") }].compactMap { $0 }
        if field.isPersonal { rules.append(wording.text("catalogue.personal")) }
        if field.isRequired { rules.append(wording.text("catalogue.required")) }
        if field.isBlocked { rules.append(wording.text("catalogue.blocked")) }
        return [
            TableModel.Cell(
                "name", field.name, style: "strong", note: field.description.isEmpty ? nil : field.description),
            TableModel.Cell(
                "type", declared ?? seen, style: "nowrap", note: declared == nil || declared == seen ? nil : seen),
            TableModel.Cell("rules", rules.joined(separator: " · "), style: "soft"),
            TableModel.Cell("example", field.example, style: "mono tiny wide"),
            TableModel.Cell("volume", wording.compact(field.volume)),
            TableModel.Cell(
                "seen", wording.ago(Timestamp(milliseconds: field.lastSeenMS), now: request.now),
                style: "nowrap soft"),
        ]
    }
}
