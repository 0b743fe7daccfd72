import Engine
import Testing

@testable import Web

@Suite("Signing in")
struct SignInTests {
    @Test("a page sends a stranger to sign-in and back again")
    func redirect() async throws {
        try await ConsoleHarness.with { harness in
            let answer = try await Browser(harness: harness).get("/settings?x=1")
            #expect(answer.status == 303)
            #expect(answer.location == "/sign-in?next=%2Fsettings%3Fx%3D1")
        }
    }

    @Test("the first administrator's link works once and a password chosen there signs in later")
    func link() async throws {
        try await ConsoleHarness.with { harness in
            let effects = harness.platform.effects
            let link = try #require(
                try await harness.platform.store.write {
                    try Users.firstAdministratorLink(email: "admin@localhost", language: "en", $0, effects)
                })
            let browser = Browser(harness: harness)
            #expect(try await browser.get(link.path).text.contains("admin@localhost"))
            let short = try await browser.post(link.path, ["password": "short", "again": "short"])
            #expect(short.status == 422)
            let password = "four words in a row"
            let entered = try await browser.post(link.path, ["password": password, "again": password])
            #expect(entered.status == 303 && entered.location == "/")
            #expect(entered.cookies.contains { $0.contains("HttpOnly; SameSite=Lax") })
            #expect(try await browser.get("/account").status == 200)
            #expect(try await Browser(harness: harness).get(link.path).status == 410)

            let later = Browser(harness: harness)
            _ = try await later.get("/sign-in")
            let refused = try await later.post("/sign-in", ["email": "admin@localhost", "password": "wrong words"])
            #expect(refused.status == 422 && refused.text.contains("admin@localhost"))
            let again = try await later.post(
                "/sign-in", ["email": "Admin@Localhost", "password": password, "next": "//evil.example"])
            #expect(again.status == 303 && again.location == "/")
            let none = try await harness.platform.store.write {
                try Users.firstAdministratorLink(email: "admin@localhost", language: "en", $0, effects)
            }
            #expect(none == nil)
        }
    }

    @Test("wrong passwords make an account wait, also for the right one")
    func throttle() async throws {
        try await ConsoleHarness.with { harness in
            let browser = Browser(harness: harness)
            _ = try await browser.get("/sign-in")
            for _ in 0..<AccountLimits.failuresByAccount {
                #expect(try await browser.post("/sign-in", ["email": "a@b.c", "password": "x"]).status == 422)
            }
            #expect(try await browser.post("/sign-in", ["email": "a@b.c", "password": "x"]).status == 429)
            #expect(try await browser.post("/sign-in", ["email": "other@b.c", "password": "x"]).status == 422)
        }
    }

    @Test("the sign-in form needs its own token")
    func formToken() async throws {
        try await ConsoleHarness.with { harness in
            let browser = Browser(harness: harness)
            _ = try await browser.get("/sign-in")
            let answer = try await browser.post("/sign-in", ["email": "a@b.c", "password": "x"], token: "forged")
            #expect(answer.status == 403)
        }
    }

    @Test("signing out ends the session")
    func signOut() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .viewer)
            let stolen = Browser(harness: harness, cookies: browser.cookies)
            _ = try await browser.get("/account")
            #expect(try await browser.post("/sign-out").location == "/sign-in")
            #expect(try await stolen.get("/account").status == 303)
        }
    }
}
