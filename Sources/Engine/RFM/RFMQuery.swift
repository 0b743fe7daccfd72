import Science
import Storage

/// Reads one row a customer from the analytics store.
struct RFMQuery {
    let settings: RFMSettings
    /// The day that recency is counted from; later orders are left out.
    let asOf: Int64

    /// Customers by ascending id. Throws: `StorageError`.
    func run(_ analytics: any AnalyticsStore, currency: String) async throws -> RFMCustomers {
        let rows: RFMRows
        if let read = try await readByParts(analytics) {
            rows = read
        } else {
            rows = try await read(OrderFacts.source, analytics)
        }
        let frequency = rows.frequency
        let net = rows.net
        let monetary: [Int64]
        switch settings.monetary {
        case .netSpend: monetary = net
        case .averageOrder: monetary = zip(net, frequency).map(Self.average)
        }
        let unit = (0..<CurrencyScale.digits(currency)).reduce(Int64(1)) { unit, _ in unit * 10 }
        return RFMCustomers(
            ids: rows.ids,
            columns: RFMColumns(recency: rows.recency, frequency: frequency, monetary: monetary, monetaryUnit: unit),
            netSpend: net)
    }

    /// Without merging versions at query time; nil when the rows do not lie so, or moved meanwhile.
    private func readByParts(_ analytics: any AnalyticsStore) async throws -> RFMRows? {
        guard let parts = try await OrderParts.load(analytics) else { return nil }
        var rows = try await read(parts.mainRows, analytics)
        if !parts.tail.isEmpty {
            let people = try await analytics.query(
                "SELECT toInt64(profile_id) AS id FROM (\(parts.tailPeople)) GROUP BY id ORDER BY id",
                limits: OrderFacts.limits)
            let anew = try await read(parts.tailPeopleRows, analytics)
            rows = rows.replacing(people: try people.ints(0), with: anew)
        }
        return try await OrderParts.load(analytics) == parts ? rows : nil
    }

    private func read(_ source: AnalyticsSQL, _ analytics: any AnalyticsStore) async throws -> RFMRows {
        let table = try await analytics.query(sql(source), limits: OrderFacts.limits)
        return RFMRows(
            ids: try table.ints(0), recency: try table.ints(1), frequency: try table.ints(2), net: try table.ints(3))
    }

    func sql(_ source: AnalyticsSQL) -> AnalyticsSQL {
        let until: AnalyticsSQL = "d <= toDate(\(LocalCalendar.text(ofDay: asOf)))"
        var window = until
        if let days = settings.windowDays {
            window = window + " AND d > toDate(\(LocalCalendar.text(ofDay: asOf - Int64(days))))"
        }
        return """
            SELECT toInt64(profile_id) AS id, \(asOf) - toInt64(max(d)) AS recency_days, toInt64(count()) AS orders_n,
            sum(net) AS value FROM \(source) WHERE \(OrderFacts.ofPeople) AND \(window)
            GROUP BY profile_id ORDER BY profile_id
            """
    }

    /// Half up; a customer in the window has at least one order.
    private static func average(_ net: Int64, _ orders: Int64) -> Int64 {
        let (quotient, rest) = net.quotientAndRemainder(dividingBy: max(orders, 1))
        return 2 * abs(rest) >= orders ? quotient + net.signum() : quotient
    }
}

/// One row a customer, by ascending id.
struct RFMRows: Equatable {
    var ids: [Int64] = []
    var recency: [Int64] = []
    var frequency: [Int64] = []
    var net: [Int64] = []

    /// The same with the rows of some people taken out and others put in their places.
    /// - Parameters:
    ///   - people: ascending.
    ///   - anew: rows of these people only; who is missing has no order that counts.
    func replacing(people: [Int64], with anew: RFMRows) -> RFMRows {
        var merged = RFMRows()
        merged.makeRoom(for: ids.count + anew.ids.count)
        var place = 0
        var row = 0
        var replaced = people.startIndex
        while row < ids.count || place < anew.ids.count {
            let id = row < ids.count ? ids[row] : .max
            if place < anew.ids.count, anew.ids[place] <= id {
                if anew.ids[place] == id { row += 1 }
                merged.append(anew, place)
                place += 1
                continue
            }
            while replaced < people.endIndex, people[replaced] < id { replaced += 1 }
            if replaced == people.endIndex || people[replaced] != id { merged.append(self, row) }
            row += 1
        }
        return merged
    }

    private mutating func makeRoom(for count: Int) {
        ids.reserveCapacity(count)
        recency.reserveCapacity(count)
        frequency.reserveCapacity(count)
        net.reserveCapacity(count)
    }

    private mutating func append(_ rows: RFMRows, _ row: Int) {
        ids.append(rows.ids[row])
        recency.append(rows.recency[row])
        frequency.append(rows.frequency[row])
        net.append(rows.net[row])
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
