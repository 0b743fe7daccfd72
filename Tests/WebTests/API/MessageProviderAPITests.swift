import Engine
import TestSupport
import Testing

@testable import Web

@Suite("Providers over the API") struct MessageProviderAPITests {
    @Test(
        "an account is set up, its secrets are told nobody, and what is wrong is named", arguments: StoreKind.allCases)
    func account(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            let path = "/api/v1/message-providers/aliyun_sms"
            let fresh = try await harness.api(.get, path).json
            #expect(fresh["enabled"] == false && fresh["complete"] == false && fresh["receipts_path"] == "")
            let early = try await harness.api(.put, path, ["enabled": true])
            #expect(try early.status == 422 && early.code == "missing_field")
            let draft: JSONValue = [
                "enabled": true, "values": ["access_key_id": "id"], "secrets": ["access_key_secret": "very secret"],
                "price_micro": 45_000,
            ]
            let saved = try await harness.api(.put, path, draft)
            #expect(try saved.json["complete"] == true && saved.json["secrets"] == ["access_key_secret"])
            #expect(!saved.text.contains("very secret"))
            let receipts = try #require(try saved.json["receipts_path"]?.stringValue)
            #expect(receipts.hasPrefix("/receipts/aliyun_sms/"))
            // What is left out stays.
            let again = try await harness.api(.put, path, ["enabled": false]).json
            #expect(
                again["complete"] == true && again["price_micro"] == 45_000
                    && again["receipts_path"] == .string(receipts))
            for (bad, field) in [
                (["enabled": true, "base_url": "ftp://x"] as JSONValue, "body.base_url"),
                (["enabled": true, "values": ["nope": "x"]], "body.values.nope"),
                (["enabled": true, "values": ["access_key_secret": "x"]], "body.values.access_key_secret"),
            ] {
                let refused = try await harness.api(.put, path, bad)
                #expect(try refused.status == 422 && refused.code == "bad_field", "\(field)")
            }
            // Nobody sends the kept secret where it was not entered for.
            let elsewhere: JSONValue = ["enabled": true, "base_url": "https://evil.example"]
            let told = try await harness.api(.put, path, elsewhere)
            #expect(try told.status == 422 && told.code == "secrets_again")
            #expect(told.text.contains("body.secrets.access_key_secret"))
            #expect(try await harness.api(.get, path).json["base_url"] == "https://dysmsapi.aliyuncs.com")
            #expect(try await harness.api(.get, "/api/v1/message-providers/nobody").status == 404)
            let names = try await harness.api(.get, "/api/v1/message-providers").json["items"]?.arrayValue ?? []
            #expect(names.count == ProviderCatalog.all.count)
            #expect(try await harness.api(.get, path + "/templates").json["items"] == [])
            let trial = try await harness.api(.post, path + "/trials", ["to": "nonsense", "template": "SMS_1"])
            #expect(try trial.code == "bad_address")
        }
    }

    @Test("a card without its address is refused, and the field is named")
    func cards() async throws {
        try await CollectHarness.with(.sqlite) { harness in
            let path = "/api/v1/message-providers/wecom"
            let card: JSONValue = ["enabled": false, "values": ["welcome_title": "New"]]
            let refused = try await harness.api(.put, path, card)
            #expect(try refused.status == 422 && refused.code == "missing_field")
            #expect(refused.text.contains("body.values.welcome_url"))
            let title = String(repeating: "a", count: 129)
            let long: JSONValue = ["enabled": false, "values": ["welcome_title": .string(title)]]
            #expect(try await harness.api(.put, path, long).code == "too_long")
        }
    }

    @Test("receipts are answered as the provider asks, and only at the right address", arguments: StoreKind.allCases)
    func receipts(kind: StoreKind) async throws {
        try await CollectHarness.with(kind) { harness in
            let draft: JSONValue = [
                "enabled": true, "values": ["secret_id": "id", "sdk_app_id": "1400"], "secrets": ["secret_key": "s"],
            ]
            let saved = try await harness.api(.put, "/api/v1/message-providers/tencent_sms", draft).json
            let path = try #require(saved["receipts_path"]?.stringValue)
            let body = Array(#"[{"sid":"1","report_status":"SUCCESS","errmsg":"DELIVRD"}]"#.utf8)
            let taken = try await harness.send(.post, path, bytes: body)
            #expect(taken.status == 200 && taken.text == #"{"result":0,"errmsg":"OK"}"#)
            #expect(try await harness.send(.post, path + "x", bytes: body).status == 404)
            #expect(try await harness.send(.post, "/receipts/nobody/x", bytes: body).status == 404)
            #expect(try await harness.send(.post, path, bytes: Array("no".utf8)).status == 400)
            #expect(try await harness.send(.post, path, bytes: [UInt8](repeating: 32, count: 1_000_001)).status == 413)
            // Web push tells us nothing.
            _ = try await harness.api(
                .put, "/api/v1/message-providers/web_push",
                ["enabled": true, "values": ["subject": "mailto:a@b.example"]])
            let push = try await harness.api(.get, "/api/v1/message-providers/web_push").json["receipts_path"]?
                .stringValue
            #expect(try await harness.send(.post, try #require(push), bytes: body).status == 400)
        }
    }
}
