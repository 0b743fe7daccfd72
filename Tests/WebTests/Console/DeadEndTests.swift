import HTTPTypes
import Testing

@testable import Web

@Suite("Addresses that lead nowhere")
struct DeadEndTests {
    private let html: HTTPFields = [.accept: "text/html,application/xhtml+xml"]

    @Test("a browser gets a page that says what to do, at any depth, signed in or not")
    func page() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .viewer)
            for path in ["/nothing", "/people/1/2/3", "/settings/nothing", "/people/4711"] {
                let answer = try await browser.get(path, headers: html)
                #expect(answer.status == 404 && answer.text.contains("href=\"/\""), "\(path)")
                #expect(answer.text.contains("class=\"nav\""), "\(path)")
                #expect(answer.headers[.contentSecurityPolicy] != nil)
            }
            let stranger = try await Browser(harness: harness).get("/nothing", headers: html)
            #expect(stranger.status == 404 && !stranger.text.contains("class=\"nav\""))
            #expect(stranger.text.contains("href=\"/\""))
        }
    }

    @Test("a program gets the bare status")
    func program() async throws {
        try await ConsoleHarness.with { harness in
            let answer = try await Browser(harness: harness).get("/nothing", headers: [.accept: "application/json"])
            #expect(answer.status == 404 && answer.text.isEmpty)
        }
    }
}
