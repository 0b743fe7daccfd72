import Foundation
import Testing

@testable import Engine

@Suite("Rows of purchases become orders")
struct ImportedOrdersTests {
    private let orders = ImportOptions(kind: .orders)

    private func member(_ event: IncomingEvent, _ name: String) throws -> JSONValue? {
        try JSONValue(parsing: event.properties)[name]
    }

    @Test("rows without an order id are numbered among equals, and have the same ids in any file")
    func madeIDs() async throws {
        let header = "customer_id,date,amount\n"
        let rows = ["1,2024-01-01,5.00", "1,2024-01-01,5.00", "2,2024-01-01,5.00"]
        let first = try await ImportFixtures.events(header + rows.joined(separator: "\n"), orders)
        #expect(Set(first.map(\.messageID)).count == 3)
        let turned = try await ImportFixtures.events(
            "date;customer_id;amount\n2024/1/1;2;5\n2024/1/1;1;5\n2024/1/1;1;5\n", orders)
        #expect(Set(first.map(\.messageID)) == Set(turned.map(\.messageID)))
    }

    @Test("rows that share an order id are its lines, also when others stand between them")
    func lines() async throws {
        let text = """
            order_id,customer_id,date,sku,price,quantity
            A,1,2024-01-01,tea,10.10,2
            A,1,2024-01-01,cup,5,1
            B,2,2024-01-02,tea,10.10,1
            A,1,2024-01-01,pot,100,1
            C,3,2024-01-03,cup,5,3
            """
        let events = try await ImportFixtures.events(text, orders)
        #expect(events.count == 3)
        let a = try #require(try events.first { try member($0, "order_id")?.stringValue == "A" })
        #expect(a.properties.contains("\"revenue\":125.2"))
        #expect(try member(a, "products")?.arrayValue?.count == 3)
    }

    @Test("a bad line refuses its whole order, every row of it with a reason")
    func badLine() async throws {
        let text =
            "order_id,customer_id,date,amount\nA,1,2024-01-01,5\nA,1,2024-01-01,x\nB,2,2024-01-01,7\nA,9,2024-01-01,1\n"
        let path = try ImportFixtures.file(text)
        let errors = path + ".errors"
        let (events, progress) = try await ImportFixtures.events(path: path, orders, errorsPath: errors)
        #expect(events.count == 1)
        #expect(progress.rows == 4)
        #expect(progress.refused == 3)
        let file = try ImportFixtures.rows(try ErrorFileText.read(errors))
        #expect(file.rows.dropFirst().map { $0[0] } == ["2", "3", "5"])
    }

