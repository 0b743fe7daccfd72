import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Settings of the member centre")
struct CentreSettingsTests {
    private static let all = CentreSection.allCases.map(\.rawValue)

    /// As they are loaded when these sections were chosen out of those.
    private static func load(_ chosen: [CentreSection], of offered: [String]?) async throws -> CentreSettings {
        try await TestDatabase.with(.sqlite) { store in
            try await store.write { connection in
                var settings = CentreSettings()
                (settings.sections, settings.offered) = (chosen, offered)
                let now = Timestamp(milliseconds: 1_790_000_000_000)
                try Settings.save(settings, "member_centre", connection, at: now)
                return try CentreSettings.load(connection)
            }
        }
    }

    @Test("a section that came later is on until it is turned off")
    func later() async throws {
        let later = try await Self.load([.tier], of: Self.all.filter { $0 != "inbox" })
        #expect(later.sections == [.tier, .inbox] && later.offered == Self.all)
        let off = try await Self.load([.tier], of: Self.all)
        #expect(off.sections == [.tier] && !off.isInboxUndecided)
    }

    @Test("of older settings nobody can tell whether the inbox was turned off: it stays off, and that is known")
    func undecided() async throws {
        let old = try await Self.load([.tier], of: nil)
        #expect(old.sections == [.tier] && old.isInboxUndecided)
        #expect(try await !Self.load([.tier, .inbox], of: nil).isInboxUndecided)
        #expect(!CentreSettings().isInboxUndecided)
    }
}
