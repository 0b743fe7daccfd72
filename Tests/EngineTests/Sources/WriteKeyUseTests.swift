import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("When a write key was last used")
struct WriteKeyUseTests {
    private func used(_ key: String, _ platform: Platform) async throws -> Timestamp? {
        try await platform.store.read { connection in
            try WriteKeys.all(connection).first { $0.key == key }?.lastUsedAt
        }
    }

    @Test("it is noted once a minute, also by several processes, and never set back", arguments: StoreKind.allCases)
    func noted(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let platform = Platform.testing(store, clock: clock)
            let (source, key) = try await store.write {
                try Sources.create(name: "Shop", kind: .web, by: "test", $0, platform.effects)
            }
            let idle = try await store.write {
                try WriteKeys.issue(sourceID: source.id, by: "test", $0, platform.effects)
            }
            let (one, other) = (WriteKeyCache(platform: platform), WriteKeyCache(platform: platform))
            #expect(try await used(key.key, platform) == nil)
            #expect(try await one.source(of: key.key) == source.id)
            let first = try #require(try await used(key.key, platform))
            clock.advance(milliseconds: 30_000)
            #expect(try await one.source(of: key.key) == source.id)
            #expect(try await used(key.key, platform) == first)
            // A process whose clock is behind does not set it back.
            try await store.write { try WriteKeys.noteUse(of: key.key, at: first.adding(milliseconds: -5), $0) }
            #expect(try await used(key.key, platform) == first)
            #expect(try await other.source(of: key.key) == source.id)
            #expect(try await used(key.key, platform) == first.adding(milliseconds: 30_000))
            clock.advance(milliseconds: 60_000)
            #expect(try await one.source(of: key.key) == source.id)
            #expect(try await used(key.key, platform) == first.adding(milliseconds: 90_000))
            #expect(try await one.source(of: "wk_unknown") == nil)
            #expect(try await used(idle.key, platform) == nil)
        }
    }
}
