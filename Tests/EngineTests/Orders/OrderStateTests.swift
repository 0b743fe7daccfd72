import Testing

@testable import Engine

@Suite("Order state")
struct OrderStateTests {
    struct Said {
        var name: String
        var minute: Int64
        var properties: String
        var id: String
    }

    private static func fold(_ events: [Said]) -> OrderState {
        var state = OrderState()
        for said in events {
            guard let action = OrderAction.of(eventName: said.name) else { continue }
            _ = state.apply(
                OrderReader.read(said.properties, action: action),
                at: PeopleHarness.start.adding(milliseconds: said.minute * 60_000), messageID: said.id, priority: 100,
                sourceID: 1)
        }
        return state
    }

    private static func completed(_ properties: String, minute: Int64 = 0, id: String = "c") -> Said {
        Said(name: "Order Completed", minute: minute, properties: properties, id: id)
    }

    private static func refunded(_ properties: String, minute: Int64 = 9, id: String = "r") -> Said {
        Said(name: "order refunded", minute: minute, properties: properties, id: id)
    }

    @Test("what was charged is revenue, else subtotal, else total less shipping and tax, else the lines")
    func charged() {
        let cases = [
            #"{"order_id":"1","revenue":25.00,"total":30}"#: 2_500,
            #"{"order_id":"1","subtotal":"22.50","total":27.5,"shipping":3,"tax":2}"#: 2_250,
            #"{"order_id":"1","total":27.50,"shipping":3,"tax":2}"#: 2_250,
            #"{"order_id":"1","discount":2.5,"products":[{"price":19,"quantity":1},{"price":3,"quantity":2}]}"#: 2_250,
        ]
        for (properties, expected) in cases {
            #expect(Self.fold([Self.completed(properties)]).summary(currency: "CNY").gross == Int64(expected))
        }
    }

