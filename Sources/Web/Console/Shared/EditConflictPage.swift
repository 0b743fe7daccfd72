import Engine

/// What somebody meets who saves a definition that was changed by somebody else since they opened it: both versions
/// side by side, and the choice between them. Nothing is saved until they choose.
struct EditConflictModel: PageModel {
    struct Row: Encodable, Sendable {
        var name: String
        var mine: String
        var theirs: String
        var differs: Bool
    }

    struct Hidden: Encodable, Sendable {
        var name: String
        var value: String
    }

    var rows: [Row]
    /// The form as it was sent, to be sent again.
    var fields: [Hidden]
    var revision: String
    var action: String
    var back: String
}

enum EditConflictPage {
    /// - Parameters:
    ///   - rows: what is compared: its name, as sent, and as stored now.
    ///   - back: the page that shows what is stored now.
    static func answer(
        _ request: PageRequest, _ conflict: EditConflict, rows: [(name: String, mine: String, theirs: String)],
        back: String
    ) -> Reply {
        let none = request.text("frame.none")
        let model = EditConflictModel(
            rows: rows.map { row in
                EditConflictModel.Row(
                    name: row.name, mine: row.mine.isEmpty ? none : row.mine,
                    theirs: row.theirs.isEmpty ? none : row.theirs, differs: row.mine != row.theirs)
            },
            fields: request.form.pairs.filter { $0.name != "csrf" && $0.name != "revision" }.map {
                EditConflictModel.Hidden(name: $0.name, value: $0.value)
            },
            revision: conflict.current.text, action: request.path, back: back)
        return .page(
            Page("conflict/page", title: request.text("conflict.title"), model: model, status: .conflict))
    }

    static func yesOrNo(_ value: Bool, _ request: PageRequest) -> String {
        request.text(value ? "frame.yes" : "frame.no")
    }
}
