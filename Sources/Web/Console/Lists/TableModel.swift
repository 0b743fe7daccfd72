import Engine

/// A list as every page shows it: columns that sort and can be chosen, rows that open and can be selected, what may be
/// done with the selected ones, and the next page. Drawn by `parts/table`.
struct TableModel: Encodable, Sendable {
    /// The list's name, for its element ids and the kept choice of columns.
    var id: String
    var title: String
    var columns: [Column]
    var rows: [Row]
    /// Said above the table: `1,204 people`.
    var summary: String?
    var choice: ColumnChoice?
    /// What may be done with selected rows; without any, rows cannot be selected.
    var actions: [Action] = []
    /// Offers what is shown as a CSV file.
    var savesShown = false
    var next: String?
    var first: String?
    /// What `finished` makes of the rest: templates see stored facts only.
    private(set) var isSelectable = false
    private(set) var hasTools = false
    private(set) var hasPager = false

    init(_ id: String, title: String, columns: [Column], rows: [Row]) {
        self.id = id
        self.title = title
        self.columns = columns
        self.rows = rows
    }

    struct Column: Encodable, Sendable {
        var key: String
        var title: String
        /// `num` for figures.
        var style: String = ""
        var sort: Sort?
    }

    struct Sort: Encodable, Sendable {
        var href: String
        /// `ascending`, `descending`, or nil when the list is sorted by another column.
        var direction: String?
        /// The icon of the direction.
        var arrow: String?

        init(href: String, direction: String? = nil) {
            self.href = href
            self.direction = direction
            arrow = direction.map { $0 == "ascending" ? "up" : "down" }
        }
    }

    struct Row: Encodable, Sendable {
        var id: String
        var href: String?
        /// What a screen reader calls the row's box.
        var name: String
        var cells: [Cell]
    }

    struct Cell: Encodable, Sendable {
        var column: String
        /// The column's title, shown beside the value on a phone.
        var label = ""
        var text: String
        /// Classes of `table.css`: `num`, `strong`, `soft`, `nowrap`, `mono`.
        var style = ""
        var href: String?
        /// A second, smaller line.
        var note: String?
        /// The tone of a chip, or a stage's dot.
        var chip: String?
        var dot: String?
        var avatar: String?
        /// What the cell opens beside the list.
        var drawer: String?
        /// A small button that posts to this path, named by `text`; in lists whose rows cannot be selected.
        var post: String?

        init(
            _ column: String, _ text: String, style: String = "", href: String? = nil, note: String? = nil,
            chip: String? = nil, dot: String? = nil, avatar: String? = nil, drawer: String? = nil, post: String? = nil
        ) {
            self.column = column
            self.text = text
            self.style = style
            self.href = href
            self.note = note
            self.chip = chip
            self.dot = dot
            self.avatar = avatar
            self.drawer = drawer
            self.post = post
        }
    }

    /// A button for the selected rows; their ids are posted as `id`.
    struct Action: Encodable, Sendable {
        var title: String
        var path: String
        var tone: String = ""
        /// Asked before, when it cannot be taken back.
        var question: String?
    }

    /// The form in which a person chooses the columns.
    struct ColumnChoice: Encodable, Sendable {
        struct Box: Encodable, Sendable {
            var key: String
            var title: String
            var checked: String?
        }

        var path: String
        /// Where to come back to.
        var back: String
        var boxes: [Box]
    }
}

extension TableModel {
    /// Keeps the columns that the person chose, in the list's order, and labels the cells.
    ///
    /// - Parameter always: the column that names the row and is never left out.
    mutating func choose(_ chosen: [String]?, usual: [String], always: String, _ request: PageRequest) {
        let wanted = Set(chosen ?? usual).union([always])
        let all = columns
        choice = ColumnChoice(
            path: "/lists/\(id)/columns", back: request.path + "?" + request.query.query(),
            boxes: all.filter { $0.key != always }.map {
                ColumnChoice.Box(
                    key: $0.key, title: $0.title, checked: wanted.contains($0.key) ? "checked" : nil)
            })
        columns = all.filter { wanted.contains($0.key) }
        rows = rows.map { row in
            var row = row
            row.cells = row.cells.filter { wanted.contains($0.column) }
            return row
        }
    }

    /// Gives every cell its column's title and style. Call it last.
    func finished() -> TableModel {
        var table = self
        table.isSelectable = !actions.isEmpty
        table.hasTools = summary != nil || choice != nil || savesShown
        table.hasPager = next != nil || first != nil
        let byKey = Dictionary(columns.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        table.rows = rows.map { row in
            var row = row
            row.cells = row.cells.map { cell in
                var cell = cell
                cell.label = byKey[cell.column]?.title ?? ""
                if byKey[cell.column]?.style == "num", !cell.style.contains("num") { cell.style += " num" }
                return cell
            }
            return row
        }
        return table
    }
}
