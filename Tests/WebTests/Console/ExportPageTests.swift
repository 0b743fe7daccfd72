import Engine
import Foundation
import Testing

@testable import Web

@Suite("The page of exports")
struct ExportPageTests {
    @Test("one that waits can be stopped by who asked for it, once, and hands nothing out")
    func cancel() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            _ = try await browser.get("/people")
            #expect(try await browser.post("/exports", ["list": "people", "back": "/people"]).location == "/people")
            let page = try await browser.get("/exports").text
            let path = String(try #require(page.firstMatch(of: /action="(\/exports\/\d+\/cancel)"/)).1)
            let other = try await harness.signedIn(as: .admin)
            _ = try await other.get("/exports")
            #expect(try await other.post(path).status == 404)
            #expect(try await browser.post(path).location == "/exports")
            #expect(try await browser.post(path).location == "/exports")
            _ = try await JobRunner(platform: harness.platform).drain()
            let after = try await browser.get("/exports").text
            #expect(after.contains("Stopped") && !after.contains("/cancel") && !after.contains("/file"))
            let noted = try await harness.platform.store.read { connection in
                var filter = AuditLog.Filter()
                filter.action = "export.cancel"
                return try AuditLog.page(filter, before: nil, connection).entries.count
            }
            #expect(noted == 1)
        }
    }
}