    @Test("partial returns are counted by amount or by line, and never beyond what was charged")
    func refunds() {
        let order = Self.completed(
            """
            {"order_id":"1","revenue":"100",
             "products":[{"product_id":"a","price":30,"quantity":2},{"product_id":"b","price":40}]}
            """
        )
        let line = Self.refunded(#"{"order_id":"1","products":[{"product_id":"a","quantity":1}]}"#)
        let amount = Self.refunded(#"{"order_id":"1","amount":"12.34","refund_id":"x"}"#, id: "r2")
        let all = Self.refunded(#"{"order_id":"1"}"#, id: "r3")
        #expect(Self.fold([order, line]).summary(currency: "CNY").refunded == 3_000)
        let partial = Self.fold([order, line, amount]).summary(currency: "CNY")
        #expect(partial.status == .partiallyRefunded)
        #expect(partial.net == 10_000 - 3_000 - 1_234)
        let full = Self.fold([order, line, all]).summary(currency: "CNY")
        #expect(full.status == .refunded)
        #expect(full.net == 0)
        // The same refund told twice, by two messages, is one refund.
        var again = amount
        again.id = "r9"
        #expect(Self.fold([order, amount, again]).summary(currency: "CNY").refunded == 1_234)
    }

    @Test("a refund before its order waits for it, cancelling takes everything back")
    func pending() {
        let refund = Self.refunded(#"{"order_id":"1","amount":5}"#)
        #expect(Self.fold([refund]).summary(currency: "CNY").status == .pending)
        let both = Self.fold([refund, Self.completed(#"{"order_id":"1","total":20}"#)]).summary(currency: "CNY")
        #expect(both.net == 1_500)
        let cancelled = Said(name: "Order Cancelled", minute: 3, properties: #"{"order_id":"1"}"#, id: "x")
        let gone = Self.fold([cancelled, Self.completed(#"{"order_id":"1","total":20}"#)]).summary(currency: "CNY")
        #expect(gone.status == .cancelled)
        #expect(gone.netWorkspace == 0)
    }

    @Test("an order in another currency is kept and not counted, and its minor units are its own")
    func currency() {
        let state = Self.fold([Self.completed(#"{"order_id":"1","total":1200.4,"currency":"jpy"}"#)])
        let summary = state.summary(currency: "CNY")
        #expect(summary.currency == "JPY")
        #expect(summary.gross == 1_200)
        #expect(summary.netWorkspace == 0)
        #expect(summary.isForeign)
    }

    @Test("an order of nothing is an order")
    func zero() {
        let summary = Self.fold([Self.completed(#"{"order_id":"1","total":0}"#)]).summary(currency: "CNY")
        #expect(summary.status == .completed)
        #expect(summary.status.counts)
    }

    @Test("missing and broken amounts are violations, not losses")
    func violations() {
        let input = OrderReader.read(#"{"order_id":"1","total":"a lot","currency":"Yuan"}"#, action: .completed)
        #expect(input.orderID == "1")
        #expect(Set(input.violations.map(\.property)) == ["total", "currency", "revenue"])
        #expect(OrderReader.read(#"{"total":5}"#, action: .completed).violations.map(\.rule) == [.missing])
        #expect(OrderReader.read(#"{"order_id":123}"#, action: .cancelled).orderID == "123")
    }

    @Test("any order and any repetition of an order's events give the same state", arguments: 0..<150 as Range<UInt64>)
    func permutations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var events = [
            Self.completed(
                #"{"order_id":"1","total":"99.90","store":"s1","products":[{"sku":"a","price":33.3,"quantity":3}]}"#)
        ]
        for number in 0..<Int.random(in: 1..<8, using: &generator) {
            let minute = Int64.random(in: 0..<6, using: &generator)
            let amount = Int.random(in: 0..<60, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0:
                events.append(Self.completed(#"{"order_id":"1","total":\#(amount)}"#, minute: minute, id: "c\(number)"))
            case 1, 2:
                events.append(
                    Said(
                        name: "ORDER UPDATED", minute: minute,
                        properties: #"{"order_id":"1","total":\#(amount),"channel":"c\#(number)"}"#,
                        id: "u\(number)"))
            case 3:
                events.append(Self.refunded(#"{"order_id":"1","amount":\#(amount)}"#, minute: minute, id: "r\(number)"))
            default:
                let refund = #"{"order_id":"1","refund_id":"k","products":[{"sku":"a","quantity":\#(1 + number % 2)}]}"#
                events.append(Self.refunded(refund, minute: minute, id: "k\(number)"))
            }
        }
        let expected = Self.fold(events)
        for _ in 0..<8 {
            let repeated = events + (0..<4).compactMap { _ in events.randomElement(using: &generator) }
            #expect(Self.fold(repeated.shuffled(using: &generator)) == expected)
        }
        #expect(try OrderState(parsing: expected.text()) == expected)
        #expect(OrderState.scanned(expected.text()) == expected)
        #expect(try OrderState(tree: expected.text()) == expected)
    }

    @Test("the text of a state is read without a tree, with every field that it can have")
    func scanned() throws {
        let line = """
            {"id":"p \\"1\\"","sku":"s","n":"\\u6b63岩","c":"c","b":"b","v":"v","pr":"9.9","q":"2","d":"1","amt":"18.8"}
            """
        let text = """
            {"a":[{"at":1,"m":"m1","rev":"1","sub":"2","tot":"3","shp":"4","tax":"5","dis":"6","qty":"7","cpn":"x",
            "cur":"CNY","sto":"s","chn":"web","p":[\(line),{}]},{"at":2,"m":"","u":true}],
            "r":{"r:\\"1\\"":{"at":3,"m":"m2","amt":"2.5","p":[\(line)]},"m:2":{"at":4,"m":"m3"}},
            "t":5,"x":6,"s":7,"w":{"at":8,"m":"m4","u":false,"k":1100}}
            """
        let state = try #require(OrderState.scanned(text))
        #expect(try OrderState(tree: text) == state)
        #expect(state.accounts.count == 2 && state.refunds.count == 2 && state.accounts[0].facts.lines?.count == 2)
        #expect(OrderState.scanned(state.text()) == state)
    }

    @Test(
        "what is not as states are written is left to the tree, which reads it or says what is wrong",
        arguments: [
            #"{"a":[{"at":1.0,"m":"m"}]}"#, #"{"a":[{"at":1,"m":7,"rev":1.5}]}"#, #"{"a":null,"t":"1"}"#, #"{"b":1}"#,
            #"{"\u0061":[{"at":1,"m":"m"}]}"#, #"{"t":9223372036854775808}"#, #"{"a":[{"at":1,"y":{"z":[1]}}]}"#, "[]",
            "", #"{"t":1"#, #"{"t":1}x"#, #"{"a":[{"m":"\q"}]}"#, #"{"a":[7]}"#,
        ])
    func strange(text: String) {
        #expect(OrderState.scanned(text) == nil)
        func read(_ body: () throws -> OrderState) -> (state: OrderState?, error: String) {
            do { return (try body(), "") } catch { return (nil, "\(error)") }
        }
        let (one, other) = (read { try OrderState(parsing: text) }, read { try OrderState(tree: text) })
        #expect(one.state == other.state && one.error == other.error)
    }
}
