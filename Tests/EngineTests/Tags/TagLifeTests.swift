import Storage
import TestSupport
import Testing

@testable import Engine

/// Tags through the front door: given by hand, by imports and by rules; in a tree, with exclusive groups and history.
@Suite("Tags", .serialized)
struct TagLifeTests {
    private static let start = Timestamp(milliseconds: 1_790_000_000_000)

    struct World {
        var platform: Platform
        var clock: TestClock
        var ingest: Ingest

        func send(
            _ name: String, _ user: String, properties: String = "{}", traits: String = "{}", source: Int64 = 1
        ) async throws {
            let now = clock.now
            clock.advance(milliseconds: 1_000)
            try await ingest.append(
                IncomingBatch(
                    sourceID: source,
                    events: [
                        IncomingEvent(
                            kind: name == "identify" ? .identify : .track, name: name,
                            messageID: "\(name)-\(user)-\(now.milliseconds)",
                            identities: [IdentityClaim(kind: "user_id", value: user)], time: now, receivedAt: now,
                            properties: properties, traits: traits)
                    ]))
        }

        func process() async throws {
            try await Processor(platform: platform, signal: LogSignal()).catchUp()
        }

        func archive() async throws {
            try await process()
            try await Archiver(platform: platform, signal: LogSignal()).catchUp()
        }

        func work() async throws {
            try await archive()
            let runner = JobRunner(platform: platform)
            try await runner.ensureRecurring()
            clock.advance(milliseconds: 180_000)
            try await runner.drain()
            try await archive()
        }

        func create(_ draft: TagDraft) async throws -> Engine.Tag {
            let effects = platform.effects
            return try await platform.store.write { try Tags.create(draft, effects: effects, $0) }
        }

        func give(_ tag: Engine.Tag, _ users: String...) async throws {
            let effects = platform.effects
            var ids: [Int64] = []
            for user in users { ids.append(try await id(user)) }
            let people = ids
            _ = try await platform.store.write {
                try Tags.give(tag.id, to: people, TagCause(.hand, "ann"), effects: effects, $0)
            }
        }

        func id(_ user: String) async throws -> Int64 {
            try await platform.store.read {
                try $0.first("SELECT profile_id FROM identities WHERE value = \(user)")?.int(0)
            } ?? 0
        }

        func people(_ tag: Engine.Tag) async throws -> [String] {
            try await platform.store.read { connection in
                try connection.query(
                    """
                    SELECT i.value FROM profile_tags m JOIN identities i ON i.profile_id = m.profile_id
                    WHERE m.tag_id = \(tag.id) AND i.kind = 'user_id' ORDER BY i.value
                    """
                ).map { try $0.text(0) }
            }
        }

        func causes(_ user: String) async throws -> [String] {
            let person = try await id(user)
            return try await platform.store.read { connection in
                try Tags.changes(of: person, limit: 50, connection).reversed().map {
                    "\($0.isGiven ? "+" : "-")\($0.name) \($0.cause.kind.rawValue)"
                }
            }
        }

        func said(_ name: String) async throws -> Int {
            try await platform.store.read { connection in
                Int(try connection.first("SELECT count(*) FROM event_log WHERE name = \(name)")?.int(0) ?? 0)
            }
        }
    }

