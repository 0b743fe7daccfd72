import Engine
import Foundation
import Testing

@testable import Web

/// A copy of a session's cookie, as a thief would have it, is worth nothing after a sign-in or a change of what its
/// owner may do, knows or carries.
@Suite("Sessions are given anew")
struct SessionRotationTests {
    private static let password = "four words in a row"
    private static let email = "admin@example.com"

    @Test("signing in again, by password or by link, ends the session that the browser held")
    func signIn() async throws {
        try await Self.with { harness, held in
            let browser = try await Self.beside(held, opening: "/sign-in")
            let entered = try await browser.post("/sign-in", ["email": Self.email, "password": Self.password])
            #expect(entered.status == 303 && entered.location == "/")
            #expect(try await !Self.isIn(held))
            #expect(try await Self.isIn(browser))

            let effects = harness.platform.effects
            let link = try await harness.platform.store.write { connection in
                let user = try #require(try Users.find(email: Self.email, connection))
                return try Users.oneTimeLink(for: user.id, purpose: .passwordReset, connection, effects)
            }
            let later = try await Self.beside(browser, opening: link.path)
            #expect(try await later.post(link.path, ["later": "1"]).location == "/")
            #expect(try await !Self.isIn(browser))
            #expect(try await Self.isIn(later))
        }
    }

    @Test("a new password gives its session another token and ends the others")
    func password() async throws {
        try await Self.with { harness, browser in
            let other = try await Self.signedIn(harness)
            let stolen = Self.copy(browser)
            _ = try await browser.get("/account")
            let next = "five other words in a row"
            let wrong = ["current": "wrong words here", "password": next, "again": next]
            #expect(try await browser.post("/account/password", wrong).status == 422)
            #expect(try await Self.isIn(stolen), "a refused change leaves everything")
            let right = ["current": Self.password, "password": next, "again": next]
            #expect(try await browser.post("/account/password", right).status == 303)
            #expect(try await !Self.isIn(stolen))
            #expect(try await !Self.isIn(other))
            #expect(try await Self.isIn(browser))
        }
    }

    @Test("a second factor gives its session another token, when it begins and when it ends")
    func secondFactor() async throws {
        try await Self.with { harness, browser in
            let other = try await Self.signedIn(harness)
            let first = Self.copy(browser)
            let step = TOTP.step(at: harness.platform.effects.now())
            let totp = try await Self.beginSecondFactor(browser)
            let on = try await browser.post("/account/two-factor/confirm", ["code": totp.code(step: step)])
            #expect(on.status == 200 && on.text.contains(#"id="codes""#))
            #expect(try await !Self.isIn(first))
            #expect(try await !Self.isIn(other), "no code has proved it")
            // The page that came with the new session has forms that it takes.
            #expect(try await browser.post("/account/preferences", ["theme": "dark"]).status == 303)

            let second = Self.copy(browser)
            #expect(try await second.get("/account").status == 200)
            let off = try await browser.post("/account/two-factor/off", ["current": Self.password])
            #expect(off.status == 303)
            #expect(try await !Self.isIn(second))
            #expect(try await Self.isIn(browser))
        }
    }

    @Test("the code of a second factor ends the session that the browser held")
    func code() async throws {
        try await Self.with { harness, held in
            let step = TOTP.step(at: harness.platform.effects.now())
            let totp = try await Self.beginSecondFactor(held)
            _ = try await held.post("/account/two-factor/confirm", ["code": totp.code(step: step)])
            let browser = try await Self.beside(held, opening: "/sign-in")
            let asked = try await browser.post("/sign-in", ["email": Self.email, "password": Self.password])
            #expect(asked.location == "/sign-in/code")
            #expect(try await Self.isIn(held), "nobody is in yet")
            let entered = try await browser.post("/sign-in/code", ["code": totp.code(step: step + 1)])
            #expect(entered.status == 303)
            #expect(try await !Self.isIn(held))
            #expect(try await Self.isIn(browser))
        }
    }

    @Test("another role, a reset second factor and an end of the account end every session of that person")
    func byAnAdministrator() async throws {
        try await Self.with { harness, admin in
            let (platform, now) = (harness.platform, harness.platform.effects.now())
            let mei = try await harness.signedIn(as: .analyst)
            let id = try #require(try await platform.store.read { try Users.find(email: "analyst@example.com", $0) }).id
            _ = try await admin.get("/settings/users")
            #expect(try await admin.post("/settings/users/\(id)/two-factor/off").status == 303)
            #expect(try await !Self.isIn(mei))

            let again = try await harness.signedIn(as: .marketer)
            let user = try #require(try await platform.store.read { try Users.find(email: "marketer@example.com", $0) })
            let page = try await admin.get("/settings/users").text
            let form = try #require(page.range(of: "action=\"/settings/users/\(user.id)/role\""))
            let field = try #require(page[form.upperBound...].firstMatch(of: /name="revision" value="([^"]*)"/))
            let revision = String(field.1)
            let changed = try await admin.post(
                "/settings/users/\(user.id)/role", ["role": "viewer", "revision": revision])
            let role = try await platform.store.read { try Users.find(id: user.id, $0)?.role }
            #expect(changed.status == 303 && role == .viewer)
            #expect(try await !Self.isIn(again))

            let third = try await harness.signedIn(as: .service)
            try await platform.store.write { connection in
                let user = try #require(try Users.find(email: "service@example.com", connection))
                try Users.change(disabled: true, of: user.id, by: "test", connection, at: now)
            }
            #expect(try await !Self.isIn(third))
            #expect(try await Self.isIn(admin))
        }
    }

    /// A console with an administrator who has a password, and the browser that they are signed in with.
    private static func with(_ body: (ConsoleHarness, Browser) async throws -> Void) async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            let effects = harness.platform.effects
            let kept = SecretToken.hash(browser.cookies[SessionCookie.session] ?? "")
            let hash = try await PasswordHash.make(password, effects: effects)
            try await harness.platform.store.write { connection in
                let user = try #require(try Users.find(email: email, connection))
                try Users.change(
                    password: hash, of: user.id, keeping: kept, by: "test", connection, at: effects.now())
            }
            try await body(harness, browser)
        }
    }

    /// The same person at another device.
    private static func signedIn(_ harness: ConsoleHarness) async throws -> Browser {
        let browser = Browser(harness: harness)
        _ = try await browser.get("/sign-in")
        #expect(try await browser.post("/sign-in", ["email": email, "password": password]).status == 303)
        return browser
    }

    private static func copy(_ browser: Browser) -> Browser {
        Browser(harness: browser.harness, cookies: browser.cookies)
    }

    /// A form before sign-in, in a browser that holds a session: as it was opened before the session was there.
    private static func beside(_ held: Browser, opening path: String) async throws -> Browser {
        let browser = Browser(harness: held.harness)
        _ = try await browser.get(path)
        browser.cookies.merge(copy(held).cookies) { own, _ in own }
        return browser
    }

    private static func isIn(_ browser: Browser) async throws -> Bool {
        try await browser.get("/account").status == 200
    }

    /// The second factor that the browser's owner begins to set up.
    private static func beginSecondFactor(_ browser: Browser) async throws -> TOTP {
        _ = try await browser.get("/account/two-factor")
        #expect(try await browser.post("/account/two-factor/begin", ["current": password]).status == 303)
        let page = try await browser.get("/account/two-factor").text
        let secret = String(try #require(page.firstMatch(of: /id="secret">([A-Z2-7 ]+)</)).1)
        return TOTP(secret: try #require(Base32.bytes(secret.replacing(" ", with: ""))))
    }
}
