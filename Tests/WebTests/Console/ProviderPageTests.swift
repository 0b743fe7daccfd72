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
}
