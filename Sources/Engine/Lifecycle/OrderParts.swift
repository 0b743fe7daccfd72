import Storage

/// How the orders lie in the analytics store at this moment: nearly all of them in one merged part, which holds every
/// order once, and a tail of small parts with what came since.
///
/// Merging versions at query time (`FINAL`) reads the keys and versions of all orders. Nobody has to when it is known
/// which rows can have another version: those of people in the tail.
struct OrderParts: Equatable, Sendable {
    /// The merged part.
    let main: String
    /// The others, empty when there is nothing but `main`.
    let tail: [String]

    /// The tail may hold so many of the rows of `main`, 1 in …, else `FINAL` over everything is as good.
    private static let tailShare: Int64 = 100

    /// Nil when the rows do not lie so, and on a cluster, where the parts are those of many nodes.
    /// Throws: `StorageError`.
    static func load(_ analytics: any AnalyticsStore) async throws -> OrderParts? {
        let table = try await analytics.query(
            """
            SELECT name, toInt64(rows), toInt64(level) FROM system.parts
            WHERE database = currentDatabase() AND table = 'orders' AND active ORDER BY rows DESC, name
            """)
        let (names, rows, levels) = (try table.strings(0), try table.ints(1), try table.ints(2))
        // Level 0 is a part as it was loaded; a merge leaves one row of each order.
        guard let main = names.first, levels[0] > 0 else { return nil }
        guard rows.dropFirst().reduce(0, +) <= rows[0] / tailShare else { return nil }
        return OrderParts(main: main, tail: Array(names.dropFirst()))
    }

    /// The rows of `main`: every order once, among them older versions of what is in the tail.
    var mainRows: AnalyticsSQL {
        tail.isEmpty ? "orders" : "(SELECT profile_id, d, net, status, is_deleted FROM orders WHERE _part = \(main))"
    }

    /// Everybody with a row in the tail.
    var tailPeople: AnalyticsSQL { "SELECT profile_id FROM orders WHERE _part != \(main)" }

    /// The present rows of these people. In one part after the other, so the newest version is looked for here.
    var tailPeopleRows: AnalyticsSQL {
        """
        (SELECT profile_id, order_key, ver, d, net, status, is_deleted FROM orders
            WHERE profile_id IN (\(tailPeople))
            ORDER BY profile_id, order_key, ver DESC LIMIT 1 BY profile_id, order_key)
        """
    }
}
