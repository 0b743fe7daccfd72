import Storage

/// Turns conditions into columns of one row a person, and expressions over them.
///
/// People, events and orders are read apart, each grouped by person where the rows lie, and put together by `UNION ALL`
/// and one more grouping; so no join and no `IN` ever has to reach another shard, and events of merged people count
/// for whom they were merged into. Columns whose text is the same are computed once.
package struct CriteriaCompiler {
    package let clock: CriteriaClock
    private(set) var profileColumns: [Column] = []
    private(set) var eventColumns: [Column] = []
    private(set) var orderColumns: [Column] = []
    private(set) var derived: [(alias: String, expression: AnalyticsSQL)] = []
    /// Names of the events that matter.
    private(set) var eventNames: Set<String> = []
    private var earliest: Int64?
    private var hasUnboundedEvents = false

    struct Column {
        var alias: String
        var expression: AnalyticsSQL
        /// What stands for it in the rows of other tables.
        var empty: AnalyticsSQL
        /// The aggregate that puts rows of one person together.
        var merge: String
    }

    package init(_ clock: CriteriaClock) {
        self.clock = clock
    }

    /// A condition over the columns of `profiles`.
    mutating func profile(_ condition: AnalyticsSQL) -> AnalyticsSQL {
        let alias = Self.register(&profileColumns, "p", "toUInt8(\(condition))", empty: "toUInt8(0)", merge: "max")
        return "\(raw: alias) = 1"
    }

    enum Merge { case sum, min, max, numbers, texts }

    /// Whether a condition asks for nothing but the row of a person in `profiles`.
    static func isOfProfile(_ node: CriteriaNode, _ clock: CriteriaClock) -> Bool {
        var alone = CriteriaCompiler(clock)
        _ = node.sql(&alone)
        return alone.eventColumns.isEmpty && alone.orderColumns.isEmpty && alone.derived.isEmpty
    }

    /// An aggregate over the rows of `events` of one person; the filter says which rows it can need.
    mutating func events(_ aggregate: AnalyticsSQL, _ merge: Merge, _ filter: EventFilter, _ window: DayWindow)
        -> String
    {
        eventNames.formUnion(filter.names)
        if let from = window.milliseconds(clock).from {
            earliest = min(earliest ?? from, from)
        } else {
            hasUnboundedEvents = true
        }
        return Self.register(&eventColumns, "e", aggregate, empty: Self.empty(merge), merge: Self.name(merge))
    }

    /// An aggregate over the rows of `orders` of one person.
    mutating func orders(_ aggregate: AnalyticsSQL) -> String {
        Self.register(&orderColumns, "o", aggregate, empty: Self.empty(.sum), merge: Self.name(.sum))
    }

    /// Gives a name to an expression over the columns, so that a lambda can use it.
    mutating func derive(_ expression: AnalyticsSQL) -> String {
        if let known = derived.first(where: { $0.expression == expression }) { return known.alias }
        let alias = "h\(derived.count)"
        derived.append((alias, expression))
        return alias
    }

    private static func register(
        _ columns: inout [Column], _ prefix: String, _ expression: AnalyticsSQL, empty: AnalyticsSQL, merge: String
    ) -> String {
        if let known = columns.first(where: { $0.expression == expression && $0.merge == merge }) {
            return "g" + known.alias
        }
        let alias = "\(prefix)\(columns.count)"
        columns.append(Column(alias: alias, expression: expression, empty: empty, merge: merge))
        return "g" + alias
    }

    static let noLeast: Int64 = 9_000_000_000_000_000_002
    static let noMost: Int64 = -9_000_000_000_000_000_002

    private static func empty(_ merge: Merge) -> AnalyticsSQL {
        switch merge {
        case .sum: "toInt64(0)"
        case .min: "toInt64(\(noLeast))"
        case .max: "toInt64(\(noMost))"
        case .numbers: "emptyArrayInt64()"
        case .texts: "emptyArrayString()"
        }
    }

    private static func name(_ merge: Merge) -> String {
        switch merge {
        case .sum: "sum"
        case .min: "min"
        case .max: "max"
        case .numbers, .texts: "groupArrayArray"
        }
    }
}

extension CriteriaCompiler {
    /// What `rows` answers beside `pid`.
    var columnNames: [String] { (profileColumns + eventColumns + orderColumns).map { "g" + $0.alias } }

