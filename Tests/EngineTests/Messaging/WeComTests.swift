import Storage
import TestSupport
import Testing

@testable import Engine

/// WeCom over real stores; only its side is played.
@Suite("WeCom", .serialized)
struct WeComTests {
    private static let key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
    private static let corp = "ww0000000000000001"

    private func with(
        _ kind: StoreKind, _ secret: String = #function, welcome: String = "",
        _ body: (ProviderWorld) async throws -> Void
    ) async throws {
        try await ProviderWorld.with(kind) { world in
            try await world.setUp(
                "wecom", values: ["corp_id": Self.corp, "welcome_text": welcome],
                secrets: ["contact_secret": "\(secret) \(kind)", "callback_token": "cb", "encoding_aes_key": Self.key])
            for person in Int64(1)...3 {
                try await world.person(person)
                try await world.identity("wecom_external_id", "wm\(person)", of: person)
            }
            try await body(world)
        }
    }

    private static let token = ProviderAnswer.text(
        200, #"{"errcode":0,"errmsg":"ok","access_token":"T1","expires_in":7200}"#)

    private func work(_ world: ProviderWorld) async throws {
        try await WeComService(platform: world.platform, providers: world.catalog).catchUp()
    }

    private func tell(_ world: ProviderWorld, _ change: String, _ more: String = "") async throws -> ReceivedNews {
        let seconds = String(world.clock.now.seconds)
        let text = """
            <xml><ToUserName>\(Self.corp)</ToUserName><FromUserName>sys</FromUserName><CreateTime>\(seconds)</CreateTime>\
            <MsgType>event</MsgType><Event>change_external_contact</Event><ChangeType>\(change)</ChangeType>\
            <UserID>zhang</UserID><ExternalUserID>wm1</ExternalUserID>\(more)</xml>
            """
        let cipher = try #require(WeChatCipher(encodingKey: Self.key, receiver: Self.corp))
        let sealed = cipher.encrypt(text, random: [UInt8](repeating: 5, count: 16))
        let query = [
            "msg_signature": WeChatCipher.signature(["cb", seconds, "n", sealed]), "timestamp": seconds, "nonce": "n",
        ]
        let body = "<xml><ToUserName>\(Self.corp)</ToUserName><Encrypt><![CDATA[\(sealed)]]></Encrypt></xml>"
        return try await world.take("wecom", ReceivedCall(method: "POST", query: query, body: Array(body.utf8)))
    }

    @Test(
        "messages of one content become one task, and each is what an employee did with it",
        arguments: StoreKind.allCases)
    func task(kind: StoreKind) async throws {
        try await with(kind) { world in
            let template = try await world.template("wecom", title: "新品", body: "新品上市", link: "https://shop.example/n")
            var ids: [Int64] = []
            for person in Int64(1)...3 { ids.append(try await world.plan("k\(person)", to: person, template)) }
            try await world.send()
            try await work(world)
            #expect(world.side.calls.isEmpty)
            world.clock.advance(milliseconds: 61_000)
            world.side.answer([
                Self.token, .text(200, #"{"errcode":0,"errmsg":"ok","fail_list":["wm3"],"msgid":"M1"}"#),
            ])
            try await work(world)
            let call = try #require(world.side.calls.last)
            #expect(
                call.url.hasPrefix(
                    "https://qyapi.weixin.qq.com/cgi-bin/externalcontact/add_msg_template?access_token=T1"))
            let body = try JSONValue(parsing: call.body)
            #expect(body["chat_type"] == "single" && body["external_userid"]?.arrayValue?.count == 3)
            #expect(body["attachments"]?[0]?["link"]?["title"] == "新品")
            #expect(try await world.message(ids[2]).reason == "not_a_contact")
            #expect(try await world.isSuppressed("wecom", "wm3"))
            #expect(try await world.message(ids[0]).state == .sent)
            world.clock.advance(milliseconds: 301_000)
            world.side.answer([
                .text(200, #"{"errcode":0,"task_list":[{"userid":"zhang","status":2}],"next_cursor":""}"#),
                .text(
                    200,
                    #"{"errcode":0,"send_list":[{"external_userid":"wm1","status":1},{"external_userid":"wm2","status":3}]}"#
                ),
            ])
            try await work(world)
            #expect(try await world.message(ids[0]).state == .delivered)
            #expect(try await world.message(ids[1]).reason == "month_full")
            let tasks = try await world.platform.store.read { try WeComTask.list(limit: 10, $0) }
            #expect(tasks.map(\.task.state) == [.done] && tasks[0].progress == .init(waiting: 0, sent: 1, refused: 2))
        }
    }

    @Test("a task whose answer never came is unknown and handed over once", arguments: StoreKind.allCases)
    func unknown(kind: StoreKind) async throws {
        try await with(kind) { world in
            let template = try await world.template("wecom", body: "Hi")
            let id = try await world.plan("a", to: 1, template)
            try await world.send()
            world.clock.advance(milliseconds: 61_000)
            world.side.answer([Self.token, .unknown("timeout")])
            try await work(world)
            world.clock.advance(milliseconds: 3_600_000)
            try await work(world)
            #expect(try await world.message(id).state == .unknown && world.side.calls.count == 2)
        }
    }

    @Test("what no employee confirms is called off before it counts as not sent", arguments: StoreKind.allCases)
    func unconfirmed(kind: StoreKind) async throws {
        try await with(kind) { world in
            let template = try await world.template("wecom", body: "Hi")
            let id = try await world.plan("a", to: 1, template)
            try await world.send()
            world.clock.advance(milliseconds: 61_000)
            world.side.answer([Self.token, .text(200, #"{"errcode":0,"msgid":"M1"}"#)])
            try await work(world)
            world.clock.advance(milliseconds: 49 * 3_600_000)
            world.side.answer([Self.token])
            world.side.usually(200, #"{"errcode":0}"#)
            try await work(world)
            #expect(world.side.calls.contains { $0.url.contains("cancel_groupmsg_send") })
            #expect(try await world.message(id).reason == "not_confirmed")
        }
    }

    @Test("a new customer is welcomed once, in time or not at all", arguments: StoreKind.allCases)
    func welcome(kind: StoreKind) async throws {
        try await with(kind, welcome: "欢迎") { world in
            let added = try await tell(
                world, "add_external_contact", "<State>shop7</State><WelcomeCode>W1</WelcomeCode>")
            #expect(added.events.first?.name == "WeCom Contact Added")
            _ = try await tell(world, "add_external_contact", "<State>shop7</State><WelcomeCode>W1</WelcomeCode>")
            world.side.answer([Self.token, .text(200, #"{"errcode":0,"errmsg":"ok"}"#)])
            try await work(world)
            try await work(world)
            #expect(world.side.calls.count == 2)
            let body = try JSONValue(parsing: world.side.calls[1].body)
            #expect(body == ["welcome_code": "W1", "text": ["content": "欢迎"]])
            _ = try await tell(world, "add_external_contact", "<WelcomeCode>W2</WelcomeCode>")
            world.side.answer([.text(200, #"{"errcode":41051,"errmsg":"externaluser has started chatting"}"#)])
            try await work(world)
            _ = try await tell(world, "add_external_contact", "<WelcomeCode>W3</WelcomeCode>")
            world.clock.advance(milliseconds: 21_000)
            try await work(world)
            #expect(world.side.calls.count == 3)
            let counts = try await world.platform.store.read { try WeComWelcomes.counts($0) }
            #expect(counts == ["sent": 1, "taken": 1, "late": 1])
        }
    }

    @Test("a card is refused without its address, and words that WeCom would not take")
    func refusals() async throws {
        try await with(.sqlite, welcome: "欢迎\n光临") { world in
            let long = String(repeating: "常", count: 1_334)
            let link = "https://shop.example/" + String(repeating: "a", count: 40)
            let wrong: [(values: [String: String], error: ProviderError)] = [
                (["welcome_title": "新品"], .missingBeside("welcome_url", other: "welcome_title")),
                (["welcome_title": "新品", "welcome_url": "shop"], .badField("welcome_url")),
                (["welcome_text": long], .tooLong("welcome_text", bytes: 4_002, most: 4_000)),
                (["welcome_title": String(long.prefix(43))], .tooLong("welcome_title", bytes: 129, most: 128)),
                (
                    ["welcome_text": String(long.prefix(1_320)), "welcome_url": link],
                    .tooLong("welcome_text", bytes: 3_960 + 1 + link.utf8.count, most: 4_000)
                ),
            ]
            for (values, error) in wrong {
                await #expect(throws: error) { try await world.setUp("wecom", values: values) }
            }
            try await world.setUp("wecom", values: ["welcome_text": "", "welcome_title": "新品", "welcome_url": link])
            _ = try await tell(world, "add_external_contact", "<WelcomeCode>W1</WelcomeCode>")
            world.side.answer([Self.token, .text(200, #"{"errcode":0,"errmsg":"ok"}"#)])
            try await work(world)
            let body = try JSONValue(parsing: try #require(world.side.calls.last).body)
            #expect(body["text"] == nil && body["attachments"]?[0]?["link"]?["url"] == .string(link))
            await #expect(throws: TemplateError.noCardLink(variant: "A")) {
                _ = try await world.template("wecom", title: "新品", body: "Hi")
            }
        }
    }

    @Test("who is no customer any more is not written to", arguments: StoreKind.allCases)
    func deleted(kind: StoreKind) async throws {
        try await with(kind) { world in
            _ = try await tell(world, "add_external_contact")
            world.clock.advance(milliseconds: 1_000)
            let gone = try await tell(world, "del_follow_user")
            #expect(gone.events.first?.name == "WeCom Contact Deleted")
            #expect(try JSONValue(parsing: gone.events[0].properties)["by"] == "customer")
            let template = try await world.template("wecom", body: "Hi")
            let id = try await world.plan("a", to: 1, template)
            try await world.send()
            #expect(try await world.message(id).reason == "no_address")
            world.clock.advance(milliseconds: 1_000)
            _ = try await tell(world, "add_external_contact")
            let next = try await world.plan("b", to: 1, template)
            try await world.send()
            #expect(try await world.message(next).state == .sent)
        }
    }

    @Test("the robot speaks twenty times a minute, and never longer than it may")
    func robot() async throws {
        try await ProviderWorld.with(.sqlite) { world in
            try await world.setUp("wecom_robot", secrets: ["robot_key": "k-1"])
            try await world.person(1)
            world.side.usually(200, #"{"errcode":0,"errmsg":"ok"}"#)
            let template = try await world.template("wecom_robot", body: "{{ event.code }} asks")
            for number in 1...25 { try await world.plan("k\(number)", to: 1, template, isTransactional: true) }
            try await world.send()
            #expect(world.side.calls.count == 20)
            #expect(world.side.calls[0].url == "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k-1")
            #expect(
                try JSONValue(parsing: world.side.calls[0].body) == ["msgtype": "text", "text": ["content": "A1 asks"]])
            world.clock.advance(milliseconds: 60_000)
            try await world.send()
            #expect(world.side.calls.count == 25)
            let long = try await world.template("wecom_robot", body: String(repeating: "常", count: 700))
            let id = try await world.plan("long", to: 1, long, isTransactional: true)
            try await world.send()
            #expect(try await world.message(id).reason == "too_long")
        }
    }
}
