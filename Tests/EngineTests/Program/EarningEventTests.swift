import Storage
import TestSupport
import Testing

@testable import Engine

/// Rules on events, conditions on members, and random orders with returns.
@Suite("Earning by events", .serialized)
struct EarningEventTests {
    @Test(
        "check-ins count once a day and in a row, reviews once a product, a profile once", arguments: StoreKind.allCases
    )
    func events(kind: StoreKind) async throws {
        let rules = [
            #"{"id":"in","kind":"check_in","points":1,"streak":[{"days":3,"points":10}]}"#,
            #"{"id":"review","kind":"review","points":20,"characters":5}"#,
            #"{"id":"profile","kind":"profile","points":100,"traits":["birthday","city"]}"#,
            #"{"id":"read","kind":"event","points":3,"event":{"names":["Article Read"]},"when":[{"kind":"property","property":"seconds","is":"at_least","value":30}],"caps":[{"per":"member","period":"day","times":2}]}"#,
        ]
        try await EarningWorld.with(kind, rules: rules.joined(separator: ",")) { world in
            try await world.member("ann")
            for day in 0..<5 {
                // The fourth day is left out.
                if day != 3 {
                    try await world.act("Checked In", "ann")
                    try await world.act("Checked In", "ann")
                }
                world.clock.advance(milliseconds: Timestamp.millisecondsPerDay)
            }
            #expect(try await world.balance("ann").available == 14)
            try await world.act("Product Reviewed", "ann", #"{"sku":"tea","review_body":"good"}"#)
            #expect(try await world.balance("ann").available == 14)
            try await world.act("Product Reviewed", "ann", #"{"sku":"tea","review_body":"very good"}"#)
            try await world.act("Product Reviewed", "ann", #"{"sku":"tea","review_body":"very good again"}"#)
            #expect(try await world.balance("ann").available == 34)
            try await world.identify("ann", traits: #"{"birthday":"1990-05-01"}"#)
            try await world.identify("ann", traits: #"{"city":"上海"}"#)
            try await world.identify("ann", traits: #"{"city":"北京"}"#)
            #expect(try await world.balance("ann").available == 134)
            for _ in 0..<4 { try await world.act("Article Read", "ann", #"{"seconds":40}"#) }
            try await world.act("Article Read", "ann", #"{"seconds":4}"#)
            #expect(try await world.balance("ann").available == 140)
            // What no rule would have given for is not kept; what a cap refused is.
            #expect(try await world.records("ann").filter { $0.name == "Article Read" }.count == 4)
        }
    }

    @Test(
        "a friend's first order pays who recommended them, once, and a return takes it back",
        arguments: StoreKind.allCases)
    func referral(kind: StoreKind) async throws {
        let rule = #"{"id":"ref","kind":"referral","points":200,"friend_points":50}"#
        try await EarningWorld.with(kind, rules: rule) { world in
            let ann = try await world.member("ann")
            try await world.identify("bob", traits: #"{"referred_by":"\#(ann.number)"}"#)
            try await world.member("bob")
            try await world.identify("eve", traits: #"{"referred_by":"eve"}"#)
            try await world.member("eve")
            try await world.order("e1", "eve", [("tea", 5, 1)])
            #expect(try await world.balance("eve").available == 0)
            #expect(try await world.record("order:e1")?.waterfall.map(\.verdict) == [.noReferrer])
            try await world.order("b1", "bob", [("tea", 5, 1)])
            try await world.order("b2", "bob", [("tea", 5, 1)])
            #expect(try await world.balance("ann").available == 200)
            #expect(try await world.balance("bob").available == 50)
            try await world.refund("b1", "bob", "r", [("tea", 5, 1)])
            #expect(try await world.balance("ann").available == 0)
            #expect(try await world.balance("bob").available == 0)
        }
    }

    @Test("conditions on members are asked as segments ask them", arguments: StoreKind.allCases)
    func conditions(kind: StoreKind) async throws {
        let rule =
            #"{"id":"a","kind":"order_fixed","points":9,"where":{"kind":"trait","name":"city","is":"equals","values":["上海"]}}"#
        try await EarningWorld.with(kind, rules: EarningWorld.base) { world in
            try await world.identify("ann", traits: #"{"city":"上海"}"#)
            try await world.identify("bob", traits: #"{"city":"北京"}"#)
            // A trait that was never seen cannot be asked for.
            try await world.install(rules: rule)
            for name in ["ann", "bob"] {
                try await world.member(name)
                try await world.order("o-\(name)", name, [("tea", 5, 1)])
            }
            #expect(try await world.balance("ann").available == 9)
            #expect(try await world.balance("bob").available == 0)
            #expect(try await world.record("order:o-bob")?.waterfall.map(\.verdict) == [.unmet("where", "")])
        }
    }

    @Test(
        "random orders and returns: the ledger holds what is left, and nothing when all came back",
        arguments: StoreKind.allCases)
    func random(kind: StoreKind) async throws {
        let rules = [
            #"{"id":"base","kind":"order_amount","points":7,"per":3,"rounding":"nearest"}"#,
            #"{"id":"unit","kind":"order_unit","points":2,"units":3}"#,
            #"{"id":"m","kind":"multiplier","times":1.3,"rounding":"up"}"#,
            #"{"id":"cap","kind":"order_fixed","points":33,"caps":[{"per":"member","points":100}]}"#,
        ]
        try await EarningWorld.with(kind, rules: rules.joined(separator: ",")) { world in
            var generator = SeededGenerator(seed: 77)
            let users = ["ann", "bob"]
            for user in users { try await world.member(user) }
            var open: [(id: String, user: String, left: [(String, Int64, Int64)])] = []
            for step in 0..<40 {
                world.clock.advance(milliseconds: 3_600_000)
                if open.isEmpty || Int.random(in: 0...2, using: &generator) == 0 {
                    let user = users[step % 2]
                    let lines = (0..<Int.random(in: 1...3, using: &generator)).map {
                        (
                            "s\($0)", Int64.random(in: 1...97, using: &generator),
                            Int64.random(in: 1...4, using: &generator)
                        )
                    }
                    try await world.order("o\(step)", user, lines)
                    open.append(("o\(step)", user, lines))
                } else {
                    let place = Int.random(in: 0..<open.count, using: &generator)
                    let line = open[place].left.count - 1
                    let (sku, price, pieces) = open[place].left[line]
                    let back = Int64.random(in: 1...pieces, using: &generator)
                    try await world.refund(open[place].id, open[place].user, "r\(step)", [(sku, price, back)])
                    open[place].left[line].2 -= back
                    if open[place].left[line].2 == 0 { open[place].left.remove(at: line) }
                    if open[place].left.isEmpty {
                        #expect(
                            try await world.record("order:" + open[place].id)?.net.values.allSatisfy { $0 == 0 } == true
                        )
                        open.remove(at: place)
                    }
                }
                for user in users {
                    let balance = try await world.balance(user)
                    let held = try await world.records(user).reduce(0) { $0 + ($1.net["points"] ?? 0) }
                    #expect(balance.available + balance.owed == held)
                }
            }
            for (number, order) in open.enumerated() {
                try await world.refund(order.id, order.user, "end\(number)", order.left)
            }
            for user in users { #expect(try await world.balance(user).isZero) }
        }
    }
}