    /// One row a living person with all columns, for those in `scope`; where there is more than `profiles` to read, only for
    /// those who meet what is `required` (over the columns of profiles).
    func rows(_ scope: CriteriaScope, required: [AnalyticsSQL] = []) -> AnalyticsSQL {
        let columns = profileColumns + eventColumns + orderColumns
        if eventColumns.isEmpty && orderColumns.isEmpty {
            let list = columns.map { column -> AnalyticsSQL in ", \(column.expression) AS g\(raw: column.alias)" }
            return """
                SELECT profile_id AS pid\(AnalyticsSQL.concatenated(list)) FROM profiles AS p FINAL
                WHERE is_deleted = 0\(scope.condition)
                """
        }
        var parts = [people(scope, required)]
        if !eventColumns.isEmpty { parts.append(events(scope)) }
        if !orderColumns.isEmpty { parts.append(orders(scope)) }
        let merged = columns.map { column -> AnalyticsSQL in
            ", \(raw: column.merge)(\(raw: column.alias)) AS g\(raw: column.alias)"
        }
        return """
            SELECT pid\(AnalyticsSQL.concatenated(merged)) FROM (
            \(AnalyticsSQL(text: parts.map(\.text).joined(separator: " UNION ALL ")))
            )
            GROUP BY pid HAVING max(alive) = 1
            """
    }

    private func people(_ scope: CriteriaScope, _ required: [AnalyticsSQL]) -> AnalyticsSQL {
        let own = profileColumns.map { column -> AnalyticsSQL in ", \(column.expression) AS g\(raw: column.alias)" }
        let named = profileColumns.map { column -> AnalyticsSQL in
            ", g\(raw: column.alias) AS \(raw: column.alias)"
        }
        let condition =
            required.isEmpty ? "1 = 1" : AnalyticsSQL(text: required.map { "(\($0.text))" }.joined(separator: " AND "))
        return """
            SELECT pid, materialize(toUInt8(1)) AS alive\(AnalyticsSQL.concatenated(named))\
            \(Self.empties(eventColumns + orderColumns))
            FROM (SELECT profile_id AS pid\(AnalyticsSQL.concatenated(own)) FROM profiles AS p FINAL
                WHERE is_deleted = 0\(scope.condition)) WHERE \(condition)
            """
    }

    private func events(_ scope: CriteriaScope) -> AnalyticsSQL {
        let inner = eventColumns.map { column -> AnalyticsSQL in ", \(column.expression) AS \(raw: column.alias)" }
        let names = eventColumns.map { column -> AnalyticsSQL in ", \(raw: column.alias)" }
        var condition: AnalyticsSQL = "name IN (\(list: eventNames.sorted())) AND kind != 'system'"
        if !hasUnboundedEvents, let earliest {
            // Days of the rows may have been counted in another zone: two days are more than any difference.
            let day = LocalCalendar.text(ofDay: max(clock.calendar.day(of: Timestamp(milliseconds: earliest)) - 2, 1))
            condition = condition + " AND ts_ms >= \(earliest) AND d >= toDate(\(day))"
        }
        return """
            SELECT if(winner_id = 0, profile_id, winner_id) AS pid, materialize(toUInt8(0)) AS alive\
            \(Self.empties(profileColumns))\(AnalyticsSQL.concatenated(names))\(Self.empties(orderColumns))
            FROM (SELECT profile_id\(AnalyticsSQL.concatenated(inner)) FROM events
                WHERE \(condition)\(scope.eventCondition) GROUP BY profile_id) AS e
            ANY LEFT JOIN (SELECT profile_id, winner_id FROM profile_aliases AS x FINAL) AS a USING profile_id
            """
    }

    private func orders(_ scope: CriteriaScope) -> AnalyticsSQL {
        let inner = orderColumns.map { column -> AnalyticsSQL in ", \(column.expression) AS \(raw: column.alias)" }
        return """
            SELECT profile_id AS pid, materialize(toUInt8(0)) AS alive\
            \(Self.empties(profileColumns + eventColumns))\(AnalyticsSQL.concatenated(inner))
            FROM orders AS o FINAL
            WHERE is_deleted = 0 AND status IN ('completed', 'partially_refunded')\(scope.condition) GROUP BY profile_id
            """
    }

    /// Constants are spread out: an old server wants the same column constant on both sides of `UNION ALL`, or on none.
    private static func empties(_ columns: [Column]) -> AnalyticsSQL {
        .concatenated(
            columns.map { column -> AnalyticsSQL in ", materialize(\(column.empty)) AS \(raw: column.alias)" })
    }
}

extension AnalyticsSQL {
    static func concatenated(_ parts: [AnalyticsSQL]) -> AnalyticsSQL {
        AnalyticsSQL(text: parts.map(\.text).joined())
    }
}

/// Whom a query looks at.
package enum CriteriaScope: Sendable {
    case everybody
    /// One of `of` even parts by a hash of the person: for estimates.
    case part(of: Int64)
    /// These people; `merged`: ids that were merged into them.
    case people([Int64], merged: [Int64] = [])

    var condition: AnalyticsSQL {
        switch self {
        case .everybody: ""
        case .part(let parts): " AND intHash32(profile_id) < \(4_294_967_296 / parts)"
        case .people(let ids, _): " AND profile_id IN (\(list: ids))"
        }
    }

    var eventCondition: AnalyticsSQL {
        if case .people(let ids, let merged) = self { return " AND profile_id IN (\(list: ids + merged))" }
        return condition
    }
}
