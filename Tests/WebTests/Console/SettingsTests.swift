import Engine
import Foundation
import Testing

@testable import Web

@Suite("Settings")
struct SettingsTests {
    private func revision(_ page: String, near marker: String) throws -> String {
        let start = try #require(page.range(of: marker)).upperBound
        return String(try #require(page[start...].firstMatch(of: /name="revision" value="([^"]*)"/)).1)
    }

    private let workspace = [
        "name": "Tea", "time_zone": "Asia/Shanghai", "currency": "CNY", "country": "CN", "language": "en",
    ]

    @Test("two people who edit the workspace are told, and nothing is overwritten unseen")
    func workspaceConflict() async throws {
        try await ConsoleHarness.with { harness in
            let (first, second) = (
                try await harness.signedIn(as: .admin), try await harness.signedIn(as: .admin, email: "b@example.com")
            )
            let mine = try revision(try await first.get("/settings").text, near: "/settings/workspace")
            _ = try await second.get("/settings")
            var fields = workspace
            fields["revision"] = mine
            #expect(try await second.post("/settings/workspace", fields).status == 303)
            fields["name"] = "Coffee"
            let told = try await first.post("/settings/workspace", fields)
            #expect(told.status == 409 && told.text.contains("<mark>Coffee</mark>"))
            #expect(told.text.contains("<mark>Tea</mark>"))
            #expect(try await harness.platform.store.read { try Workspace.load($0).name } == "Tea")
            // Whoever insists, having seen both, may.
            fields["revision"] = try revision(told.text, near: "/settings/workspace")
            #expect(try await first.post("/settings/workspace", fields).status == 303)
            #expect(try await harness.platform.store.read { try Workspace.load($0).name } == "Coffee")
            fields["revision"] = nil
            #expect(try await first.post("/settings/workspace", fields).status == 409)
        }
    }

    @Test("two administrators who change one user are told")
    func roleConflict() async throws {
        try await ConsoleHarness.with { harness in
            let admin = try await harness.signedIn(as: .admin)
            let other = try await harness.signedIn(as: .viewer)
            let viewer = try await harness.platform.store.read { try Users.find(email: "viewer@example.com", $0) }
            let id = try #require(viewer).id
            let seen = try revision(try await admin.get("/settings/users").text, near: "/settings/users/\(id)/role")
            let path = "/settings/users/\(id)/role"
            #expect(try await admin.post(path, ["role": "analyst", "revision": seen]).status == 303)
            // The new role ends the sessions of the old one.
            #expect(try await other.get("/account").status == 303)
            #expect(try await admin.post(path, ["role": "marketer", "revision": seen]).status == 409)
            let role = try await harness.platform.store.read { try Users.find(id: id, $0)?.role }
            #expect(role == .analyst)
        }
    }

    @Test("an invitation can be given again and taken back")
    func invitation() async throws {
        try await ConsoleHarness.with { harness in
            let admin = try await harness.signedIn(as: .admin)
            _ = try await admin.get("/settings/users")
            func link(_ answer: Answer) throws -> String {
                String(try #require(answer.text.firstMatch(of: /(\/sign-in\/link\/[A-Za-z0-9_-]+)/)).1)
            }
            let form = ["email": "new@example.com", "name": "New", "role": "viewer"]
            let first = try link(try await admin.post("/settings/users", form))
            let user = try await harness.platform.store.read { try Users.find(email: "new@example.com", $0) }
            let id = try #require(user).id
            let second = try link(try await admin.post("/settings/users/\(id)/link"))
            #expect(try await Browser(harness: harness).get(first).status == 410)
            #expect(try await Browser(harness: harness).get(second).status == 200)
            #expect(try await admin.post("/settings/users/\(id)/link/revoke").status == 303)
            #expect(try await Browser(harness: harness).get(second).status == 410)
            // Who never came leaves nothing behind and can be invited anew.
            #expect(try await harness.platform.store.read { try Users.find(id: id, $0) } == nil)
            #expect(try await admin.post("/settings/users", form).status == 200)
        }
    }

    @Test("one session of several can be ended")
    func sessions() async throws {
        try await ConsoleHarness.with { harness in
            let here = try await harness.signedIn(as: .admin)
            let effects = harness.platform.effects
            let opened = try await harness.platform.store.write { connection in
                let user = try #require(try Users.find(email: "admin@example.com", connection))
                let link = try Users.oneTimeLink(for: user.id, purpose: .passwordReset, connection, effects)
                return try Users.redeem(
                    link: link.token, password: nil, from: SignInOrigin(address: "x", userAgent: "phone"), connection,
                    effects)
            }
            guard case .signedIn(let session) = opened else { throw AccountError.linkNotValid }
            let there = Browser(harness: harness, cookies: [SessionCookie.session: session.token])
            let page = try await here.get("/account").text
            let key = String(try #require(page.firstMatch(of: /name="session" value="([0-9a-f]{16})"/)).1)
            #expect(try await there.get("/account").status == 200)
            #expect(try await here.post("/account/sessions/end", ["session": key]).status == 303)
            #expect(try await there.get("/account").status == 303)
            #expect(try await here.get("/account").status == 200)
        }
    }

    @Test("a workspace that wants two factors leads everybody to set one up, and the code opens the console")
    func enforced() async throws {
        try await ConsoleHarness.with { harness in
            let platform = harness.platform
            let browser = try await harness.signedIn(as: .admin)
            let seen = try revision(try await browser.get("/settings").text, near: "/settings/workspace")
            var fields = workspace
            fields["revision"] = seen
            fields["two_factor"] = "1"
            // Not before one's own factor is there.
            #expect(try await browser.post("/settings/workspace", fields).status == 422)
            _ = try await platform.store.write { connection in
                var workspace = Workspace()
                workspace.requiresTwoFactor = true
                try workspace.save(connection, at: platform.effects.now())
            }
            #expect(try await browser.get("/").location == "/account/two-factor")
            #expect(try await browser.post("/settings/workspace", fields).location == "/account/two-factor")
            _ = try await browser.get("/account/two-factor")
            #expect(try await browser.post("/account/two-factor/begin").status == 303)
            let page = try await browser.get("/account/two-factor").text
            let secret = String(try #require(page.firstMatch(of: /id="secret">([A-Z2-7 ]+)</)).1)
            #expect(page.contains("<path d=\"M4 4h1v1h-1z"))
            let totp = TOTP(secret: try #require(Base32.bytes(secret.replacing(" ", with: ""))))
            let step = TOTP.step(at: platform.effects.now())
            #expect(try await browser.post("/account/two-factor/confirm", ["code": "000"]).status == 422)
            let on = try await browser.post("/account/two-factor/confirm", ["code": totp.code(step: step)])
            #expect(on.status == 200 && on.text.contains(#"id="codes""#))
            #expect(try await browser.get("/").status == 200)
            // Its owner cannot end what the workspace wants.
            _ = try await browser.get("/account/two-factor")
            #expect(try await browser.post("/account/two-factor/off").status == 422)

            let link = try await platform.store.write { connection in
                let user = try #require(try Users.find(email: "admin@example.com", connection))
                return try Users.oneTimeLink(for: user.id, purpose: .passwordReset, connection, platform.effects)
            }
            let later = Browser(harness: harness)
            _ = try await later.get(link.path)
            #expect(try await later.post(link.path, ["later": "1"]).location == "/sign-in/code")
            _ = try await later.get("/sign-in/code")
            #expect(try await later.post("/sign-in/code", ["code": "111111"]).status == 422)
            let answer = try await later.post("/sign-in/code", ["code": totp.code(step: step + 1), "next": "/people"])
            #expect(answer.location == "/people")
            #expect(try await later.get("/people").status == 200)
            #expect(try await Browser(harness: harness).get("/sign-in/code").location.hasPrefix("/sign-in?next="))
        }
    }
}
