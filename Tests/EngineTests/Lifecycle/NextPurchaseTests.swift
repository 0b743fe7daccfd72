import Science
import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("What is expected of one person")
struct NextPurchaseTests {
    @Test("a person's own gaps point at a day, the base's at two")
    func rhythm() {
        var model = LifecycleModel.standard
        model.conversions = [.init(orders: 3, people: 200, converted: 90)]
        let next = NextPurchase(purchaseDays: [100, 120, 150], firstSeenDay: 90, today: 160, model)
        #expect(next.ownGapDays == 25 && next.ownDay == 175)
        #expect(next.day80 == 150 + 77 && next.day90 == 150 + 128 && !next.isPast80)
        #expect(next.conversion?.rate == 0.45)
        let late = NextPurchase(purchaseDays: [100, 120], firstSeenDay: 90, today: 300, model)
        #expect(late.ownDay == nil && late.conversion == nil && late.isPast80 && late.isPast90)
        let nobody = NextPurchase(purchaseDays: [], firstSeenDay: 90, today: 91, model)
        #expect(nobody.purchases == 0 && nobody.day80 == 167)
    }

    @Test("a person's RFM values are those of the computation", arguments: StoreKind.allCases)
    func values(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let found = try await store.write { connection in
                try LifecycleTests.add(1, seen: 0, orders: [0, 40, 50], to: connection)
                try LifecycleTests.add(2, seen: 0, orders: [], to: connection)
                let settings = RFMSettings(windowDays: 20)
                let asOf = LifecycleTests.day0 + 55
                let customers = RFMCustomers(
                    ids: [1], columns: RFMColumns(recency: [5], frequency: [2], monetary: [200], monetaryUnit: 100),
                    netSpend: [200])
                let result = RFMResult(
                    asOf: asOf, settings: settings, customers: customers,
                    analysis: RFMAnalysis(customers.columns, scoring: settings.scoring, classRule: settings.classRule))
                try RFMCard(
                    version: 1, created: LifecycleTests.moment(55), report: RFMReport(result, currency: "CNY")
                ).save(connection)
                return (try PersonRFM.load(1, connection), try PersonRFM.load(2, connection))
            }
            let one = try #require(found.0)
            #expect(one.values.map(\.value) == [5, 2, 200] && one.values.map(\.border) == [5, 2, 200])
            #expect(found.1 == nil)
        }
    }
}
