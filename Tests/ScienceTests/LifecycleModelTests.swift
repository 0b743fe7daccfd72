import Foundation
import Testing

@testable import Science

@Suite("Lifecycle model")
struct LifecycleModelTests {
    let people: [Int64]
    let days: [Int64]
    let lastDay: Int64
    let expected: [String: Any]

    init() throws {
        let rows = try Vectors.table("lifecycle/cdnow_sample.csv").map { line in
            (person: try #require(Int64(line[1])), day: try Vectors.day(line[2]))
        }.sorted { ($0.person, $0.day) < ($1.person, $1.day) }
        people = rows.map(\.person)
        days = rows.map(\.day)
        lastDay = try Vectors.day("1997-09-30")
        expected = try Vectors.json("lifecycle/expected.json")
    }

    private func quantiles(_ name: String) throws -> [String: Double] {
        try #require(expected[name] as? [String: Double])
    }

    @Test("gap quantiles on CDNOW are the published ones, by band and pooled")
    func gaps() throws {
        let gaps = PurchaseGaps(people: people, days: days, through: lastDay)
        let tables = [
            ("gap_days_quantiles_pooled", gaps.byBand.flatMap(\.self)), ("gap_1to2", gaps.byBand[0]),
            ("gap_2to3", gaps.byBand[1]), ("gap_3to6", gaps.byBand[2]),
        ]
        for (name, values) in tables {
            for (probability, wanted) in try quantiles(name) {
                let found = Quantile.type7([try #require(Double(probability))], of: values)[0]
                #expect(abs(found - wanted) < 1e-9, "\(name) \(probability)")
            }
        }
    }

    @Test("purchases of a person on one day count as one")
    func sameDay() {
        #expect(PurchaseGaps(people: people, days: days, through: .max).purchases == 6_696)
    }

    @Test("conversions on CDNOW are the published ones and maturity begins with the fourth purchase")
    func conversions() throws {
        let model = LifecycleModel.fit(people: people, days: days, through: lastDay)
        for (orders, wanted) in try quantiles("conversion_n_to_n_plus_1") {
            let conversion = try #require(model.conversions.first { String($0.orders) == orders })
            #expect(abs(conversion.rate - wanted) < 5e-4)
        }
        #expect(model.maturityOrders == 4)
        #expect(model.bands.map(\.isPooled) == [false, false, false, false])
        #expect(model.bands.map(\.gaps) == [946, 507, 710, 294])
        #expect(model.bands[0].q80 == 119 && model.bands[0].q90 == 159)
    }

    @Test("the pooled thresholds tell who buys again as published")
    func activity() throws {
        let model = LifecycleModel.fit(people: people, days: days, through: lastDay)
        var last: [Int64: Int64] = [:]
        var later: Set<Int64> = []
        for (person, day) in zip(people, days) {
            if day <= lastDay { last[person] = day } else { later.insert(person) }
        }
        var groups: [String: (people: Int, active: Int)] = [:]
        for (person, day) in last {
            let recency = Double(lastDay - day)
            let name = recency <= model.pooled.q80 ? "<=q80" : recency <= model.pooled.q90 ? "q80-q90" : ">q90"
            let group = groups[name] ?? (0, 0)
            groups[name] = (group.people + 1, group.active + (later.contains(person) ? 1 : 0))
        }
        let wanted = try #require(expected["pooled_rule_active_in_next_39_weeks (n, share)"] as? [String: [Double]])
        #expect(groups.count == wanted.count)
        for (name, figures) in wanted {
            let group = try #require(groups[name])
            #expect(Double(group.people) == figures[0])
            #expect(abs(Double(group.active) / Double(group.people) - figures[1]) < 5e-4)
        }
    }

    @Test("a person passes through every stage with time and purchases")
    func stages() {
        let model = LifecycleModel.fit(people: people, days: days, through: lastDay)
        func stage(_ orders: Int, last: Int64?, on day: Int64) -> LifecycleModel.Assessment {
            model.assess(orderCount: orders, lastOrderDay: last, firstSeenDay: 0, on: day)
        }
        #expect(stage(0, last: nil, on: 119).stage == .introduction)
        #expect(stage(0, last: nil, on: 120).stage == .decline)
        #expect(stage(1, last: 100, on: 219).stage == .introduction)
        #expect(stage(1, last: 100, on: 219).nextChangeDay == 220)
        #expect(stage(1, last: 100, on: 220).stage == .decline)
        #expect(stage(1, last: 100, on: 220).nextChangeDay == 260)
        #expect(stage(1, last: 100, on: 260).stage == .churn)
        #expect(stage(1, last: 100, on: 260).nextChangeDay == nil)
        #expect(stage(2, last: 100, on: 181).stage == .growth)
        #expect(stage(2, last: 100, on: 182).stage == .decline)
        #expect(stage(3, last: 100, on: 154).stage == .growth)
        #expect(stage(4, last: 100, on: 154).stage == .maturity)
        #expect(stage(4, last: 100, on: 155).stage == .decline)
        #expect(stage(2, last: 100, on: 90).recencyDays == 0)
    }

    @Test("a small base borrows: bands from the pooled gaps, everything from the standard model")
    func smallBases() {
        let none = LifecycleModel.fit(people: [], days: [])
        #expect(none == LifecycleModel.standard)
        let everyTenDays = (0..<40).flatMap { person in [Int64(person), Int64(person)] }
        let model = LifecycleModel.fit(people: everyTenDays, days: (0..<40).flatMap { _ in [0, 10] as [Int64] })
        #expect(model.isFitted)
        #expect(model.bands.allSatisfy { $0.isPooled && $0.q80 == 10 && $0.q90 == 10 })
    }

    @Test("the curve is the share who bought again, corrected for those still waiting")
    func curve() throws {
        // Two returned after 5 and 10 days, one has waited 7 days, one 20.
        let gaps = PurchaseGaps(people: [1, 1, 2, 2, 3, 4], days: [0, 5, 0, 10, 13, 0], through: 20)
        let curve = try #require(RepurchaseCurve.curves(of: gaps, at: [4, 5, 10, 30]).first)
        #expect(curve.purchases == 4)
        #expect(curve.points.map(\.observed) == [0, 0.25, 0.5, 0.5])
        #expect(curve.points.map { ($0.estimated * 1000).rounded() } == [0, 250, 625, 625])
    }
}
