import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Orders")
struct OrderBatchTests {
    private static func order(
        _ name: String, _ id: String, _ user: String, _ minute: Int64, _ more: String = ""
    ) -> IncomingEvent {
        .test(name, ["user_id": user], minute: minute, properties: #"{"order_id":"\#(id)"\#(more)}"#)
    }

    @Test("orders add up on their person, whatever comes twice or late", arguments: StoreKind.allCases)
    func totals(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let id = try await world.process([
                Self.order("Order Refunded", "o2", "u1", 30, #","amount":"5.01""#),
                Self.order("Order Completed", "o1", "u1", 10, #","total":100"#),
                Self.order("Order Completed", "o2", "u1", 20, #","total":"20.02""#),
            ]).profiles[0]
            try await world.process([
                Self.order("Order Completed", "o1", "u1", 10, #","total":100"#),
                Self.order("Order Completed", "o3", "u1", 40, #","total":7,"currency":"USD""#),
                Self.order("Order Completed", "o4", "u1", 50, #","total":9"#),
                Self.order("Order Cancelled", "o4", "u1", 51),
            ])
            let profile = try await world.detail(id).profile
            #expect(profile.orderCount == 3)
            #expect(profile.netSpend == 10_000 + 1_501)
            #expect(profile.firstOrderMS == PeopleHarness.start.milliseconds + 10 * 60_000)
            #expect(profile.lastOrderMS == PeopleHarness.start.milliseconds + 40 * 60_000)
            let page = try await world.store.read { try OrderList.load(profileID: id, limit: 3, $0) }
            #expect(page.orders.map(\.orderID) == ["o4", "o3", "o2"])
            let rest = try await world.store.read {
                try OrderList.load(profileID: id, cursor: page.nextCursor, limit: 3, $0)
            }
            #expect(rest.orders.map(\.orderID) == ["o1"])
            #expect(rest.nextCursor == nil)
            #expect(try await world.store.read { try OrderDetail.load("o3", $0) }.isForeign)
        }
    }

    @Test("an order belongs to the strongest claim, whichever event comes first", arguments: StoreKind.allCases)
    func owner(kind: StoreKind) async throws {
        let device = IncomingEvent.test(
            "Order Completed", ["anonymous_id": "a1"], minute: 1, properties: #"{"order_id":"o1","total":5}"#)
        let till = Self.order("Order Completed", "o1", "u1", 2, #","total":5"#)
        for events in [[device, till], [till, device]] {
            try await PeopleHarness.with(kind) { world in
                try await world.process(events)
                let order = try await world.store.read { try OrderDetail.load("o1", $0) }.order
                let person = try await world.detail(order.profileID)
                #expect(person.identities.map(\.key.value) == ["u1"])
                #expect(person.profile.orderCount == 1)
                let sum = try await world.store.read {
                    try $0.first("SELECT CAST(sum(order_count) AS BIGINT) FROM profiles")?.int(0)
                }
                #expect(sum == 1)
            }
        }
    }
}
