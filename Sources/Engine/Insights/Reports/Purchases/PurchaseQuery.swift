import Storage

/// Reads orders that count, of everybody or of a segment.
struct PurchaseQuery {
    let question: ReportQuestion

    struct Sums {
        var (orders, revenue, items) = (0.0, 0.0, 0.0)
    }

    struct Category {
        var category: String
        var revenue: Double
        var orders: Double
        var buyers: Double
        var items: Double
    }

    /// Orders of the period: all that count, or those of the people in the segment.
    private var inPeriod: AnalyticsSQL {
        let days = ReportEvents.days(question.period.first, question.period.last)
        guard question.segment != nil else { return "\(OrderFacts.condition) AND \(days)" }
        return "\(OrderFacts.ofPeople) AND \(days) AND \(ReportEvents(question: question).people("profile_id"))"
    }

    func sums() async throws -> Sums {
        let table = try await question.analytics.query(
            "SELECT toInt64(count()), toInt64(sum(net)), toInt64(sum(quantity)) FROM orders AS o FINAL WHERE \(inPeriod)",
            limits: question.limits)
        func number(_ column: Int) throws -> Double { Double(try table.ints(column).first ?? 0) }
        return Sums(orders: try number(0), revenue: try number(1), items: try number(2))
    }

    func steps(_ step: ReportStep) async throws -> [Int64: (orders: Double, revenue: Double)] {
        let table = try await question.analytics.query(
            """
            SELECT \(step.sql(day: "d", time: "ts", question.zone)) AS step, toInt64(count()), toInt64(sum(net))
            FROM orders AS o FINAL WHERE \(inPeriod) GROUP BY step ORDER BY step
            """, limits: question.limits)
        var found: [Int64: (Double, Double)] = [:]
        let (steps, orders, revenue) = (try table.ints(0), try table.ints(1), try table.ints(2))
        for row in steps.indices { found[steps[row]] = (Double(orders[row]), Double(revenue[row])) }
        return found
    }

    /// By category of the lines, the most revenue first.
    func categories() async throws -> [Category] {
        let table = try await question.analytics.query(
            """
            SELECT category, toInt64(sum(amount)) AS revenue, toInt64(uniqExact(order_key)),
                toInt64(uniqExactIf(profile_id, profile_id != 0)), toInt64(sum(pieces))
            FROM (\(lines)) GROUP BY category ORDER BY revenue DESC, category
            """, limits: question.limits)
        let names = try table.strings(0)
        let (revenue, orders) = (try table.ints(1), try table.ints(2))
        let (buyers, items) = (try table.ints(3), try table.ints(4))
        return names.indices.map { row in
            Category(
                category: names[row], revenue: Double(revenue[row]), orders: Double(orders[row]),
                buyers: Double(buyers[row]), items: Double(items[row]))
        }
    }

    private var lines: AnalyticsSQL {
        """
        SELECT profile_id, order_key, category, amount, pieces FROM (
            SELECT profile_id, order_key, line_categories, line_amounts, line_quantities
            FROM orders AS o FINAL WHERE \(inPeriod))
        ARRAY JOIN line_categories AS category, line_amounts AS amount, line_quantities AS pieces
        """
    }

    /// Orders by the number of items, the last for so many and more.
    func baskets(most: Int64) async throws -> [(items: Int64, orders: Double)] {
        let table = try await question.analytics.query(
            """
            SELECT \(Self.basket(most)) AS items, toInt64(count()) FROM orders AS o FINAL WHERE \(inPeriod)
            GROUP BY items ORDER BY items
            """, limits: question.limits)
        return zip(try table.ints(0), try table.ints(1)).map { ($0, Double($1)) }
    }

    private static func basket(_ most: Int64) -> AnalyticsSQL {
        "if(quantity > \(most), toInt64(\(most)), toInt64(quantity))"
    }

    /// Throws: `ReportError.unknownPlace`, `StorageError`.
    func people(_ place: ReportPlace) async throws -> [Int64] {
        let statement: AnalyticsSQL
        switch place.kind {
        case "step":
            let step = ReportStep(rawValue: question.text("step")) ?? .day
            let at = step.sql(day: "d", time: "ts", question.zone)
            statement = """
                SELECT DISTINCT profile_id FROM (SELECT profile_id FROM orders AS o FINAL
                    WHERE \(inPeriod) AND profile_id != 0 AND \(at) = \(try place.number())) ORDER BY profile_id
                """
        case "basket":
            let items = try place.number()
            statement = """
                SELECT DISTINCT profile_id FROM (SELECT profile_id FROM orders AS o FINAL
                    WHERE \(inPeriod) AND profile_id != 0 AND \(Self.basket(10)) = \(items)) ORDER BY profile_id
                """
        default:
            statement = """
                SELECT DISTINCT profile_id FROM (\(lines)) WHERE category = \(place.value) AND profile_id != 0
                ORDER BY profile_id
                """
        }
        return try await question.analytics.query(statement, limits: question.limits).ints(0)
    }

    /// Calls `take` with everybody who bought something up to the period's last day. Throws: `StorageError`.
    func run(_ take: (PurchaseHistory) -> Void) async throws {
        let events = ReportEvents(question: question)
        let parts = try await OrderFacts.parts(question.analytics)
        for part in 0..<parts {
            try Task.checkCancellation()
            let table = try await question.analytics.query(
                """
                SELECT profile_id, toInt64(d) AS day, toInt64(count()) AS orders_n, toInt64(sum(net)) AS value
                FROM orders AS o FINAL WHERE \(OrderFacts.ofPeople)
                    AND d <= toDate(\(LocalCalendar.text(ofDay: question.period.last)))
                    AND intHash32(profile_id) % \(parts) = \(part) AND \(events.people("profile_id"))
                GROUP BY profile_id, day ORDER BY profile_id, day
                """,
                limits: QueryLimits(seconds: ReportQuestion.seconds, memoryBytes: 4_000_000_000, rows: 20_000_000))
            let (people, days) = (try table.ints(0), try table.ints(1))
            let (orders, net) = (try table.ints(2), try table.ints(3))
            var start = 0
            while start < people.count {
                var end = start
                while end < people.count, people[end] == people[start] { end += 1 }
                take(
                    PurchaseHistory(
                        person: people[start], days: Array(days[start..<end]), orders: Array(orders[start..<end]),
                        net: Array(net[start..<end])))
                start = end
            }
        }
    }
}
