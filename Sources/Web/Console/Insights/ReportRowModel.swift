import Engine
import Storage

/// A row of a report's form: an event with conditions on its properties.
struct ReportRowModel: Encodable, Sendable {
    /// A button that changes the form.
    struct Button: Encodable, Sendable {
        var value: String
        var title: String
    }

    struct Condition: Encodable, Sendable {
        var joint: String
        var property: String
        var tests: [Choice]
        var values: String
        var focus: String?
        var without: Button
    }

    /// What the row is called, for whoever cannot see where it stands.
    var place: String
    var names: String
    var conditions: [Condition]
    /// It says more than fields can: only JSON is shown.
    var isCode: Bool
    var code: String
    /// What the fields say as JSON.
    var example: String
    var focus: String?
    var remove: Button?
    var narrow: Button

    /// - Parameter change: what a button of the form did.
    init(
        _ row: ReportEventRow, _ index: Int, of name: String, _ place: String, mayGo: Bool, _ change: [String],
        _ request: PageRequest
    ) {
        self.place = place
        names = row.names
        isCode = !row.json.isEmpty
        code = row.json
        example = row.example
        remove = mayGo ? Button(value: "remove:\(name):\(index)", title: request.text("builder.remove")) : nil
        narrow = Button(value: "where:\(name):\(index)", title: request.text("insight.narrow"))
        let isNew = change == ["where", name, String(index)]
        conditions = row.conditions.enumerated().map { place, condition in
            Condition(
                joint: request.text(place == 0 ? "builder.where" : "builder.and"), property: condition.property,
                tests: ReportEventRow.tests.map { Choice($0, Self.words($0, request), chosen: condition.test) },
                values: condition.values,
                focus: isNew && place == row.conditions.count - 1 ? "autofocus" : nil,
                without: Button(
                    value: "unwhere:\(name):\(index):\(place)", title: request.text("builder.remove")))
        }
    }

    private static func words(_ test: String, _ request: PageRequest) -> String {
        request.wording.known("insight.test_\(test)") ?? request.text("builder.\(test)")
    }
}

/// The names that a form offers: events of the catalogue, and properties of those that are asked for.
struct ReportNames: Sendable {
    struct Event: Encodable, Sendable {
        var name: String
        /// What the catalogue says of it.
        var title: String?
    }

    /// The busiest first.
    var events: [Event] = []
    /// By the parameter whose events have them; of a list those of the first event.
    var properties: [String: [String]] = [:]
    /// Properties of the other events of lists.
    private(set) var others: Set<String> = []

    /// Events of which properties are looked up.
    private static let eventsMax = 20

    /// Throws: `StorageError`.
    static func load(_ draft: ReportDraft, _ connection: any SQLConnection) throws -> ReportNames {
        var names = ReportNames()
        guard !draft.rows.isEmpty else { return names }
        names.events = try CatalogueList.events(connection).filter { !$0.isBlocked }.map {
            Event(name: $0.name, title: $0.description.isEmpty ? nil : $0.description)
        }
        var known: [String: [String]] = [:]
        func properties(_ events: [String]) throws -> [String] {
            var found: Set<String> = []
            for event in events where known[event] != nil || known.count < eventsMax {
                let own = try known[event] ?? CatalogueList.properties(of: event, connection).map(\.name)
                known[event] = own
                found.formUnion(own)
            }
            return found.sorted()
        }
        for (parameter, rows) in draft.rows.sorted(by: { $0.key < $1.key }) {
            names.properties[parameter] = try properties(rows.first?.nameList ?? [])
            for row in rows.dropFirst() { names.others.formUnion(try properties(row.nameList)) }
        }
        return names
    }
}
