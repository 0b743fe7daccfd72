import Engine
import Foundation
import HTTPTypes
import Testing

@testable import Web

@Suite("The console's gate")
struct GateTests {
    @Test("every route answers every role as its permissions say")
    func everyRouteAsEveryRole() async throws {
        try await ConsoleHarness.with { harness in
            for role in Role.allCases {
                let browser = try await harness.signedIn(as: role)
                _ = try await browser.get("/account")
                for route in ConsoleCatalog.routes {
                    let path = route.path.replacing(/\{[a-z]+\}/, with: "1")
                    let answer =
                        route.changes
                        ? try await browser.post(path, token: "forged") : try await browser.get(path)
                    // A forged token never passes: an allowed change answers 403 as a forbidden one does, but says why.
                    let isForbidden = answer.status == 403 && !answer.text.contains("This form is too old")
                    #expect(isForbidden != role.may(route.permission), "\(role) \(route.path) \(answer.status)")
                    if route.changes { #expect(answer.status == 403, "\(role) \(route.path)") }
                }
            }
        }
    }

    @Test("no route of the catalogue opens without a session")
    func stranger() async throws {
        try await ConsoleHarness.with { harness in
            let browser = Browser(harness: harness)
            for route in ConsoleCatalog.routes {
                let path = route.path.replacing(/\{[a-z]+\}/, with: "1")
                let answer = route.changes ? try await browser.post(path) : try await browser.get(path)
                #expect(answer.status == 303 && answer.location.hasPrefix("/sign-in"), "\(path)")
            }
        }
    }

    @Test("pages forbid inline script, framing and guessing of types")
    func securityHeaders() async throws {
        try await ConsoleHarness.with { harness in
            let answer = try await harness.signedIn(as: .admin).get("/account")
            let policy = answer.headers[.contentSecurityPolicy] ?? ""
            #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
            #expect(answer.headers[.xContentTypeOptions] == "nosniff")
            #expect(answer.headers[.frameOptions] == "DENY")
            #expect(answer.headers[.cacheControl] == "no-store")
        }
    }

    @Test("hostile names come out as text everywhere")
    func escaping() async throws {
        try await ConsoleHarness.with { harness in
            let hostile = "</script><img src=x onerror=alert(1)>\"'"
            let browser = try await harness.signedIn(as: .admin, name: hostile)
            for route in ConsoleCatalog.routes where route.kind == .page && !route.path.contains("{") {
                let answer = try await browser.get(route.path)
                #expect(!answer.text.contains("<img src=x"), "\(route.path)")
            }
            _ = try await browser.get("/settings/users")
            let answer = try await browser.post("/settings/users", ["email": hostile, "name": hostile])
            #expect(answer.status == 422 && !answer.text.contains("<img src=x"))
            #expect(answer.text.contains("&lt;img src=x"))
        }
    }

    @Test("the browser's files are kept for ever under their hash and nothing else is served")
    func assets() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .viewer)
            let page = try await browser.get("/account").text
            let path = String(try #require(page.firstMatch(of: /href="(\/assets\/[^"]+perennial\.css)"/)).1)
            let answer = try await browser.get(path, headers: [.acceptEncoding: "gzip"])
            #expect(answer.status == 200 && answer.headers[.contentEncoding] == "gzip")
            #expect(answer.headers[.cacheControl]?.contains("immutable") == true)
            for wrong in ["/assets/x/perennial.css", "/assets/../Templates/x", "/assets/x/echarts/..%2Fx.js"] {
                #expect(try await browser.get(wrong).status == 404)
            }
        }
    }
}
