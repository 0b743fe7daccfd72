import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("What people find in their inbox") struct InboxItemTests {
    @Test(
        "it is read by whom it belongs to, also when they turn out to be somebody known", arguments: StoreKind.allCases)
    func reading(kind: StoreKind) async throws {
        try await MessageWorld.with(kind) { world in
            for person in Int64(1)...3 { try await world.person(person) }
            var inbox = world
            inbox.template = try await world.inboxTemplate()
            let first = try await inbox.plan("one", to: 1)
            try await inbox.send()
            world.clock.advance(milliseconds: 60_000)
            let second = try await inbox.plan("two", to: 2)
            try await inbox.send()
            let (effects, now) = (world.platform.effects, world.clock.now)
            #expect(try await unread(1, world) == 1)
            #expect(try await unread(2, world) == 1)
            #expect(try await unread(3, world) == 0)
            await #expect(throws: MessageError.notFound(second)) {
                try await world.platform.store.write { try InboxItem.read(second, of: 1, effects, $0) }
            }

            _ = try await world.platform.store.write {
                try $0.execute("UPDATE profiles SET merged_into = 1 WHERE id = 2")
            }
            let found = try await world.platform.store.read {
                try InboxItem.list(1, before: nil, limit: 10, $0)
            }
            #expect(found.map(\.id) == [second, first])
            try await world.platform.store.write { try InboxItem.read(second, of: 1, effects, $0) }
            #expect(try await unread(1, world) == 1)
            #expect(try await world.said(MessageEvents.opened) == 1)

            // Marked as read is not opened; what is opened later still counts, once.
            try await world.platform.store.write {
                try InboxItem.markRead(1, until: now.adding(milliseconds: -60_001), effects, $0)
            }
            #expect(try await unread(1, world) == 1)
            try await world.platform.store.write { try InboxItem.markRead(1, until: now, effects, $0) }
            #expect(try await unread(1, world) == 0)
            #expect(try await world.message(first).openedAt == nil)
            for _ in 0..<2 {
                try await world.platform.store.write { try InboxItem.read(first, of: 1, effects, $0) }
            }
            #expect(try await world.said(MessageEvents.opened) == 2)
        }
    }

    private func unread(_ person: Int64, _ world: MessageWorld) async throws -> Int64 {
        try await world.platform.store.read { try InboxItem.unread(person, $0) }
    }
}
