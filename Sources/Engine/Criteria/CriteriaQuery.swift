import Storage

/// A definition as analytics SQL. The same text runs on the embedded store and on a cluster.
package struct CriteriaQuery: Sendable {
    /// Answers one row a person to whom the definition applies: `pid`.
    package let matching: AnalyticsSQL

    /// `criteria` has the definitions of other segments in it (`Criteria.expanded`).
    package init(_ criteria: Criteria, _ clock: CriteriaClock, scope: CriteriaScope = .everybody) {
        var compiler = CriteriaCompiler(clock)
        let condition = criteria.root.sql(&compiler)
        // Whoever has to meet a condition of the row of a person alone need not be put together with anything else.
        var required: [AnalyticsSQL] = []
        if case .all(let nodes) = criteria.root {
            for node in nodes where CriteriaCompiler.isOfProfile(node, clock) { required.append(node.sql(&compiler)) }
        }
        var source = compiler.rows(scope, required: required)
        if !compiler.derived.isEmpty {
            let list = compiler.derived.map { ", \($0.expression.text) AS \($0.alias)" }.joined()
            // By name, not `*`: an old server forgets columns that only a lambda uses.
            let columns = AnalyticsSQL(text: compiler.columnNames.map { ", " + $0 }.joined())
            source = "SELECT pid\(columns)\(AnalyticsSQL(text: list)) FROM (\(source))"
        }
        matching = "SELECT pid FROM (\(source)) WHERE \(condition)"
    }

    /// How many people there are.
    package var count: AnalyticsSQL { "SELECT count() AS people FROM (\(matching))" }

    /// Up to `limit` of them, always the same ones, spread over everybody.
    package func sample(_ limit: Int) -> AnalyticsSQL {
        "SELECT pid FROM (\(matching)) ORDER BY intHash32(pid), pid LIMIT \(limit)"
    }

    /// Everybody in the order of their ids, from beyond `after`, `limit` at the most.
    package func page(after: Int64, limit: Int) -> AnalyticsSQL {
        "SELECT pid FROM (\(matching)) WHERE pid > \(after) ORDER BY pid LIMIT \(limit)"
    }
}
