import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Where a kept password goes")
struct PasswordPlaceTests {
    private let before = PasswordPlace(host: "mail.example", security: .starttls, user: "shop")

    @Test("it stays at its host, however that is written, and under TLS of either kind")
    func stays() throws {
        var after = before
        #expect(try after.kept("sealed", from: before) == "sealed")
        (after.host, after.security, after.user) = ("MAIL.example", .tls, "other")
        #expect(try after.kept("sealed", from: before) == "sealed")
        let bare = PasswordPlace(host: "mail.example", security: .none, user: "shop")
        #expect(try bare.kept("sealed", from: bare) == "sealed")
        #expect(try before.kept("sealed", from: bare) == "sealed")
    }

    @Test("at another host, or in the clear, it has to be entered again")
    func again() throws {
        for (host, security) in [("evil.example", SMTPServer.Security.starttls), ("mail.example", .none)] {
            let after = PasswordPlace(host: host, security: security, user: "shop")
            #expect(throws: EmailError.passwordAgain) { try after.kept("sealed", from: before) }
            #expect(try after.kept("", from: before).isEmpty)
        }
    }

    @Test("it does not wait for a host or a user to be named later")
    func forgotten() throws {
        for (host, user) in [("", "shop"), ("other.example", "")] {
            let after = PasswordPlace(host: host, security: .starttls, user: user)
            #expect(try after.kept("sealed", from: before).isEmpty)
        }
    }

    @Test("letters leave by another host only with its own password", arguments: StoreKind.allCases)
    func mail(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            let platform = world.platform
            func save(_ host: String, password: String?) async throws -> EmailSettings {
                try await platform.store.write { connection in
                    var draft = try EmailSettings.load(connection)
                    (draft.host, draft.user) = (host, "shop")
                    return try EmailSettings.save(
                        draft, password: password, by: "t", platform.seal, platform.effects, connection)
                }
            }
            _ = try await save("mail.example", password: "geheim")
            #expect(try await save("mail.example", password: nil).server(platform.seal).password == "geheim")
            await #expect(throws: EmailError.passwordAgain) { _ = try await save("evil.example", password: nil) }
            let stored = try await platform.store.read { try EmailSettings.load($0) }
            #expect(try stored.host == "mail.example" && stored.server(platform.seal).password == "geheim")
            #expect(try await save("new.example", password: "neu").server(platform.seal).password == "neu")
            #expect(try await !save("new.example", password: "").hasPassword)
        }
    }
}