    @Test("refunds and cancellations follow their order")
    func changes() async throws {
        let text = """
            订单编号,客户编号,下单时间,实付金额,退款金额,订单状态
            A,1,2024-01-01,50,20.5,交易成功
            B,1,2024-01-02,30,,已退款
            C,1,2024-01-03,30,,交易关闭
            D,1,2024-01-04,30,,等待付款
            """
        let path = try ImportFixtures.file(text)
        let (events, progress) = try await ImportFixtures.events(path: path, orders)
        #expect(
            events.map(\.name) == [
                "Order Completed", "Order Refunded", "Order Completed", "Order Refunded", "Order Completed",
                "Order Cancelled",
            ])
        #expect(events[1].properties.contains("\"refund_amount\":20.5"))
        #expect(events[3].properties.contains("\"refund_amount\":30"))
        #expect(progress.refused == 1)
        #expect(Set(events.map(\.messageID)).count == events.count)
    }

    @Test("each fault names its line, its column and what is wrong")
    func faults() async throws {
        let text = """
            customer_id,date,amount,quantity
            ,2024-01-01,5,1
            1,never,5,1
            1,2024-01-01,-5,1
            1,2024-01-01,5,many
            1,2999-01-01,5,1
            1,1960-01-01,5,1
            1,,5,1
            1,2024-01-01,,1
            1,2024-01-01
            1,2024-01-01,5,1,6
            1,2024-01-01,5,1
            """
        let path = try ImportFixtures.file(text)
        let plan = try ImportPlanner.plan(path: path, options: orders, now: ImportFixtures.now)
        let reasons: [RefusalReason] = [
            .missing, .badDate, .badAmount, .badQuantity, .dateOutOfRange, .dateOutOfRange, .missing, .missing,
            .columnCount, .columnCount,
        ]
        #expect(plan.refusals.map(\.reason) == reasons)
        #expect(plan.refusals.map(\.line) == Array(2...11))
        #expect(
            plan.refusals.map(\.column) == [
                "customer_id", "date", "amount", "quantity", "date", "date", "date", "amount", "", "",
            ])
        #expect(plan.preview.count == 1)
    }

    @Test("hostile text in every cell arrives as text")
    func hostileText() async throws {
        let evil = "'; DROP TABLE orders;-- <script>\\\"\u{1}"
        let row = CSVText.row([evil, "2024-01-01", "5", evil])
        let events = try await ImportFixtures.events("customer_id,date,amount,store\n\(row)\n", orders)
        #expect(events.first?.identities.first?.value == evil)
        #expect(try member(try #require(events.first), "store")?.stringValue == evil)
    }

    @Test("profiles become Identify with typed traits; an unchanged row has an unchanged id")
    func profiles() async throws {
        let text = "客户编号,手机号,姓名,年龄,生日,会员\nK1,13800138000,王芳,31,1993-05-06,是\nK2,,李雷,28,1996-01-02,否\n"
        let events = try await ImportFixtures.events(text, ImportOptions(kind: .profiles))
        #expect(events.map(\.kind) == [.identify, .identify])
        let traits = try JSONValue(parsing: events[0].traits)
        #expect(traits["name"]?.stringValue == "王芳")
        #expect(traits["年龄"]?.intValue == 31)
        #expect(traits["birthday"]?.stringValue == "1993-05-06")
        #expect(traits["phone"]?.stringValue == "13800138000")
        let again = try await ImportFixtures.events(text, ImportOptions(kind: .profiles))
        #expect(again.map(\.messageID) == events.map(\.messageID))
    }

    @Test("tags of a row are names and paths, and rows that name what cannot be given are refused with their line")
    func tags() async throws {
        let mapping = try ColumnMapping(parsing: "customer=id,tags=labels")
        let long = String(repeating: "x", count: 61)
        let many = (1...51).map { "t\($0)" }.joined(separator: "|")
        let text =
            "id,labels\n1,VIP; 会员 / 金卡\n2,\n3,\"[\"\"VIP\"\",\"\"Tea\"\"]\"\n4,\(long)\n5,a/b/c/d/e/f\n6,\(many)\n7,\"[1]\"\n"
        let path = try ImportFixtures.file(text)
        func run(_ known: [String]?, _ errors: String) async throws -> ([String], [String]) {
            let options = ImportOptions(kind: .profiles, mapping: mapping, hasHeader: true, knownTags: known)
            let (events, progress) = try await ImportFixtures.events(path: path, options, errorsPath: errors)
            let lines = try String(contentsOfFile: errors, encoding: .utf8).split(whereSeparator: \.isNewline)
                .dropFirst()
            #expect(progress.refused == Int64(lines.count))
            return (
                events.map(\.properties),
                lines.map { $0.split(separator: ",").prefix(3).joined(separator: " ") }
            )
        }
        let made = try await run(nil, path + ".made.csv")
        #expect(made.0 == [#"{"tags":["VIP","会员/金卡"]}"#, "{}", #"{"tags":["VIP","Tea"]}"#])
        #expect(made.1 == ["5 labels too_long", "6 labels too_long", "7 labels too_long", "8 labels bad_json"])
        let lines = #"{"id":"1","labels":["VIP","会员/金卡"]}"# + "\n" + #"{"id":"2","labels":"VIP; Tea"}"# + "\n"
        let told = try await ImportFixtures.events(lines, ImportOptions(kind: .profiles, mapping: mapping))
        #expect(told.map(\.properties) == [#"{"tags":["VIP","会员/金卡"]}"#, #"{"tags":["VIP","Tea"]}"#])
        let known = try await run(["VIP", "金卡", "会员/金卡"], path + ".known.csv")
        #expect(known.0 == [#"{"tags":["VIP","会员/金卡"]}"#, "{}"])
        #expect(known.1.first == "4 labels unknown_tag" && known.1.count == 5)
    }

    @Test("JSON Lines of Segment's messages keep their ids, properties and traits")
    func segmentLines() async throws {
        let text = """
            {"type":"track","event":"Product Viewed","userId":"u1","timestamp":"2024-01-01T00:00:00Z","messageId":"m1","properties":{"sku":"茶","n":1}}
            {"type":"identify","userId":"u1","anonymousId":"a\\u0031","timestamp":"2024-01-01T00:00:01Z","messageId":"m2","traits":{"city":"杭州"}}
            not json
            {"type":"track","userId":"u1","timestamp":"2024-01-01T00:00:00Z"}
            """
        let path = try ImportFixtures.file(text, named: "e.jsonl")
        let (events, progress) = try await ImportFixtures.events(path: path, ImportOptions(kind: .events))
        #expect(events.map(\.messageID) == ["m1", "m2"])
        #expect(events[0].properties == "{\"sku\":\"茶\",\"n\":1}")
        #expect(events[1].traits == "{\"city\":\"杭州\"}")
        #expect(
            events[1].identities == [
                IdentityClaim(kind: "user_id", value: "u1"), IdentityClaim(kind: "anonymous_id", value: "a1"),
            ])
        #expect(progress.refused == 2)
    }
}
