import Storage
import TestSupport
import Testing

@testable import Engine

/// Text messages over real stores; only the providers are played.
@Suite("Text messages", .serialized)
struct SMSTests {
    private static let phone = "+8613800138000"

    @Test("a message is made of the provider's template, sent once, and counted", arguments: StoreKind.allCases)
    func sent(kind: StoreKind) async throws {
        try await ProviderWorld.with(kind) { world in
            try await world.aliyun(price: 45_000)
            try await world.person(1, phone: Self.phone)
            let id = try await world.plan("a", to: 1, world.coupon())
            try await world.send()
            try await world.send()
            let message = try await world.message(id)
            #expect(message.state == .sent && message.address == Self.phone)
            #expect(message.units == 1 && message.costMicro == 45_000)
            #expect(world.side.calls.count == 1)
            let url = try #require(world.side.calls.first).url
            #expect(url.hasPrefix("https://dysmsapi.aliyuncs.com/?OutId=\(id)&PhoneNumbers=13800138000&"))
            #expect(
                url.contains("SignName=%E5%B8%B8%E9%9D%92&TemplateCode=SMS_1&TemplateParam=%7B%22code%22%3A%22A1%22%7D")
            )
        }
    }

    @Test("Tencent Cloud gets the number in full, its values in order and our id", arguments: StoreKind.allCases)
    func tencent(kind: StoreKind) async throws {
        try await ProviderWorld.with(kind) { world in
            try await world.setUp(
                "tencent_sms", values: ["secret_id": "id", "sdk_app_id": "1400", "region": "ap-guangzhou"],
                secrets: ["secret_key": "s"])
            world.side.usually(
                200, #"{"Response":{"SendStatusSet":[{"SerialNo":"2019:1","Code":"Ok"}],"RequestId":"r"}}"#)
            try await world.person(1, phone: "+85261234567")
            let template = try await world.template(
                "sms",
                ProviderTemplate(
                    provider: "tencent_sms", code: "77", signature: "常青", text: "{1} {2} {10}",
                    parameters: ["10", "2", "1"].map { .init(name: $0, value: "v\($0)") }))
            let id = try await world.plan("a", to: 1, template)
            try await world.send()
            #expect(try await world.message(id).state == .sent)
            let call = try #require(world.side.calls.first)
            let body = try JSONValue(parsing: call.body)
            #expect(body["PhoneNumberSet"] == ["+85261234567"] && body["TemplateParamSet"] == ["v1", "v2", "v10"])
            #expect(body["SessionContext"] == .string(String(id)) && body["SignName"] == "常青")
            #expect(call.headers.contains(ProviderCall.Header("X-TC-Action", "SendSms")))
            let report = """
                [{"sid":"2019:1","report_status":"FAIL","errmsg":"UNDELIV","description":"off","mobile":"1","nationcode":"86"}]
                """
            #expect(try await world.receive("tencent_sms", report).answer == #"{"result":0,"errmsg":"OK"}"#)
            let message = try await world.message(id)
            #expect(message.state == .bounced && message.reason == MessageProgress.notReached)
        }
    }

    @Test(
        "errors mean what the table says: again, never again to this number, nothing more by the account or template",
        arguments: StoreKind.allCases)
    func errors(kind: StoreKind) async throws {
        try await ProviderWorld.with(kind) { world in
            try await world.aliyun()
            let (one, other) = (try await world.coupon(), try await world.coupon(code: "SMS_2"))
            for person in Int64(1)...6 { try await world.person(person, phone: "+861380013800\(person)") }
            let answer = { (code: String) in ProviderAnswer.text(200, #"{"Code":"\#(code)","Message":"m"}"#) }

            world.side.answer([answer("isp.SYSTEM_ERROR")])
            let again = try await world.plan("again", to: 1, one)
            try await world.send()
            #expect(try await world.message(again).state == .planned)
            #expect(try await world.message(again).reason == "deferred")
            world.clock.advance(milliseconds: 60_000)
            try await world.send()
            #expect(try await world.message(again).state == .sent)

            world.side.answer([answer("isv.MOBILE_NUMBER_ILLEGAL")])
            let bad = try await world.plan("bad", to: 2, one)
            try await world.send()
            #expect(try await world.message(bad).reason == "no_such_address")
            #expect(try await world.isSuppressed("sms", "+8613800138002"))

            world.side.answer([answer("isv.SMS_TEMPLATE_ILLEGAL")])
            let refused = try await world.plan("refused", to: 3, one)
            try await world.send()
            #expect(try await world.message(refused).state == .planned)
            let before = world.side.calls.count
            let waiting = try await world.plan("waiting", to: 4, one)
            let going = try await world.plan("going", to: 5, other)
            try await world.send()
            #expect(try await world.message(waiting).state == .planned)
            #expect(try await world.message(going).state == .sent)
            #expect(world.side.calls.count == before + 1)
            world.clock.advance(milliseconds: 31_000)
            try await world.send()
            #expect(try await world.message(waiting).state == .sent)
            #expect(try await world.message(refused).state == .sent)

            world.side.answer([answer("isv.AMOUNT_NOT_ENOUGH")])
            let poor = try await world.plan("poor", to: 6, other)
            try await world.send()
            let closed = try await world.platform.store.read {
                try ProviderGates.load(AliyunSMS(), at: world.clock.now, $0)
            }
            #expect(closed.map(\.scope) == ["sms@aliyun_sms"] && closed.first?.detail == "isv.AMOUNT_NOT_ENOUGH m")
            let now = world.clock.now
            try await world.platform.store.write { try ProviderGates.open(AliyunSMS(), at: now, $0) }
            world.clock.advance(milliseconds: 31_000)
            try await world.send()
            #expect(try await world.message(poor).state == .sent)
        }
    }

    @Test(
        "no clear answer is unknown and never sent again, until the receipt says what became of it",
        arguments: StoreKind.allCases)
    func unknown(kind: StoreKind) async throws {
        try await ProviderWorld.with(kind) { world in
            try await world.aliyun()
            let template = try await world.coupon()
            for person in Int64(1)...4 { try await world.person(person, phone: "+861380013800\(person)") }
            world.side.answer([
                .unknown("timeout"), .text(502, "<html>"), .text(200, "garbage"), .text(503, "busy"),
            ])
            var ids: [Int64] = []
            for person in Int64(1)...4 {
                ids.append(try await world.plan("k\(person)", to: person, template))
                try await world.send()
            }
            for id in ids.prefix(3) { #expect(try await world.message(id).state == .unknown) }
            #expect(try await world.message(ids[3]).state == .planned)
            world.clock.advance(milliseconds: 86_400_000)
            try await world.send()
            #expect(world.side.calls.count == 5)
            try await world.receive(
                "aliyun_sms",
                """
                [{"biz_id":"b1","out_id":"\(ids[0])","success":true,"err_code":"DELIVERED"},
                 {"biz_id":"b2","out_id":"\(ids[1])","success":false,"err_code":"MOBILE_IN_BLACK","err_msg":"x"}]
                """)
            #expect(try await world.message(ids[0]).state == .delivered)
            #expect(try await world.message(ids[1]).reason == "blacklisted")
            #expect(try await world.isSuppressed("sms", "+8613800138002"))
            #expect(try await world.message(ids[2]).state == .unknown)
        }
    }

    @Test("receipts come twice, late, and before the answer was written down", arguments: StoreKind.allCases)
    func receipts(kind: StoreKind) async throws {
        try await ProviderWorld.with(kind) { world in
            try await world.aliyun()
            try await world.person(1, phone: Self.phone)
            let id = try await world.plan("a", to: 1, world.coupon())
            // Of a message that is still being handed over.
            try await world.platform.store.write { connection in
                _ = try connection.execute(
                    "UPDATE messages SET state = 'sending', lease_expires_ms = \(Int64.max) WHERE id = \(id)")
            }
            let good = #"[{"biz_id":"biz","out_id":"\#(id)","success":true,"err_code":"DELIVERED"}]"#
            try await world.receive("aliyun_sms", good)
            #expect(try await world.message(id).state == .sending)
            try await world.platform.store.write { connection in
                _ = try connection.execute(
                    "UPDATE messages SET state = 'planned', lease_expires_ms = 0 WHERE id = \(id)")
            }
            try await world.send()
            #expect(try await world.message(id).state == .sent)
            world.clock.advance(milliseconds: 5_000)
            try await world.apply()
            #expect(try await world.message(id).state == .delivered)
            // The same again, and an older word that says otherwise.
            try await world.receive("aliyun_sms", good)
            try await world.receive(
                "aliyun_sms", #"[{"biz_id":"biz","out_id":"\#(id)","success":false,"err_code":"UNDELIVERED"}]"#)
            #expect(try await world.message(id).state == .delivered)
            #expect(try await world.said(MessageEvents.delivered) == 1)
            #expect(try await world.said(MessageEvents.bounced) == 0)
            // About nothing of ours: given up after a while.
            try await world.receive("aliyun_sms", #"[{"biz_id":"other","out_id":"77","success":true}]"#)
            for _ in 0..<12 {
                world.clock.advance(milliseconds: 3_600_000)
                try await world.apply()
            }
            let left = try await world.platform.store.read {
                try $0.first("SELECT count(*) FROM waiting_receipts")?.int(0)
            }
            #expect(left == 0)
        }
    }

    @Test("a number that is not reached three times in a row is let be", arguments: StoreKind.allCases)
    func unreachable(kind: StoreKind) async throws {
        try await ProviderWorld.with(kind) { world in
            try await world.aliyun()
            try await world.person(1, phone: Self.phone)
            let template = try await world.coupon()
            for number in 1...3 {
                #expect(try await !world.isSuppressed("sms", Self.phone))
                let id = try await world.plan("k\(number)", to: 1, template, isTransactional: true)
                try await world.send()
                try await world.receive(
                    "aliyun_sms", #"[{"biz_id":"biz","out_id":"\#(id)","success":false,"err_code":"UNDELIVERED"}]"#)
                world.clock.advance(milliseconds: 1_000)
            }
            #expect(try await world.isSuppressed("sms", Self.phone))
        }
    }

    @Test("a reply is kept once and told; STOP is heeded, also of somebody nobody knows", arguments: StoreKind.allCases)
    func replies(kind: StoreKind) async throws {
        try await ProviderWorld.with(kind) { world in
            try await world.aliyun()
            try await world.person(1, phone: Self.phone)
            let template = try await world.coupon()
            let first = try await world.plan("a", to: 1, template)
            try await world.send()
            let up = { (id: String, phone: String, text: String) in
                #"[{"phone_number":"\#(phone)","content":"\#(text)","sequence_id":"\#(id)","send_time":"2026-01-01 00:00:00"}]"#
            }
            for _ in 1...2 { try await world.receive("aliyun_sms", up("s1", "13800138000", "谢谢")) }
            #expect(try await world.said(MessageEvents.replied) == 1)
            let told = try await world.platform.store.read {
                try $0.first("SELECT properties FROM event_log WHERE name = 'Message Replied'")?.text(0)
            }
            let properties = try JSONValue(parsing: try #require(told))
            #expect(properties["message_id"] == JSONValue(id: first) && properties["text"] == "谢谢")
            try await world.receive("aliyun_sms", up("s2", "8613800138000", " TD "))
            let second = try await world.plan("b", to: 1, template)
            try await world.send()
            #expect(try await world.message(second).reason == "consent_refused")
            try await world.receive("aliyun_sms", up("s3", "13900139000", "退订"))
            #expect(try await world.isSuppressed("sms", "+8613900139000"))
            // Nothing of it is left of who was erased.
            try await world.platform.store.write { try MessageForgetting.forget([1], $0) }
            let kept = try await world.platform.store.read {
                try $0.first("SELECT count(*) FROM message_replies")?.int(0)
            }
            #expect(kept == 0)
        }
    }

    @Test("who does not know the key is not heard, nor what cannot be read")
    func forged() async throws {
        try await ProviderWorld.with(.sqlite) { world in
            try await world.aliyun()
            await #expect(throws: ProviderError.forged) {
                try await world.receive("aliyun_sms", "[]", key: "00000000000000000000000000000000")
            }
            await #expect(throws: ProviderError.unreadable) { try await world.receive("aliyun_sms", "{}") }
            await #expect(throws: ProviderError.unreadable) { try await world.receive("aliyun_sms", #"[{"x":1}]"#) }
            await #expect(throws: ProviderError.unknownProvider("nobody")) { try await world.receive("nobody", "[]") }
            #expect(try await world.said(ReceivedCalls.receiptReceived) == 0)
        }
    }

    @Test("templates and signatures are fetched in pages, and only what is approved and filled in is published")
    func templates() async throws {
        try await ProviderWorld.with(.sqlite) { world in
            try await world.aliyun()
            let page = """
                {"Code":"OK","TotalCount":3,"SmsTemplateList":[
                  {"TemplateCode":"SMS_1","TemplateName":"券","TemplateContent":"券${code}","AuditStatus":"AUDIT_STATE_PASS","OuterTemplateType":2},
                  {"TemplateCode":"SMS_2","TemplateName":"码","TemplateContent":"码","AuditStatus":"AUDIT_STATE_NOT_PASS","Reason":{"RejectInfo":"no"}}]}
                """
            let rest = """
                {"Code":"OK","TotalCount":3,"SmsTemplateList":[{"TemplateCode":"SMS_3","TemplateName":"x","TemplateContent":"x","AuditStatus":"AUDIT_STATE_INIT"}]}
                """
            let signs =
                #"{"Code":"OK","TotalCount":1,"SmsSignList":[{"SignName":"常青","AuditStatus":"AUDIT_STATE_PASS"}]}"#
            world.side.answer([.text(200, page), .text(200, rest), .text(200, signs)])
            let count = try await ApprovedTemplates.fetch("aliyun_sms", by: "test", world.catalog, world.platform)
            #expect(count == 4)
            let kept = try await world.platform.store.read { try ApprovedTemplates.list("aliyun_sms", $0) }
            #expect(kept.first { $0.code == "SMS_1" }?.parameters == ["code"])
            #expect(kept.first { $0.code == "SMS_2" }?.detail == "no")
            #expect(kept.first { $0.code == "SMS_3" }?.status == .waiting)
            _ = try await world.coupon()
            await #expect(throws: TemplateError.notApproved(variant: "A", code: "SMS_2")) {
                _ = try await world.coupon(code: "SMS_2")
            }
            await #expect(throws: TemplateError.missingParameter(variant: "A", name: "code")) {
                _ = try await world.template("sms", ProviderTemplate(provider: "aliyun_sms", code: "SMS_1"))
            }
            await #expect(throws: TemplateError.noProviderTemplate(variant: "A")) {
                _ = try await world.template("sms", body: "words of our own")
            }
            world.side.answer([.text(403, #"{"Code":"SignatureDoesNotMatch","Message":"no"}"#)])
            await #expect(throws: ProviderError.refused(code: "SignatureDoesNotMatch", "no")) {
                _ = try await ApprovedTemplates.fetch("aliyun_sms", by: "test", world.catalog, world.platform)
            }
            // Nobody refused where nobody answered.
            world.side.answer([.unreachable("no route")])
            await #expect(throws: ProviderError.unreachable("no route")) {
                _ = try await ApprovedTemplates.fetch("aliyun_sms", by: "test", world.catalog, world.platform)
            }
        }
    }

    @Test("a marketing text at night waits for the morning of China")
    func morning() {
        let faults = TencentSMS().faults
        // 23:30 in Shanghai.
        let late = Timestamp(seconds: 1_790_091_000)
        let outcome = faults.outcome(of: "FailedOperation.MarketingSendTimeConstraint", detail: "", at: late)
        #expect(outcome == .retry(reason: "deferred", detail: "", after: 8 * 3_600_000 + 1_800_000))
        #expect(faults.meaning(of: "LimitExceeded.PhoneNumberDailyLimit") == .retry(.hours(24)))
        #expect(faults.meaning(of: "InternalError.Timeout") == .retry())
        #expect(faults.meaning(of: "FailedOperation.TemplateIncorrectOrUnapproved") == .pause(.template))
        #expect(faults.meaning(of: "FailedOperation.OtherError") == nil)
    }
}
