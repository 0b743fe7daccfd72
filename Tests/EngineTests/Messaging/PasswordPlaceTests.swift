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

    @Test("a provider's secrets go only to the scheme, host and port they were entered for")
    func provider() async throws {
        try await ProviderWorld.with(.sqlite) { world in
            let provider = try world.catalog.provider("whatsapp_cloud")
            let kept = ["access_token": "token", "app_secret": "secret"]
            let values = ["phone_number_id": "1", "business_account_id": "2"]
            func save(_ address: String, _ secrets: [String: String] = [:]) async throws {
                try await world.platform.store.write { [platform = world.platform] connection in
                    let draft = ProviderAccount.Draft(
                        isEnabled: true, baseURL: address, values: values, secrets: secrets, perSecond: 0,
                        priceMicro: 0)
                    _ = try ProviderAccount.save(
                        draft, of: provider, by: "test", platform.seal, platform.effects, connection)
                }
            }
            try await save("", kept)
            try await save("https://GRAPH.facebook.com:443/proxy/")
            for other in ["https://evil.example", "https://graph.facebook.com:8443", "http://graph.facebook.com"] {
                await #expect(throws: ProviderError.secretsAgain(["access_token", "app_secret"])) {
                    try await save(other)
                }
                await #expect(throws: ProviderError.secretsAgain(["app_secret"])) {
                    try await save(other, ["access_token": "other"])
                }
            }
            let (_, _, line) = try await world.catalog.line("whatsapp_cloud", world.platform)
            #expect(line.account.baseURL == "https://GRAPH.facebook.com:443/proxy")
            #expect(line.account["access_token"] == "token")
            try await save("https://proxy.example", kept)
            await #expect(throws: ProviderError.secretsAgain(["access_token", "app_secret"])) { try await save("") }
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
