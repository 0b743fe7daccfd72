import Storage

/// The scalars of a JSON object by name: what conditions on traits and properties read, in memory and in the analytics
/// store. A list gives its name several times, an object inside gives `name.member`; null and empty lists give nothing.
package struct FlatValues: Sendable, Equatable {
    package private(set) var names: [String] = []
    package private(set) var values: [CriteriaValue] = []

    /// Scalars kept of one object, and levels looked into.
    static let countLimit = 200
    static let depthLimit = 4

    package init() {}

    /// The members in the order of their names. `calendar` nil: no dates are read (as of event properties).
    init(_ members: [String: JSONValue], _ calendar: LocalCalendar?) {
        append(members, prefix: "", depth: 0, calendar)
    }

    /// From JSON text that was validated before; anything but an object gives nothing.
    init(parsing text: String, _ calendar: LocalCalendar?) {
        self.init()
        guard text.utf8.count > 2 else { return }
        do {
            guard case .object(let members) = try JSONValue(parsing: text) else { return }
            append(members, prefix: "", depth: 0, calendar)
        } catch {
            // Only validated objects are logged.
        }
    }

    private mutating func append(
        _ members: [String: JSONValue], prefix: String, depth: Int, _ calendar: LocalCalendar?
    ) {
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            append(value, as: prefix.isEmpty ? name : prefix + "." + name, depth: depth, calendar)
        }
    }

    private mutating func append(_ value: JSONValue, as name: String, depth: Int, _ calendar: LocalCalendar?) {
        guard names.count < Self.countLimit, depth < Self.depthLimit else { return }
        switch value {
        case .object(let members): append(members, prefix: name, depth: depth + 1, calendar)
        case .array(let elements):
            for element in elements { append(element, as: name, depth: depth + 1, calendar) }
        default:
            guard let scalar = CriteriaValue(value, calendar) else { return }
            names.append(name)
            values.append(scalar)
        }
    }

    /// Whether some value of the name passes.
    func contains(_ name: String, where passes: (CriteriaValue) -> Bool) -> Bool {
        for index in names.indices where names[index] == name && passes(values[index]) { return true }
        return false
    }

    func first(_ name: String) -> CriteriaValue? {
        names.firstIndex(of: name).map { values[$0] }
    }
}

extension FlatValues {
    /// From three columns of a row of the analytics table `events`, beginning at `columns`: names, texts, numbers.
    /// Throws: `StorageError.unexpectedValue`.
    init(_ table: AnalyticsTable, columns: Int, row: Int, only wanted: [String]? = nil) throws {
        guard case .strings(let names) = table.columns[columns], case .strings(let texts) = table.columns[columns + 1],
            case .int64s(let numbers) = table.columns[columns + 2]
        else {
            throw StorageError.unexpectedValue(column: columns, expected: "arrays", found: table.names[columns])
        }
        self.init()
        for index in names[row].indices where wanted?.contains(names[row][index]) ?? true {
            self.names.append(names[row][index])
            values.append(
                CriteriaValue(text: texts[row][index], number: numbers[row][index], date: CriteriaValue.noDate))
        }
    }
}