    static func with(_ kind: StoreKind = .sqlite, _ body: (World) async throws -> Void) async throws {
        try await TestDatabase.with(kind) { store in
            try await TestAnalytics.with(.embedded) { analytics in
                let clock = TestClock(Self.start)
                let platform = Platform(store: store, analytics: analytics, effects: clock.effects)
                let world = World(
                    platform: platform, clock: clock, ingest: Ingest(platform: platform, signal: LogSignal()))
                try await world.send("Bought", "seed", properties: #"{"price":1}"#)
                try await world.send("identify", "seed", traits: #"{"city":"上海"}"#)
                try await world.process()
                try await body(world)
            }
        }
    }

    private static let buyers = #"""
        {"where":{"kind":"did","event":{"names":["Bought"]},"compare":{"is":"at_least","value":2},"within":{"last_days":7}}}
        """#

    @Test(
        "a rule gives and takes in the transaction of the event, and by time, with its cause",
        arguments: StoreKind.allCases)
    func rules(_ kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            try await world.send("Bought", "early")
            try await world.send("Bought", "early")
            try await world.process()
            let tag = try await world.create(TagDraft(name: "Buyer", kind: .rule, criteria: Self.buyers))
            #expect(tag.isBuilding)
            try await world.work()
            #expect(try await world.people(tag) == ["early"])
            #expect(try await world.said(TagHolders.added) == 0)
            try await world.send("Bought", "late")
            try await world.send("Bought", "late")
            try await world.process()
            #expect(try await world.people(tag) == ["early", "late"])
            #expect(try await world.said(TagHolders.added) == 1)
            world.clock.advance(milliseconds: 8 * 86_400_000)
            try await world.work()
            #expect(try await world.people(tag) == [])
            #expect(try await world.said(TagHolders.removed) == 2)
            #expect(try await world.causes("late") == ["+Buyer rule", "-Buyer rule"])
            await #expect(throws: TagError.wrongKind(.rule)) { try await world.give(tag, "late") }
        }
    }

    @Test(
        "of an exclusive group a person has one: by hand the newest, by rules the first", arguments: StoreKind.allCases)
    func exclusive(_ kind: StoreKind) async throws {
        try await Self.with(kind) { world in
            try await world.send("Bought", "a")
            try await world.send("Bought", "b")
            try await world.process()
            let group = try await world.create(TagDraft(name: "Taste", isExclusive: true))
            let tea = try await world.create(TagDraft(name: "Tea", parentID: group.id))
            let coffee = try await world.create(TagDraft(name: "Coffee", parentID: group.id))
            try await world.give(tea, "a")
            try await world.give(coffee, "a")
            try await world.give(coffee, "a")
            #expect(try await world.people(tea) == [])
            #expect(try await world.people(coffee) == ["a"])
            // Of the group itself nobody has the tag, and one person has one below it.
            let (counts, counted, holders) = try await world.platform.store.read { connection in
                let below = try TagTree.load(connection).below(group.id)
                return (
                    try Tags.countsOfParents(connection), try Tags.count(anyOf: below, connection),
                    try Tags.holders(anyOf: below, limit: 10, connection).count
                )
            }
            #expect(counts == [group.id: 1] && counted == 1 && holders == 1)
            #expect(try await world.causes("a") == ["+Tea hand", "-Tea exclusive", "+Coffee hand"])
            await #expect(throws: TagError.mixedGroup) {
                _ = try await world.create(
                    TagDraft(name: "Rule", parentID: group.id, kind: .rule, criteria: Self.buyers))
            }
            let size = try await world.create(TagDraft(name: "Size", isExclusive: true))
            let once = #"{"where":{"kind":"did","event":{"names":["Bought"]}}}"#
            let big = try await world.create(
                TagDraft(name: "Big", parentID: size.id, kind: .rule, criteria: Self.buyers))
            let small = try await world.create(TagDraft(name: "Small", parentID: size.id, kind: .rule, criteria: once))
            try await world.work()
            #expect(try await world.people(small) == ["a", "b", "seed"])
            try await world.send("Bought", "b")
            try await world.process()
            #expect(try await world.people(big) == ["b"])
            #expect(try await world.people(small) == ["a", "seed"])
            // A rule before another that asks for it would be a circle.
            await #expect(throws: TagError.self) {
                let effects = world.platform.effects
                let draft = TagDraft(
                    name: "Big", parentID: size.id, kind: .rule,
                    criteria: #"{"where":{"kind":"tag","ids":["\#(small.id)"]}}"#)
                try await world.platform.store.write { _ = try Tags.update(big.id, draft, effects: effects, $0) }
            }
        }
    }

    @Test("definitions ask for tags, those below and those that were merged; memory and store agree")
    func asked() async throws {
        try await Self.with { world in
            for user in ["a", "b", "c"] { try await world.send("Bought", user) }
            try await world.send("Bought", "c")
            try await world.process()
            let top = try await world.create(TagDraft(name: "Value"))
            let high = try await world.create(TagDraft(name: "High", parentID: top.id))
            let old = try await world.create(TagDraft(name: "VIP"))
            _ = try await world.create(
                TagDraft(name: "Often", parentID: top.id, kind: .rule, criteria: Self.buyers))
            try await world.give(high, "a")
            try await world.give(old, "b")
            let effects = world.platform.effects
            let asks = #"{"where":{"kind":"tag","ids":["\#(top.id)"]}}"#
            let segment = try await world.platform.store.write {
                try Segments.create(SegmentDraft(name: "Valued", criteria: asks), effects: effects, $0)
            }
            try await world.work()
            let platform = world.platform
            #expect(try await SegmentPreview.exact(asks, platform).people == 2)
            await #expect(
                throws: TagError.usedBy([SegmentUse(kind: "segment", id: String(segment.id), name: "Valued")])
            ) {
                try await platform.store.write { try Tags.delete(top.id, effects: effects, $0) }
            }
            _ = try await platform.store.write { try Tags.merge(old.id, into: high.id, effects: effects, $0) }
            // At once, before anybody moved.
            #expect(try await SegmentPreview.exact(asks, platform).people == 3)
            let asksOld = #"{"where":{"kind":"tag","ids":["\#(old.id)"]}}"#
            #expect(try await SegmentPreview.exact(asksOld, platform).people == 2)
            try await world.work()
            #expect(try await world.people(high) == ["a", "b"])
            #expect(try await world.people(old) == [])
            #expect(try await SegmentPreview.exact(asks, platform).people == 3)
            #expect(try await world.causes("b") == ["+VIP hand", "-VIP tags_merged", "+High tags_merged"])
            let listed = try await platform.store.read { connection in
                var filter = ProfileFilter()
                filter.tagID = top.id
                filter.segmentID = segment.id
                return try ProfileList.load(filter, connection).profiles.count
            }
            #expect(listed == 3)
        }
    }

    @Test("merged people have both their tags, parted ones each their own, erased ones none")
    func people() async throws {
        try await Self.with { world in
            for user in ["a", "b"] { try await world.send("Bought", user) }
            try await world.process()
            let red = try await world.create(TagDraft(name: "Red"))
            let blue = try await world.create(TagDraft(name: "Blue"))
            let both = try await world.create(TagDraft(name: "Both"))
            try await world.give(red, "a")
            try await world.give(blue, "b")
            try await world.give(both, "a", "b")
            let platform = world.platform
            let now = world.clock.now
            let (first, second) = (try await world.id("a"), try await world.id("b"))
            let merge = try await platform.store.write { connection -> Int64 in
                let said = try ManualMerge.merge(first, second, platform: platform, at: now, connection)
                try SystemEventLog.append(said, now: now, effects: platform.effects, to: connection)
                return try connection.first("SELECT id FROM profile_merges")?.int(0) ?? 0
            }
            func holders() async throws -> [Int64] {
                try await platform.store.read { connection in
                    try connection.query("SELECT profile_id FROM profile_tags ORDER BY tag_id, profile_id").map {
                        try $0.int(0)
                    }
                }
            }
            #expect(try await holders().count == 3)
            #expect(Set(try await holders()).count == 1)
            _ = try await platform.store.write { try Unmerge.undo(merge, at: now, $0) }
            #expect(try await holders().count == 4)
            #expect(try await world.people(red) == ["a"])
            #expect(try await world.people(blue) == ["b"])
            #expect(try await world.people(both) == ["a", "b"])
            try await Erasure.request(first, by: "test", platform)
            let left = try await platform.store.read {
                try $0.first("SELECT count(*) FROM tag_changes WHERE profile_id = \(first)")?.int(0)
            }
            #expect(left == 0)
            #expect(try await holders() == [second, second])
        }
    }

    @Test("trusted sources name tags, which are made with their path; visitors' browsers cannot")
    func imported() async throws {
        try await Self.with { world in
            let effects = world.platform.effects
            let (trusted, web) = try await world.platform.store.write { connection in
                (
                    try Sources.create(name: "CRM", kind: .import, by: "test", connection, effects).source.id,
                    try Sources.create(name: "Shop", kind: .web, by: "test", connection, effects).source.id
                )
            }
            let tags = #"{"tags":["会员/金卡","茶","bad//name","茶"]}"#
            try await world.send("identify", "a", properties: tags, source: trusted)
            try await world.send("identify", "b", properties: tags, source: web)
            try await world.process()
            let list = try await world.platform.store.read { try Tags.list($0) }
            #expect(list.map(\.tag.name).contains("金卡"))
            #expect(list.first { $0.tag.name == "金卡" }?.level == 1)
            #expect(try await world.causes("a").sorted() == ["+name import", "+茶 import", "+金卡 import"])
            #expect(try await world.causes("b") == [])
        }
    }

    @Test("a segment is tagged in the background, and what cannot be is told")
    func bulk() async throws {
        try await Self.with { world in
            try await world.send("Bought", "a")
            try await world.process()
            let tag = try await world.create(TagDraft(name: "Gift"))
            let effects = world.platform.effects
            let segment = try await world.platform.store.write {
                try Segments.create(
                    SegmentDraft(name: "All", criteria: #"{"where":{"kind":"all","of":[]}}"#), effects: effects, $0)
            }
            try await world.work()
            _ = try await world.platform.store.write {
                try TagBulk.enqueue(
                    tag: tag.id, segment: segment.id, isTaking: false, by: "ann", effects: effects, $0)
            }
            try await world.work()
            #expect(try await world.people(tag) == ["a", "seed"])
            #expect(try await world.causes("a") == ["+Gift bulk"])
            for (draft, error) in [
                (TagDraft(name: " "), TagError.nameMissing), (TagDraft(name: "a/b"), .nameHasStroke),
                (TagDraft(name: "Gift"), .nameTaken("Gift")), (TagDraft(name: "x", parentID: 5), .parentNotFound(5)),
            ] {
                await #expect(throws: error) { _ = try await world.create(draft) }
            }
        }
    }
}
