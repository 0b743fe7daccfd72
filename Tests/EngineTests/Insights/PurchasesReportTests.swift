import Science
import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("The purchases report")
struct PurchasesReportTests {
    private static let asked = ["from": "2026-11-01", "to": "2026-11-30"]

    /// Money in yuan for the eye, in fen in the store.
    private static let history: BrandHistory = {
        var brand = BrandHistory()
        brand.people = (1...4).map { (Int64($0), "2026-09-01") }
        func order(_ person: Int64, _ day: String, _ yuan: Int64, _ categories: String..., status: String = "completed")
        {
            brand.orders.append(
                .init(person: person, at: "2026-" + day, net: yuan * 100, status: status, categories: categories))
        }
        order(1, "09-10", 100, "Tea")
        order(1, "11-05", 300, "Tea", "Pots", "Tea")
        order(1, "11-05", 100, "Tea")
        order(1, "11-15", 200, "Pots")
        order(2, "11-20", 200, "Tea")
        order(3, "10-02", 50, "Tea")
        order(3, "11-01", 100, "Cups", "Tea")
        order(4, "11-09", 900, "Pots", status: "cancelled")
        return brand
    }()

    @Test("orders, repurchase and cohorts are those counted by hand", arguments: AnalyticsKind.allCases)
    func figures(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-12-05") { platform in
            let report = try await PurchasesReport.made(platform, Self.asked)
            let figures = try report.panel("figures")
            let gini: Double = 2 * (10_000 + 2 * 20_000 + 3 * 60_000) / (3 * 90_000) - 4.0 / 3
            let expected: [(String, Double?)] = [
                ("orders", 5), ("revenue", 90_000), ("average_order", 18_000), ("basket_size", 8.0 / 5), ("buyers", 3),
                ("orders_per_buyer", 5.0 / 3), ("repurchase", 2.0 / 3), ("repurchase_interval", 30), ("new_buyers", 1),
                ("new_revenue", 2.0 / 9), ("gini", gini), ("top_tenth", 0),
            ]
            #expect(figures.figures.count == expected.count)
            for (name, value) in expected { #expect(try figures.figure(name).value == value, "\(name)") }
            #expect(try figures.figure("orders").before == 1)
            let categories = try report.panel("categories")
            // Three lines of 100, one of 100; 200; 50 of the two.
            let tea: [Double?] = [55_000, 55.0 / 90, 4, 3, 5]
            #expect(try categories.row("Tea").values == tea)
            #expect(try report.panel("baskets").rows.map { $0.values[0] } == [3, 1, 1])
            #expect(try report.panel("per_person").rows.map { $0.values[0] } == [2, 1])
            let intervals = try report.panel("intervals")
            #expect(try intervals.row("8–14").values[0] == 1 && intervals.row("31–60").values[0] == 1)
            let worth = try report.panel("worth")
            // September's, October's and November's: 350 yuan of three in the month of the first order.
            #expect(worth.rows[0].values[0] == 35_000.0 / 3)
            #expect(worth.rows[1].values[0] == (10_000 + 15_000) / 2 && worth.rows[2].values[0] == 70_000)
            #expect(worth.rows[1].people[0] == "followed:1")
            // The dashed line of the days before has people of its own.
            let trend = try report.panel("trend").rows[0]
            #expect(trend.people == ["step:20758", "step:20758", "step:20758", "before:20728", "before:20728"])
            let running = try await PurchasesReport.made(
                platform, ["from": "2026-12-01", "to": "2026-12-05", "step": "week"]
            ).panel("trend")
            #expect(running.rows.map(\.unfinished) == [[0, 1, 2]] && running.notes == ["unfinished"])
            let matrix = try report.panel("matrix")
            let september: [Double?] = [1, 10_000, 0, 60_000]
            #expect(try Array(matrix.row("2026-09").values.prefix(4)) == september)
            for (place, people) in [
                ("buyers", [1, 2, 3]), ("repeat", [1, 3]), ("first", [2]), ("orders:3", [1]), ("gap:8–14", [1]),
                ("cohort:24321", [3]), ("tenth:10", [3]), ("category:Cups", [3]),
                ("basket:3", [1]), ("step:20772", [1]), ("before:20728", [3]),
                ("followed:0", [1, 2, 3]), ("followed:1", [1, 3]), ("followed:2", [1]),
            ] as [(String, [Int64])] {
                #expect(try await PurchasesReport.ids(place, platform, Self.asked) == people, "\(place)")
            }
        }
    }

    @Test("inequality: all alike, all with one, and the example of four")
    func gini() {
        #expect(Concentration.gini([5, 5, 5]) == 0)
        #expect(Concentration.gini([0, 0, 0, 8]) == 0.75)
        #expect(Concentration.gini([1, 2, 3, 4]) == 0.25)
        #expect(Concentration.gini([]) == nil && Concentration.gini([0]) == nil)
        #expect(Concentration.tenths(of: 25).map(\.count).reduce(0, +) == 25)
    }
}
