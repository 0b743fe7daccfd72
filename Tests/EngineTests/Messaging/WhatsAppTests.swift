import Storage
import TestSupport
import Testing

@testable import Engine

/// WhatsApp over real stores; only Meta's side is played.
@Suite("WhatsApp", .serialized)
struct WhatsAppTests {
    private static let phone = "+8613800138000"

    private func with(_ kind: StoreKind, _ body: (ProviderWorld) async throws -> Void) async throws {
        try await ProviderWorld.with(kind) { world in
            try await world.setUp(
                "whatsapp_cloud", values: ["phone_number_id": "1001", "business_account_id": "2002"],
                secrets: ["access_token": "token", "app_secret": "secret"], price: 60_000)
            world.side.usually(200, #"{"messages":[{"id":"wamid.1","message_status":"accepted"}]}"#)
            try await world.person(1, phone: Self.phone)
            try await body(world)
        }
    }

    private func receive(_ world: ProviderWorld, _ value: String) async throws {
        let body =
            #"{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":\#(value)}]}]}"#
        let mac = Digest.hexadecimal(Digest.hmac(Array(body.utf8), key: Array("secret".utf8)))
        try await world.receive("whatsapp_cloud", body, headers: ["x-hub-signature-256": "sha256=\(mac)"])
    }

    private func status(_ word: String, _ id: Int64, _ wamid: String = "wamid.1", code: Int? = nil) -> String {
        let errors = code.map { #","errors":[{"code":\#($0),"title":"t"}]"# } ?? ""
        return #"{"statuses":[{"id":"\#(wamid)","status":"\#(word)","biz_opaque_callback_data":"\#(id)"\#(errors)}]}"#
    }

    @Test("a template with its parts is sent, and statuses take the message on", arguments: StoreKind.allCases)
    func template(kind: StoreKind) async throws {
        try await with(kind) { world in
            let template = try await world.template(
                "whatsapp",
                ProviderTemplate(
                    provider: "whatsapp_cloud", code: "order_ready", language: "zh_CN", text: "{{1}}",
                    parameters: [
                        .init(name: "1", value: "{{ event.code }}"),
                        .init(name: "header.image", value: "https://a.example/p.png"),
                        .init(name: "button.0", value: "orders/9"),
                    ]))
            let id = try await world.plan("a", to: 1, template, isTransactional: true)
            try await world.send()
            let call = try #require(world.side.calls.first)
            #expect(call.url == "https://graph.facebook.com/v23.0/1001/messages")
            #expect(call.headers.contains(ProviderCall.Header("Authorization", "Bearer token")))
            let body = try JSONValue(parsing: call.body)
            #expect(body["to"] == "8613800138000" && body["biz_opaque_callback_data"] == .string(String(id)))
            #expect(body["template"]?["name"] == "order_ready" && body["template"]?["language"]?["code"] == "zh_CN")
            let parts = try #require(body["template"]?["components"]?.arrayValue)
            #expect(parts.map { $0["type"] } == ["header", "body", "button"])
            #expect(parts[1]["parameters"] == [["type": "text", "text": "A1"]])
            #expect(parts[2]["index"] == "0" && parts[2]["sub_type"] == "url")
            for word in ["read", "sent", "delivered", "read"] { try await receive(world, status(word, id)) }
            let message = try await world.message(id)
            #expect(message.state == .opened && message.costMicro == 60_000)
            #expect(try await world.said(MessageEvents.opened) == 1)
        }
    }

    @Test("words of our own go out as they are, and a closed window refuses them", arguments: StoreKind.allCases)
    func words(kind: StoreKind) async throws {
        try await with(kind) { world in
            let template = try await world.template("whatsapp", body: "Hi {{ event.code }}")
            world.side.answer([.text(400, #"{"error":{"code":131047,"message":"Re-engagement message"}}"#)])
            let id = try await world.plan("a", to: 1, template)
            try await world.send()
            let message = try await world.message(id)
            #expect(message.state == .bounced && message.reason == "window_closed")
            #expect(try JSONValue(parsing: world.side.calls[0].body)["text"]?["body"] == "Hi A1")
            #expect(try await !world.isSuppressed("whatsapp", Self.phone))
        }
    }

    @Test("one person gets one message in six seconds", arguments: StoreKind.allCases)
    func pacing(kind: StoreKind) async throws {
        try await with(kind) { world in
            let template = try await world.template("whatsapp", body: "Hi")
            for number in 1...2 { try await world.plan("k\(number)", to: 1, template, isTransactional: true) }
            try await world.send()
            #expect(world.side.calls.count == 1)
            world.clock.advance(milliseconds: 5_000)
            try await world.send()
            #expect(world.side.calls.count == 1)
            world.clock.advance(milliseconds: 1_500)
            try await world.send()
            #expect(world.side.calls.count == 2)
        }
    }

    @Test("what was taken and given up later is put off, ends, or closes the account", arguments: StoreKind.allCases)
    func failures(kind: StoreKind) async throws {
        try await with(kind) { world in
            let template = try await world.template("whatsapp", body: "Hi")
            let id = try await world.plan("a", to: 1, template, isTransactional: true)
            try await world.send()
            try await receive(world, status("failed", id, code: 131049))
            #expect(try await world.message(id).state == .planned)
            world.clock.advance(milliseconds: 23 * 3_600_000)
            try await world.send()
            #expect(world.side.calls.count == 1)
            world.side.usually(200, #"{"messages":[{"id":"wamid.2"}]}"#)
            world.clock.advance(milliseconds: 2 * 3_600_000)
            try await world.send()
            #expect(world.side.calls.count == 2)
            // The first attempt's failure, told again, is old.
            try await receive(world, status("failed", id, code: 131049))
            #expect(try await world.message(id).state == .sent)
            try await receive(world, status("failed", id, "wamid.2", code: 131050))
            let message = try await world.message(id)
            #expect(message.state == .bounced && message.reason == "opted_out")
            #expect(try await world.isSuppressed("whatsapp", Self.phone))

            try await world.person(2, phone: "+8613800138002")
            world.side.answer([.text(400, #"{"error":{"code":131031,"message":"locked"}}"#)])
            let locked = try await world.plan("b", to: 2, template, isTransactional: true)
            try await world.send()
            #expect(try await world.message(locked).state == .planned)
            let closed = try await world.platform.store.read {
                try ProviderGates.load(WhatsAppCloud(), at: world.clock.now, $0)
            }
            #expect(closed.count == 1)
        }
    }

    @Test("a status without the app's signature is not heard; Meta's look at the address is answered")
    func signature() async throws {
        try await with(.sqlite) { world in
            await #expect(throws: ProviderError.forged) {
                try await world.receive("whatsapp_cloud", "{}", headers: ["x-hub-signature-256": "sha256=00"])
            }
            await #expect(throws: ProviderError.forged) { try await world.receive("whatsapp_cloud", "{}") }
            let (provider, _, line) = try await world.catalog.line("whatsapp_cloud", world.platform)
            let query = [
                "hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": line.account.receiptKey,
            ]
            #expect(try await provider.receive(ReceivedCall(method: "GET", query: query), line).answer == "1158201444")
            await #expect(throws: ProviderError.forged) {
                var wrong = query
                wrong["hub.verify_token"] = "x"
                _ = try await provider.receive(ReceivedCall(method: "GET", query: wrong), line)
            }
        }
    }

    @Test(
        "replies, pressed buttons and “stop” said in the app are heard; another number's are not",
        arguments: StoreKind.allCases)
    func replies(kind: StoreKind) async throws {
        try await with(kind) { world in
            let message = { (type: String, more: String) in
                #"{"metadata":{"phone_number_id":"1001"},"messages":[{"from":"8613800138000","id":"\#(type)","timestamp":"1","type":"\#(type)",\#(more)}]}"#
            }
            try await receive(world, message("text", #""text":{"body":"hello"}"#))
            try await receive(world, message("button", #""button":{"text":"Yes"}"#))
            try await receive(
                world,
                #"{"metadata":{"phone_number_id":"9"},"messages":[{"from":"8613800138000","id":"o","type":"text","text":{"body":"x"}}]}"#
            )
            #expect(try await world.said(MessageEvents.replied) == 2)
            try await receive(
                world, #"{"user_preferences":[{"wa_id":"8613800138000","value":"stop","timestamp":1731705721}]}"#)
            let template = try await world.template("whatsapp", body: "Hi")
            let id = try await world.plan("a", to: 1, template)
            try await world.send()
            #expect(try await world.message(id).reason == "consent_refused")
        }
    }

    @Test("templates are read with the places of all their parts")
    func templates() async throws {
        try await with(.sqlite) { world in
            let page = """
                {"data":[{"name":"sale","language":"en_US","status":"APPROVED","category":"MARKETING","rejected_reason":"NONE",
                  "components":[{"type":"HEADER","format":"TEXT","text":"For {{1}}"},{"type":"BODY","text":"Get {{1}} off until {{2}}"},
                  {"type":"BUTTONS","buttons":[{"type":"URL","url":"https://x.example/{{1}}"},{"type":"COPY_CODE"}]}]}],
                 "paging":{"cursors":{"after":"c2"},"next":"https://graph/next"}}
                """
            let rest =
                #"{"data":[{"name":"pic","language":"en_US","status":"PAUSED","category":"UTILITY","components":[{"type":"HEADER","format":"IMAGE"},{"type":"BODY","text":"b"}]}],"paging":{}}"#
            world.side.answer([.text(200, page), .text(200, rest)])
            #expect(try await ApprovedTemplates.fetch("whatsapp_cloud", by: "t", world.catalog, world.platform) == 2)
            #expect(world.side.calls[1].url.contains("&after=c2"))
            let kept = try await world.platform.store.read { try ApprovedTemplates.list("whatsapp_cloud", $0) }
            let sale = try #require(kept.first { $0.code == "sale" })
            #expect(sale.parameters == ["header.1", "1", "2", "button.0", "button.1.code"])
            #expect(sale.text == "For {{header.1}}\nGet {{1}} off until {{2}}")
            #expect(kept.first { $0.code == "pic" }?.status == .rejected)
        }
    }

    @Test("a template is handed in with its language and examples; what cannot be one never leaves")
    func submission() async throws {
        try await with(.sqlite) { world in
            world.side.answer([
                .text(200, #"{"id":"594425479261596","status":"PENDING","category":"UTILITY"}"#),
                .text(200, #"{"id":"2","status":"PENDING","category":"MARKETING"}"#),
                .text(400, #"{"error":{"code":100,"message":"m","error_user_msg":"The name is taken."}}"#),
            ])
            let (provider, _, line) = try await world.catalog.line("whatsapp_cloud", world.platform)
            let draft = ProviderTemplateDraft(
                name: "parcel_here", text: "Parcel {{1}} is at {{2}} now, {{1}}.", category: "notice",
                language: "zh_CN", remark: "", examples: ["A17", "Shanghai"])
            try await provider.submit(draft, line)
            let call = try #require(world.side.calls.first)
            #expect(call.method == "POST" && call.url == "https://graph.facebook.com/v23.0/2002/message_templates")
            #expect(call.headers.contains(ProviderCall.Header("Authorization", "Bearer token")))
            let wanted: JSONValue = [
                "name": "parcel_here", "language": "zh_CN", "category": "UTILITY",
                "components": [
                    [
                        "type": "BODY", "text": "Parcel {{1}} is at {{2}} now, {{1}}.",
                        "example": ["body_text": [["A17", "Shanghai"]]],
                    ]
                ],
            ]
            #expect(try JSONValue(parsing: call.body) == wanted)
            var named = draft
            (named.text, named.examples, named.category) = ("Hi {{name}}, come.", ["Lin"], "marketing")
            try await provider.submit(named, line)
            let body = try JSONValue(parsing: world.side.calls[1].body)
            #expect(body["parameter_format"] == "NAMED" && body["category"] == "MARKETING")
            let example = body["components"]?[0]?["example"]
            #expect(example?["body_text_named_params"] == [["param_name": "name", "example": "Lin"]])
            await #expect(throws: ProviderError.refused(code: "100", "The name is taken.")) {
                try await provider.submit(draft, line)
            }
            var wrong = Array(repeating: draft, count: 5)
            (wrong[0].name, wrong[1].language, wrong[2].category) = ("Parcel here", "Chinese", "verification")
            (wrong[3].text, wrong[4].examples) = ("{{2}} then {{name}}", ["A17"])
            for (one, field) in zip(wrong, ["name", "language", "category", "text", "examples"]) {
                await #expect(throws: ProviderError.badField(field)) { try await provider.submit(one, line) }
            }
            #expect(world.side.calls.count == 3)
        }
    }

    @Test(
        "a title's place, and the end of a button's address, are filled in where they belong",
        arguments: StoreKind.allCases)
    func parts(kind: StoreKind) async throws {
        try await with(kind) { world in
            let page = """
                {"data":[{"name":"sale","language":"en_US","status":"APPROVED","category":"MARKETING","components":[
                  {"type":"HEADER","format":"TEXT","text":"For {{1}}"},{"type":"BODY","text":"Get {{1}} off until {{2}}"},
                  {"type":"BUTTONS","buttons":[{"type":"QUICK_REPLY","text":"No"},
                    {"type":"URL","text":"Go","url":"https://x.example/{{1}}"}]}]}],"paging":{}}
                """
            world.side.answer([.text(200, page)])
            _ = try await ApprovedTemplates.fetch("whatsapp_cloud", by: "t", world.catalog, world.platform)
            var sale = ProviderTemplate(
                provider: "whatsapp_cloud", code: "sale", language: "en_US",
                text: "For {{header.1}}\nGet {{1}} off until {{2}}",
                parameters: [
                    .init(name: "button.1", value: "s?c={{ event.code }} 新"), .init(name: "2", value: "May"),
                    .init(name: "1", value: "5%"),
                ])
            let bare = sale
            await #expect(throws: TemplateError.missingParameter(variant: "A", name: "header.1")) {
                _ = try await world.template("whatsapp", bare)
            }
            sale.parameters.append(.init(name: "header.1", value: "{{ event.code }}"))
            let template = try await world.template("whatsapp", sale)
            try await world.plan("a", to: 1, template, isTransactional: true)
            try await world.send()
            let wanted: JSONValue = [
                ["type": "header", "parameters": [["type": "text", "text": "A1"]]],
                ["type": "body", "parameters": [["type": "text", "text": "5%"], ["type": "text", "text": "May"]]],
                [
                    "type": "button", "sub_type": "url", "index": "1",
                    "parameters": [["type": "text", "text": "s?c=A1%20%E6%96%B0"]],
                ],
            ]
            let body = try JSONValue(parsing: try #require(world.side.calls.last).body)
            #expect(body["template"]?["components"] == wanted)
        }
    }

    @Test("a title and a button are handed in with examples of their own")
    func partsHandedIn() throws {
        var draft = ProviderTemplateDraft(
            name: "parcel", text: "At {{1}}.", category: "notice", language: "en_US", remark: "", examples: ["Bund"],
            header: "Parcel {{1}}", headerExample: "A17", buttonLabel: "Track",
            buttonURL: "https://x.example/p?c={{1}}", buttonExample: "a17")
        let wanted: JSONValue = [
            ["type": "HEADER", "format": "TEXT", "text": "Parcel {{1}}", "example": ["header_text": ["A17"]]],
            ["type": "BODY", "text": "At {{1}}.", "example": ["body_text": [["Bund"]]]],
            [
                "type": "BUTTONS",
                "buttons": [
                    ["type": "URL", "text": "Track", "url": "https://x.example/p?c={{1}}", "example": ["a17"]]
                ],
            ],
        ]
        #expect(try WhatsAppDraft(draft).json["components"] == wanted)
        (draft.text, draft.header) = ("At {{place}}.", "Parcel {{code}}")
        let named = try WhatsAppDraft(draft).json
        #expect(named["parameter_format"] == "NAMED")
        #expect(
            named["components"]?[0]?["example"]?["header_text_named_params"]
                == [["param_name": "code", "example": "A17"]])
        let changes: [(String, (inout ProviderTemplateDraft) -> Void)] = [
            ("header", { $0.header = "Parcel {{1}}" }), ("header", { $0.header = "{{a}} {{b}}" }),
            ("header", { $0.header = String(repeating: "a", count: 61) }),
            ("header_example", { $0.headerExample = "" }), ("button_label", { $0.buttonLabel = "" }),
            ("button_url", { $0.buttonURL = "https://x.example/{{1}}/p" }), ("button_url", { $0.buttonURL = "{{1}}" }),
            ("button_example", { $0.buttonExample = "" }),
        ]
        for (field, change) in changes {
            var wrong = draft
            change(&wrong)
            #expect(throws: ProviderError.badField(field)) { _ = try WhatsAppDraft(wrong) }
        }
    }

    @Test("what events and traits say of WhatsApp is consent, as of any other channel")
    func consent() {
        #expect(ConsentWords.read("whatsapp_opt_in", true) == ["whatsapp": true])
        #expect(ConsentWords.read("consent", ["whatsapp": "denied", "sms": true]) == ["whatsapp": false, "sms": true])
        #expect(ConsentWords.read(changed: ["channel": "WhatsApp", "granted": false]) == ["whatsapp": false])
        let messaged = Set(ProviderCatalog.all.map(\.channel)).union(["email"])
        // WeCom speaks to its own contacts, and its robot to employees: the brand's events say nothing of them.
        #expect(messaged.subtracting(Consent.channels).sorted() == ["wecom", "wecom_robot"])
        let offered = ConsentCondition.form.parts.first { $0.field == "channel" }?.choices.map(\.value)
        #expect(Set(offered ?? []) == Set(Consent.channels))
    }
}
