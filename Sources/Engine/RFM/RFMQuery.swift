import Science
import Storage

/// Reads one row a customer from the analytics store.
struct RFMQuery {
    let settings: RFMSettings
    /// The day that recency is counted from; later orders are left out.
    let asOf: Int64

    /// Customers by ascending id. Throws: `StorageError`.
    func run(_ analytics: any AnalyticsStore, currency: String) async throws -> RFMCustomers {
        let table = try await analytics.query(sql, limits: OrderFacts.limits)
        let recency = try table.ints(1)
        let frequency = try table.ints(2)
        let net = try table.ints(3)
        let monetary: [Int64]
        switch settings.monetary {
        case .netSpend: monetary = net
        case .averageOrder: monetary = zip(net, frequency).map(Self.average)
        }
        let unit = (0..<CurrencyScale.digits(currency)).reduce(Int64(1)) { unit, _ in unit * 10 }
        return RFMCustomers(
            ids: try table.ints(0),
            columns: RFMColumns(recency: recency, frequency: frequency, monetary: monetary, monetaryUnit: unit),
            netSpend: net)
    }

    var sql: AnalyticsSQL {
        let until: AnalyticsSQL = "d <= toDate(\(LocalCalendar.text(ofDay: asOf)))"
        var window = until
        if let days = settings.windowDays {
            window = window + " AND d > toDate(\(LocalCalendar.text(ofDay: asOf - Int64(days))))"
        }
        return """
            SELECT profile_id, \(asOf) - toInt64(max(d)) AS recency_days, toInt64(count()) AS orders_n,
            sum(net) AS value FROM \(OrderFacts.source) WHERE \(OrderFacts.condition) AND \(window)
            GROUP BY profile_id ORDER BY profile_id
            """
    }

    /// Half up; a customer in the window has at least one order.
    private static func average(_ net: Int64, _ orders: Int64) -> Int64 {
        let (quotient, rest) = net.quotientAndRemainder(dividingBy: max(orders, 1))
        return 2 * abs(rest) >= orders ? quotient + net.signum() : quotient
    }
}

/// The customers of a computation, by column.
package struct RFMCustomers: Sendable, Equatable {
    /// Ascending.
    package var ids: [Int64]
    package var columns: RFMColumns
    /// Net of returns, in minor units, whatever monetary means.
    package var netSpend: [Int64]

    package var count: Int { ids.count }
}
