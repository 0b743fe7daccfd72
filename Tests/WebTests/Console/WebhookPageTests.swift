import Engine
import Foundation
import Storage
import Testing

@testable import Web

@Suite("Webhook pages") struct WebhookPageTests {
    @Test("an endpoint is made with its secret shown once, tried, paused, changed and deleted")
    func life() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            #expect(try await browser.get("/settings/webhooks").text.contains("No webhooks yet"))
            let wrong = try await browser.post("/settings/webhooks", ["url": "nothing", "description": "CRM"])
            #expect(wrong.status == 422 && wrong.text.contains("must be an http or https address"))
            #expect(wrong.text.contains("value=\"CRM\""))
            let made = try await browser.post(
                "/settings/webhooks", ["url": "https://a.example/x", "description": "CRM", "event": "Tag Added"])
            #expect(made.status == 200 && made.text.contains("whsec_"))
            let path = try #require(
                made.text.firstMatch(of: /action="(\/settings\/webhooks\/\d+)\/pings"/).map { String($0.1) })
            let page = try await browser.get(path)
            #expect(!page.text.contains("whsec_") && page.text.contains("No messages yet"))
            #expect(try await browser.post(path + "/pings").location == path)
            let pinged = try await browser.get(path)
            #expect(pinged.text.contains("webhook.ping") && pinged.text.contains("Waiting"))
            let delivery = try #require(
                try await harness.platform.store.read { try $0.first("SELECT id FROM webhook_deliveries")?.int(0) })
            let waiting = try await browser.post(path + "/deliveries/\(delivery)/replays")
            #expect(waiting.status == 422 && waiting.text.contains("still waits"))
            _ = try await harness.platform.store.write {
                try $0.execute("UPDATE webhook_deliveries SET status = 'dead', problem = 'status', answer_status = 500")
            }
            let dead = try await browser.get(path)
            #expect(dead.text.contains("Not accepted") && dead.text.contains("Send all dead again"))
            #expect(try await browser.post(path + "/replays").status == 303)
            #expect(try await browser.post(path + "/status", ["status": "paused"]).status == 303)
            let paused = try await browser.get(path)
            #expect(
                paused.text.contains("Paused by hand") && paused.text.contains("what happens meanwhile is not told"))
            #expect(!paused.text.contains("Send a test"))
            #expect(try await browser.post(path + "/status", ["status": "enabled"]).status == 303)
            #expect(try await browser.get(path).text.contains("After a pause"))
            let rotated = try await browser.post(path + "/secrets")
            #expect(rotated.text.contains("whsec_") && rotated.text.contains("signs too until"))
            #expect(try await browser.post(path, ["url": "https://b.example/", "event": "Segment Left"]).status == 303)
            #expect(try await browser.get("/settings/webhooks").text.contains("https://b.example/"))
            #expect(try await browser.post(path + "/delete").location == "/settings/webhooks")
            #expect(try await browser.get(path).status == 404)
            #expect(try await browser.post(path + "/pings").status == 404)
        }
    }

    @Test("who may not manage sources sees no webhooks, and who may not export pushes nothing")
    func roles() async throws {
        try await ConsoleHarness.with { harness in
            let analyst = try await harness.signedIn(as: .analyst)
            #expect(try await analyst.get("/settings/webhooks").status == 403)
            let viewer = try await harness.signedIn(as: .viewer)
            #expect(try await viewer.get("/segments/1/pushes").status == 403)
        }
    }

    @Test("a segment is pushed from its page, shown there and at the webhook, and let go")
    func pushes() async throws {
        try await ConsoleHarness.with { harness in
            let (platform, browser) = (harness.platform, try await harness.signedIn(as: .admin))
            let (segment, webhook) = try await platform.store.write { connection in
                let segment = try Segments.create(
                    SegmentDraft(name: "VIP", kind: .list), effects: platform.effects, connection)
                let webhook = try Webhooks.create(
                    .init(url: "https://a.example/x", description: "CRM", events: []), by: "test", platform.seal,
                    platform.effects, connection)
                return (segment.id, webhook.endpoint.id)
            }
            let path = "/segments/\(segment)"
            #expect(try await browser.get(path).status == 200)
            #expect(try await browser.get(path + "/pushes").text.contains("CRM"))
            #expect(try await browser.post(path + "/pushes", ["webhook": "\(webhook)"]).location == path)
            let again = try await browser.post(path + "/pushes", ["webhook": "\(webhook)"])
            #expect(again.text.contains("kept up to date there already"))
            #expect(try await browser.get(path + "/pushes").text.contains("Sending the list"))
            #expect(try await browser.get("/settings/webhooks/\(webhook)").text.contains("Kept up to date here"))
            #expect(try await browser.get(path).text.contains("https://a.example/x"))
            let kept = try await browser.post(path + "/delete")
            #expect(kept.status == 409 && kept.text.contains("It is used by"))
            #expect(try await browser.post(path + "/pushes/\(webhook)/end").location == path)
            #expect(try await browser.post(path + "/delete").location == "/segments")
        }
    }
}
