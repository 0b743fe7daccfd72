import Engine
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("The pages of providers") struct ProviderPageTests {
    @Test("all providers are listed, and each has its page with what its errors mean")
    func pages() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            let list = try await browser.get("/sending/providers")
            #expect(list.status == 200)
            for provider in ProviderCatalog.all {
                #expect(list.text.contains("/sending/providers/\(provider.name)"))
                let page = try await browser.get("/sending/providers/\(provider.name)")
                #expect(page.status == 200 && page.text.contains(provider.faults[0].code), "\(provider.name)")
                #expect(!page.text.contains("provider."), "\(provider.name)")
            }
            #expect(try await browser.get("/sending/providers/nobody").status == 404)
        }
    }

    @Test("an account is saved with its secret hidden, and a missing field is named")
    func save() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            let path = "/sending/providers/aliyun_sms"
            _ = try await browser.get(path)
            let fields = ["enabled": "1", "f_access_key_id": "id", "price": "0.045", "per_second": "0"]
            let missing = try await browser.post(path, fields)
            #expect(missing.status == 422 && missing.text.contains("AccessKey secret"))
            let saved = try await browser.post(path, fields.merging(["f_access_key_secret": "very secret"]) { $1 })
            #expect(saved.status == 303 || saved.status == 302)
            let page = try await browser.get(path)
            #expect(!page.text.contains("very secret") && page.text.contains("value=\"0.045\""))
            #expect(page.text.contains("/receipts/aliyun_sms/"))
            let bad = try await browser.post(path, fields.merging(["price": "x"]) { $1 })
            #expect(bad.status == 422)
        }
    }

    @Test("another address of the API asks for the secrets again, and keeps them where they were")
    func elsewhere() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            let path = "/sending/providers/aliyun_sms"
            _ = try await browser.get(path)
            let fields = ["enabled": "1", "f_access_key_id": "id", "price": "0", "per_second": "0"]
            #expect(try await browser.post(path, fields.merging(["f_access_key_secret": "s"]) { $1 }).status == 303)
            let evil = fields.merging(["base_url": "https://evil.example"]) { $1 }
            let told = try await browser.post(path, evil)
            #expect(told.status == 422 && told.text.contains("enter AccessKey secret again"))
            #expect(try await browser.post(path, evil.merging(["f_access_key_secret": "new"]) { $1 }).status == 303)
        }
    }

    @Test("a template that is refused stands as it was typed, and in no other form")
    func handedIn() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            let path = "/sending/providers/whatsapp_cloud"
            _ = try await browser.get(path)
            _ = try await browser.post(
                path,
                [
                    "enabled": "1", "f_phone_number_id": "1", "f_business_account_id": "2", "f_graph_version": "v23.0",
                    "f_access_token": "token", "f_app_secret": "secret", "price": "0", "per_second": "0",
                ])
            let refused = try await browser.post(
                path + "/templates", ["name": "parcel", "text": "Your parcel", "category": "nonsense"])
            #expect(refused.status == 422 && refused.text.contains("data-shown"))
            #expect(refused.text.contains(">Your parcel</textarea>") && refused.text.contains("value=\"parcel\""))
            #expect(refused.text.contains("id=\"trial-text\"") && !refused.text.contains("value=\"Your parcel\""))
        }
    }

    @Test("words of welcome have lines and a length, and a card without its address is refused at its field")
    func welcome() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            let path = "/sending/providers/wecom"
            _ = try await browser.get(path)
            let fields = [
                "f_corp_id": "ww1", "f_welcome_text": "Hello\r\nthere", "f_welcome_title": "New", "price": "0",
                "per_second": "0",
            ]
            let refused = try await browser.post(path, fields)
            #expect(refused.status == 422 && refused.text.contains("id=\"f-welcome_url-problem\""))
            #expect(refused.text.contains("is needed where “Title of its card” is filled in"))
            let saved = try await browser.post(path, fields.merging(["f_welcome_url": "https://a.example"]) { $1 })
            #expect(saved.status == 303)
            let page = try await browser.get(path).text
            #expect(page.contains(">Hello\nthere</textarea>") && page.contains("data-bytes=\"4000\""))
            #expect(page.contains("<span data-bytes-used>11</span> / 4,000 bytes"))
        }
    }

    @Test("the trial of web push asks for a person, and says when nobody is known by that")
    func person() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            let path = "/sending/providers/web_push"
            _ = try await browser.get(path)
            let account = ["enabled": "1", "f_subject": "mailto:a@a.example", "price": "0", "per_second": "0"]
            #expect(try await browser.post(path, account).status == 303)
            #expect(try await browser.get(path).text.contains("placeholder=\"Id, email or phone\""))
            let told = try await browser.post(path + "/trial", ["to": "nobody@shop.example", "text": "Hi"])
            #expect(told.status == 422 && told.text.contains("Nobody is known by that."))
        }
    }

    @Test("values without a name are told of")
    func values() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            let path = "/sending/providers/tencent_sms"
            _ = try await browser.get(path)
            let told = try await browser.post(path + "/trial", ["to": "13900000001", "parameters": "1 TRY"])
            #expect(told.status == 422 && told.text.contains("“Values” cannot be used."))
        }
    }

    @Test("a key of another length is refused, and a robot, which tells nothing, is not asked")
    func keys() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            _ = try await browser.get("/sending/providers/wecom")
            let short = try await browser.post(
                "/sending/providers/wecom",
                ["f_corp_id": "ww1", "f_encoding_aes_key": "short", "price": "0", "per_second": "0"])
            #expect(short.status == 422 && short.text.contains("“EncodingAESKey” cannot be used."))
            #expect(short.text.contains("What was typed is not shown again"))
            let robot = "/sending/providers/wecom_robot"
            _ = try await browser.post(robot, ["enabled": "1", "f_robot_key": "key", "price": "0", "per_second": "0"])
            let page = try await browser.get(robot)
            #expect(page.text.contains(robot + "/trial") && !page.text.contains(robot + "/check"))
        }
    }
}
