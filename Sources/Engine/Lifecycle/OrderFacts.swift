import Science
import Storage

/// The orders that count, as the analytics store has them: the base of the lifecycle and RFM models.
package enum OrderFacts {
    /// Present rows of orders that were placed and kept. `FINAL` picks the newest version of each.
    package static let source: AnalyticsSQL = "orders FINAL"
    package static let condition: AnalyticsSQL = "is_deleted = 0 AND status IN ('completed', 'partially_refunded')"

    /// The same without the orders that are nobody's (of people who were erased): they count in revenue, and in no
    /// figure about people.
    package static let ofPeople: AnalyticsSQL = condition + " AND profile_id != 0"

    /// Rows that one query may answer, and the orders above which the base is read in parts by person.
    static let limits = QueryLimits(seconds: 300, memoryBytes: 4_000_000_000, rows: 20_000_000, groupsInKeyOrder: true)
    static let partOrders: Int64 = 4_000_000

    /// In how many parts, divided by person, the orders are read, so that one part fits in memory.
    /// Throws: `StorageError`.
    static func parts(_ analytics: any AnalyticsStore) async throws -> Int64 {
        let table = try await analytics.query("SELECT count() AS c FROM orders")
        return (try table.ints(0).first ?? 0) / partOrders + 1
    }
}
