import Storage
import TestSupport
import Testing

@testable import Engine

/// An official account over real stores; only WeChat's side is played.
@Suite("WeChat official account", .serialized)
struct WeChatTests {
    private static let app = "wx0000000000000001"
    private static let openID = "oABC-def_1234567890"

    private func with(
        _ kind: StoreKind, _ secret: String = #function, _ body: (ProviderWorld) async throws -> Void
    ) async throws {
        try await ProviderWorld.with(kind) { world in
            // A secret of its own: tokens are kept by account.
            try await world.setUp(
                "wechat_official", values: ["app_id": Self.app],
                secrets: ["app_secret": "\(secret) \(kind)", "callback_token": "cb"])
            try await world.person(1, phone: "+8613800138000")
            try await world.identity("wechat_openid", "other:oXYZ", of: 1)
            try await world.identity("wechat_openid", "\(Self.app):\(Self.openID)", of: 1)
            try await body(world)
        }
    }

    private static let token = ProviderAnswer.text(200, #"{"access_token":"T1","expires_in":7200}"#)
    private static let taken = ProviderAnswer.text(200, #"{"errcode":0,"errmsg":"ok","msgid":200228332}"#)

    private func template(_ world: ProviderWorld) async throws -> Int64 {
        try await world.template(
            "wechat", link: "https://shop.example/o",
            ProviderTemplate(
                provider: "wechat_official", code: "TPL1", text: "订单{{thing1.DATA}}",
                parameters: [.init(name: "thing1", value: "{{ event.code }}")],
                options: ["mini_app_id": "wxmini", "mini_path": "pages/index"]))
    }

    private func event(_ name: String, _ more: String = "", from: String = WeChatTests.openID) -> String {
        """
        <xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[\(from)]]></FromUserName>\
        <CreateTime>1790049000</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[\(name)]]></Event>\(more)</xml>
        """
    }

    private func tell(_ world: ProviderWorld, _ body: String) async throws -> ReceivedNews {
        let seconds = String(world.clock.now.seconds)
        let query = [
            "signature": WeChatCipher.signature(["cb", seconds, "n"]), "timestamp": seconds, "nonce": "n",
            "openid": Self.openID,
        ]
        return try await world.take(
            "wechat_official", ReceivedCall(method: "POST", query: query, body: Array(body.utf8)))
    }

    @Test(
        "a template message leaves with one token for all, and its receipt takes it on", arguments: StoreKind.allCases)
    func template(kind: StoreKind) async throws {
        try await with(kind) { world in
            let template = try await template(world)
            world.side.answer([Self.token, Self.taken])
            let id = try await world.plan("a", to: 1, template, isTransactional: true)
            try await world.send()
            let calls = world.side.calls
            #expect(calls.map(\.url).first == "https://api.weixin.qq.com/cgi-bin/stable_token")
            let asked = try JSONValue(parsing: calls[0].body)
            #expect(asked["grant_type"] == "client_credential" && asked["force_refresh"] == false)
            #expect(calls[1].url == "https://api.weixin.qq.com/cgi-bin/message/template/send?access_token=T1")
            let body = try JSONValue(parsing: calls[1].body)
            #expect(body["touser"] == .string(Self.openID) && body["template_id"] == "TPL1")
            #expect(body["client_msg_id"] == .string(String(id)) && body["data"]?["thing1"]?["value"] == "A1")
            #expect(body["miniprogram"] == ["appid": "wxmini", "pagepath": "pages/index"])
            #expect(body["url"]?.stringValue?.hasPrefix("https://a.example/o/") == true)
            #expect(try await world.message(id).providerID == "200228332")
            world.side.answer([.text(200, #"{"errcode":0,"errmsg":"ok","msgid":200228333}"#)])
            try await world.plan("b", to: 1, template, isTransactional: true)
            try await world.send()
            #expect(world.side.calls.count == 3)
            let receipt = "<MsgID>200228332</MsgID><Status><![CDATA[success]]></Status>"
            for _ in 0..<2 {
                #expect(try await tell(world, event("TEMPLATESENDJOBFINISH", receipt)).answer == "success")
            }
            #expect(try await world.message(id).state == .delivered)
            #expect(try await world.said(MessageEvents.delivered) == 1)
        }
    }

    @Test("a token that is refused is renewed once, by force only when the old one comes again")
    func staleToken() async throws {
        try await with(.sqlite) { world in
            let template = try await template(world)
            let stale = ProviderAnswer.text(200, #"{"errcode":42001,"errmsg":"access_token expired"}"#)
            let fresh = ProviderAnswer.text(200, #"{"access_token":"T2","expires_in":7200}"#)
            world.side.answer([Self.token, stale, Self.token, fresh, Self.taken])
            let id = try await world.plan("a", to: 1, template, isTransactional: true)
            try await world.send()
            #expect(try await world.message(id).state == .sent)
            let forced = try world.side.calls.filter { $0.url.hasSuffix("stable_token") }.map {
                try JSONValue(parsing: $0.body)["force_refresh"]
            }
            #expect(forced == [false, false, true])
            #expect(world.side.calls.last?.url.hasSuffix("access_token=T2") == true)
            // Refused again with a new one it is the account that is wrong.
            world.side.answer([stale, Self.token, stale])
            let second = try await world.plan("b", to: 1, template, isTransactional: true)
            try await world.send()
            #expect(try await world.message(second).state == .planned)
            let gate = try await world.platform.store.read { try MessageGate.load("wechat@wechat_official", $0) }
            #expect(gate?.closedUntil != nil)
        }
    }

    @Test(
        "errors mean what the table says",
        arguments: [
            ("-1", "planned", "deferred"), ("45011", "planned", "deferred"), ("45009", "planned", "deferred"),
            ("43004", "bounced", "not_following"), ("43101", "bounced", "opted_out"),
            ("40003", "bounced", "no_such_address"),
            ("45015", "bounced", "window_closed"), ("40037", "planned", ""), ("47003", "planned", ""),
            ("48001", "planned", ""),
        ])
    func errors(code: String, state: String, reason: String) async throws {
        try await with(.sqlite, "errors \(code)") { world in
            let template = try await template(world)
            world.side.answer([Self.token, .text(200, #"{"errcode":\#(code),"errmsg":"told so"}"#)])
            let id = try await world.plan("a", to: 1, template, isTransactional: true)
            try await world.send()
            let message = try await world.message(id)
            #expect(message.state.rawValue == state && message.reason == reason)
            let isSuppressed = try await world.isSuppressed("wechat", Self.openID)
            #expect(isSuppressed == ["43004", "43101", "40003"].contains(code))
            let scopes = try await world.platform.store.read { connection in
                try ["wechat@wechat_official", "template:\(template)"].filter {
                    try MessageGate.load($0, connection)?.closedUntil != nil
                }
            }
            let expected = [
                "48001": ["wechat@wechat_official"], "40037": ["template:\(template)"],
                "47003": ["template:\(template)"],
            ]
            #expect(scopes == expected[code] ?? [])
        }
    }

    @Test(
        "words of our own go by customer service; a closed window goes on by the next channel",
        arguments: StoreKind.allCases)
    func service(kind: StoreKind) async throws {
        try await with(kind) { world in
            let text = try await world.template("wechat", body: "Hi {{ event.code }}")
            world.side.answer([Self.token, .text(200, #"{"errcode":45015,"errmsg":"response out of time limit"}"#)])
            let sms = try await world.template("whatsapp", body: "Hi")
            let now = world.clock.now
            let id = try await world.platform.store.write {
                try Messages.plan(
                    [
                        MessagePlan(
                            key: "a", profileID: 1, templateID: text, origin: .api, isTransactional: true,
                            values: ["code": "A1"], due: now, choices: MessageChoices(fallbacks: [sms]))
                    ], at: now, $0)[0]
            }
            try await world.send()
            let call = world.side.calls[1]
            #expect(call.url.contains("/cgi-bin/message/custom/send?"))
            #expect(try JSONValue(parsing: call.body)["text"]?["content"] == "Hi A1")
            let message = try await world.message(id)
            #expect(message.channel == "whatsapp" && message.hop == 1)
            let hops = try await world.platform.store.read { try MessageHop.list(id, $0) }
            #expect(hops.map(\.reason) == ["window_closed"])
        }
    }

    @Test("a value that WeChat would refuse stops one message, not the template")
    func longValue() async throws {
        try await with(.sqlite) { world in
            let template = try await world.template(
                "wechat",
                ProviderTemplate(
                    provider: "wechat_official", code: "TPL1", text: "{{thing1.DATA}}",
                    parameters: [.init(name: "thing1", value: "一二三四五六七八九十一二三四五六七八九十{{ event.code }}")]))
            let id = try await world.plan("a", to: 1, template, isTransactional: true)
            try await world.send()
            #expect(try await world.message(id).reason == "bad_value" && world.side.calls.isEmpty)
        }
    }

    @Test("what followers do comes into the log under their OpenID", arguments: StoreKind.allCases)
    func events(kind: StoreKind) async throws {
        try await with(kind) { world in
            try await world.platform.store.write { connection in
                try Suppressions.add(
                    "wechat", Self.openID, .bounce, detail: "", message: 0, by: "system", at: world.clock.now,
                    connection)
            }
            let followed = try await tell(
                world,
                event("subscribe", "<EventKey><![CDATA[qrscene_shop7]]></EventKey><Ticket><![CDATA[T]]></Ticket>"))
            let event = try #require(followed.events.first)
            #expect(event.name == "WeChat Followed" && event.traits == #"{"wechat_consent":true}"#)
            #expect(event.identities == [IdentityClaim(kind: "wechat_openid", value: "\(Self.app):\(Self.openID)")])
            #expect(try JSONValue(parsing: event.properties)["scene"] == "shop7")
            #expect(try await !world.isSuppressed("wechat", Self.openID))
            let again = try await tell(
                world,
                self.event("subscribe", "<EventKey><![CDATA[qrscene_shop7]]></EventKey><Ticket><![CDATA[T]]></Ticket>"))
            #expect(again.events.first?.messageID == event.messageID)
            let left = try await tell(world, self.event("unsubscribe", "<EventKey><![CDATA[]]></EventKey>"))
            #expect(left.events.first?.traits == #"{"wechat_consent":false}"#)
            let tapped = try await tell(world, self.event("CLICK", "<EventKey><![CDATA[POINTS]]></EventKey>"))
            #expect(tapped.events.first?.name == "WeChat Menu Used")
            #expect(try JSONValue(parsing: tapped.events[0].properties)["key"] == "POINTS")
            let wrote = try await tell(
                world,
                """
                <xml><ToUserName>gh_1</ToUserName><FromUserName>\(Self.openID)</FromUserName><CreateTime>1790049000</CreateTime>\
                <MsgType>text</MsgType><Content><![CDATA[td]]></Content><MsgId>77</MsgId></xml>
                """)
            #expect(wrote.events.first?.name == "WeChat Message Received" && wrote.replies.first?.text == "td")
            let said = try await world.platform.store.read { try MessageConsents.of([1], $0) }
            #expect(said.contains { $0.channel == "wechat" && !$0.isGranted && $0.source == "reply" })
        }
    }

    @Test("templates of both kinds are fetched, and a subscription is sent as one")
    func subscription() async throws {
        try await with(.sqlite) { world in
            world.side.answer([
                Self.token,
                .text(
                    200,
                    #"{"template_list":[{"template_id":"TPL1","title":"订单","content":"订单号{{character_string1.DATA}}"}]}"#
                ),
                .text(
                    200,
                    #"{"errcode":0,"data":[{"priTmplId":"SUB1","title":"提醒","content":"内容:{{thing2.DATA}}\n","type":2}]}"#
                ),
            ])
            #expect(
                try await ApprovedTemplates.fetch("wechat_official", by: "test", world.catalog, world.platform) == 2)
            let kept = try await world.platform.store.read { try ApprovedTemplates.list("wechat_official", $0) }
            #expect(kept.map(\.category).sorted() == ["subscription", "template"])
            let template = try await world.template(
                "wechat",
                ProviderTemplate(
                    provider: "wechat_official", code: "SUB1", text: "内容:{{thing2.DATA}}",
                    parameters: [.init(name: "thing2", value: "{{ event.code }}")]))
            world.side.answer([.text(200, #"{"errcode":0,"errmsg":"ok"}"#)])
            try await world.plan("a", to: 1, template, isTransactional: true)
            try await world.send()
            #expect(world.side.calls.last?.url.contains("/cgi-bin/message/subscribe/bizsend?") == true)
        }
    }

    private func sent(_ name: String, _ template: String, code: String = "0", at: Timestamp) -> String {
        let inner = """
            <SubscribeMsgSentEvent><List><TemplateId><![CDATA[\(template)]]></TemplateId><MsgID>\(name)</MsgID>\
            <ErrorCode>\(code)</ErrorCode><ErrorStatus><![CDATA[\(code == "0" ? "success" : "told so")]]></ErrorStatus>\
            </List></SubscribeMsgSentEvent>
            """
        return event("subscribe_msg_sent_event", inner).replacing("1790049000", with: String(at.seconds))
    }

    @Test("what became of a subscription message finds it by person, template and time", arguments: StoreKind.allCases)
    func subscriptionReceipts(kind: StoreKind) async throws {
        try await with(kind) { world in
            func subscription(_ code: String) async throws -> Int64 {
                try await world.template(
                    "wechat",
                    ProviderTemplate(
                        provider: "wechat_official", code: code, text: "{{thing2.DATA}}",
                        parameters: [.init(name: "thing2", value: "{{ event.code }}")],
                        options: ["kind": "subscription"]))
            }
            let (one, two) = (try await subscription("SUB1"), try await subscription("SUB2"))
            let taken = ProviderAnswer.text(200, #"{"errcode":0,"errmsg":"ok"}"#)
            world.side.answer([Self.token, taken, taken, taken])
            let first = try await world.plan("a", to: 1, one, isTransactional: true)
            try await world.send()
            let other = try await world.plan("b", to: 1, two, isTransactional: true)
            try await world.send()
            world.clock.advance(milliseconds: 60_000)
            let second = try await world.plan("c", to: 1, one, isTransactional: true)
            try await world.send()
            for id in [first, second, other] {
                let message = try await world.message(id)
                #expect(message.state == .sent && message.providerID.isEmpty)
            }
            world.clock.advance(milliseconds: 2_000)
            let now = world.clock.now
            // The first of the template is the first that is told of; told twice it takes nobody else's place.
            for _ in 0..<2 { _ = try await tell(world, sent("901", "SUB1", at: now)) }
            #expect(try await world.message(first).state == .delivered)
            #expect(try await world.message(first).providerID == "901")
            for id in [second, other] { #expect(try await world.message(id).state == .sent) }
            for _ in 0..<2 { _ = try await tell(world, sent("902", "SUB1", code: "43101", at: now)) }
            let refused = try await world.message(second)
            #expect(refused.state == .bounced && refused.reason == "opted_out" && refused.providerID == "902")
            // Nothing of ours: another template, another person, long after.
            _ = try await tell(world, sent("903", "SUB9", at: now))
            let stranger = sent("904", "SUB2", at: now).replacing(Self.openID, with: "oOther-34567890123")
            #expect(try await tell(world, stranger).receipts.isEmpty)
            world.clock.advance(milliseconds: 3_600_000)
            _ = try await tell(world, sent("905", "SUB2", at: world.clock.now))
            #expect(try await world.message(other).state == .sent)
        }
    }

    @Test("a menu is read, checked and published")
    func menu() async throws {
        try await with(.sqlite) { world in
            let shown =
                #"{"menu":{"button":[{"type":"click","name":"积分","key":"P"},{"name":"更多","sub_button":"#
                + #"[{"type":"view","name":"商城","url":"https://shop.example"}]}]}}"#
            world.side.answer([Self.token, .text(200, shown), .text(200, #"{"errcode":0}"#)])
            let menu = try await WeChatMenu.fetch(world.catalog, world.platform)
            #expect(
                menu.buttons.map(\.kind) == [.click, .group] && menu.buttons[1].buttons[0].url == "https://shop.example"
            )
            try await menu.publish(by: "test", world.catalog, world.platform)
            let sent = try JSONValue(parsing: try #require(world.side.calls.last).body)
            #expect(sent["button"]?[0] == ["type": "click", "name": "积分", "key": "P"])
            var bad = menu
            bad.buttons[0].name = "一个太长的名字"
            await #expect(throws: ProviderError.badField("button.1")) {
                try await bad.publish(by: "test", world.catalog, world.platform)
            }
            world.side.answer([.text(200, #"{"errcode":46003,"errmsg":"menu no exist"}"#)])
            #expect(try await WeChatMenu.fetch(world.catalog, world.platform).buttons.isEmpty)
        }
    }

    @Test("however many wait, a token is asked for once")
    func singleFlight() async throws {
        let cache = TokenCache()
        let counter = Counter()
        let now = Timestamp(milliseconds: 0)
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await cache.token(of: "a", at: now) { _ in
                        await counter.add()
                        await Task.yield()
                        return .success(TokenCache.Token(text: "T", until: Timestamp(milliseconds: 10)))
                    }
                }
            }
            for try await token in group { #expect(token == "T") }
        }
        #expect(await counter.count == 1)
        let later = try await cache.token(of: "a", at: Timestamp(milliseconds: 10)) { _ in
            .success(TokenCache.Token(text: "U", until: Timestamp(milliseconds: 20)))
        }
        #expect(later == "U")
    }

    private actor Counter {
        private(set) var count = 0
        func add() { count += 1 }
    }
}
