import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("The archiver")
struct ArchiverTests {
    private static let start = Timestamp(milliseconds: 1_790_000_000_000)

    private func view(_ number: Int, by claims: [IdentityClaim]) -> IncomingEvent {
        IncomingEvent(
            kind: .page, name: "Page Viewed", messageID: "v\(number)", identities: claims, time: Self.start,
            receivedAt: Self.start, properties: #"{"url":"https://茶.cn/\#(number)"}"#)
    }

    private func order(_ number: Int, by claims: [IdentityClaim]) -> IncomingEvent {
        IncomingEvent(
            kind: .track, name: "Order Completed", messageID: "o\(number)", identities: claims, time: Self.start,
            receivedAt: Self.start, properties: #"{"order_id":"A-\#(number)","total":12.50,"currency":"CNY"}"#)
    }

    private func with(
        _ kind: AnalyticsKind, _ body: (Platform, Ingest) async throws -> Void
    ) async throws {
        try await TestDatabase.with(.sqlite) { store in
            try await TestAnalytics.with(kind) { analytics in
                let platform = Platform(store: store, analytics: analytics)
                try await body(platform, Ingest(platform: platform, signal: LogSignal()))
            }
        }
    }

    private func catchUp(_ platform: Platform) async throws {
        try await Processor(platform: platform, signal: LogSignal()).catchUp()
        try await Archiver(platform: platform, signal: LogSignal()).catchUp()
    }

    private func number(_ platform: Platform, _ sql: AnalyticsSQL) async throws -> Int64? {
        try await platform.analytics.query(sql).ints(0).first
    }

    @Test("loads events, profiles and orders once, also when a load is repeated", arguments: AnalyticsKind.allCases)
    func once(kind: AnalyticsKind) async throws {
        try await with(kind) { platform, ingest in
            let user = [IdentityClaim(kind: "user_id", value: "u1")]
            try await ingest.append(
                IncomingBatch(sourceID: 1, events: (0..<30).map { view($0, by: user) } + [order(1, by: user)]))
            try await Processor(platform: platform, signal: LogSignal()).catchUp()
            // A load that was cut off before its checkpoint: the range is planned, the rows are there.
            let lease = ConsumerLease(consumer: "archiver", owner: "gone", shards: 1)
            let range = try await platform.store.write { connection in
                try lease.prepare(connection)
                try lease.balance(connection, now: Self.start)
                let end = try LogProgress.processed(connection)
                try lease.advance(to: 0, planned: end, now: Self.start, connection)
                return ArchiveRange(lowerBound: 0, upperBound: end)
            }
            let batch = try await platform.store.read { try ArchiveBatch.read(range, $0) }
            try await batch.load(into: platform.analytics, range: range)
            try await catchUp(platform)
            #expect(try await number(platform, "SELECT count() FROM events WHERE kind != 'system'") == 31)
            #expect(try await number(platform, "SELECT count() FROM profiles FINAL WHERE is_deleted = 0") == 1)
            #expect(try await number(platform, "SELECT sum(net) FROM orders FINAL WHERE is_deleted = 0") == 1250)
            let url = try await platform.analytics.query("SELECT url FROM events WHERE message_id = 'v7'")
            #expect(try url.strings(0) == ["https://茶.cn/7"])
            let columns: AnalyticsSQL = "position, profile_id, name, ts_ms, message_id, url, properties, context"
            let events = try await platform.analytics.query("SELECT \(columns) FROM events ORDER BY position")
            let timeline = try await platform.analytics.query("SELECT \(columns) FROM timeline ORDER BY position")
            #expect(events == timeline && events.count > 30)
        }
    }

    @Test("what a full disk kept from a load comes with its repetition, and what had arrived stays once")
    func rememberedAndLost() async throws {
        try await with(.embedded) { platform, ingest in
            let user = [IdentityClaim(kind: "user_id", value: "u1")]
            try await ingest.append(
                IncomingBatch(sourceID: 1, events: (0..<30).map { view($0, by: user) } + [order(1, by: user)]))
            try await Processor(platform: platform, signal: LogSignal()).catchUp()
            let lease = ConsumerLease(consumer: "archiver", owner: "gone", shards: 1)
            let range = try await platform.store.write { connection in
                try lease.prepare(connection)
                try lease.balance(connection, now: Self.start)
                let end = try LogProgress.processed(connection)
                try lease.advance(to: 0, planned: end, now: Self.start, connection)
                return ArchiveRange(lowerBound: 0, upperBound: end)
            }
            // The engine remembers the tokens of the load, of which ten events are in place.
            let batch = try await platform.store.read { try ArchiveBatch.read(range, $0) }
            for block in [batch.events, batch.timeline, batch.profiles, batch.orders] {
                try await platform.analytics.insert(
                    block.rows(Array(0..<min(10, block.count))), token: "\(range.token)-\(block.table)")
            }
            try await catchUp(platform)
            #expect(try await number(platform, "SELECT count() FROM events WHERE kind != 'system'") == 31)
            #expect(try await number(platform, "SELECT count() - uniqExact(position) FROM events") == 0)
            #expect(try await number(platform, "SELECT count() FROM timeline FINAL WHERE kind != 'system'") == 31)
            #expect(try await number(platform, "SELECT sum(net) FROM orders FINAL WHERE is_deleted = 0") == 1250)
        }
    }

    @Test("a store from before the timeline is given one, once", arguments: AnalyticsKind.allCases)
    func olderStore(kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind, migrated: false) { analytics in
            let migrations = try SchemaFiles.analytics()
            try await analytics.migrate(migrations.filter { $0.version == 1 })
            var columns = ArchiveEventColumns(capacity: 3, calendar: .utc)
            for position in 1...3 {
                columns.append(
                    ArchivedEvent(
                        position: Int64(position), sourceID: 1, messageID: "m\(position)", kind: "page",
                        name: "Page Viewed", time: Self.start, receivedAt: Self.start, identities: "",
                        properties: "{}", context: "{}", profileID: 7))
            }
            // Such a store has none of the columns that came later.
            let old = columns.block.columns.filter { !$0.name.hasPrefix("prop_") }
            try await analytics.insert(AnalyticsBlock(table: "events", columns: old), token: "before")
            // The copy is made anew by a run that follows one cut off.
            let timeline = try #require(migrations.first { $0.name == "timeline" })
            try await analytics.migrate(migrations)
            for statement in timeline.statements.split(separator: ";") where !statement.contains("CREATE TABLE") {
                let text = statement.split(separator: "\n").filter { !$0.hasPrefix("--") }.joined(separator: "\n")
                if !text.isEmpty { try await analytics.execute(AnalyticsSQL(text: text)) }
            }
            let rows = try await analytics.query("SELECT toInt64(position) FROM timeline ORDER BY position")
            #expect(try rows.ints(0) == [1, 2, 3])
        }
    }

    @Test(
        "lets an order follow its person through a merge without counting it twice", arguments: AnalyticsKind.allCases)
    func merge(kind: AnalyticsKind) async throws {
        try await with(kind) { platform, ingest in
            let device = IdentityClaim(kind: "anonymous_id", value: "d1")
            let user = IdentityClaim(kind: "user_id", value: "u1")
            try await ingest.append(IncomingBatch(sourceID: 1, events: [order(1, by: [device]), order(2, by: [user])]))
            try await catchUp(platform)
            #expect(try await number(platform, "SELECT uniqExact(profile_id) FROM orders FINAL") == 2)
            try await ingest.append(IncomingBatch(sourceID: 1, events: [view(1, by: [user, device])]))
            try await catchUp(platform)
            // The archiver stops at what was processed; what the merge itself said comes with the next round.
            try await catchUp(platform)
            let orders: AnalyticsSQL = "SELECT count() FROM orders FINAL WHERE is_deleted = 0"
            #expect(try await number(platform, orders) == 2)
            let people: AnalyticsSQL = "SELECT uniqExact(profile_id) FROM orders FINAL WHERE is_deleted = 0"
            #expect(try await number(platform, people) == 1)
            #expect(try await number(platform, "SELECT count() FROM profile_aliases WHERE winner_id > 0") == 1)
            #expect(try await number(platform, "SELECT count() FROM profiles FINAL WHERE is_deleted = 0") == 1)
        }
    }

    @Test("forgets an erased person in analytics and notes when", arguments: AnalyticsKind.allCases)
    func erasure(kind: AnalyticsKind) async throws {
        try await with(kind) { platform, ingest in
            let gone = [IdentityClaim(kind: "user_id", value: "gone")]
            let stays = [IdentityClaim(kind: "user_id", value: "stays")]
            try await ingest.append(
                IncomingBatch(sourceID: 1, events: [order(1, by: gone), view(1, by: gone), view(2, by: stays)]))
            try await catchUp(platform)
            let id = try await platform.store.read {
                try $0.first("SELECT profile_id FROM identities WHERE value = 'gone'")?.int(0)
            }
            let profileID = try #require(id)
            let now = platform.effects.now()
            try await platform.store.write { connection in
                let said = try Erasure.erase(
                    profileID, at: now, effects: platform.effects, seal: platform.seal, connection)
                try SystemEventLog.append([said], now: now, effects: platform.effects, to: connection)
            }
            try await catchUp(platform)
            let person = "profile_id = \(profileID)" as AnalyticsSQL
            for table in PersonalTables.all {
                let count: AnalyticsSQL = "SELECT count() FROM \(raw: table) WHERE \(person)"
                #expect(try await number(platform, count) == 0, "\(table)")
            }
            #expect(try await number(platform, "SELECT count() FROM events WHERE message_id = 'v2'") == 1)
            let erased = try await platform.store.read {
                try $0.first("SELECT erased_ms FROM profile_erasures")?.intOrNil(0)
            }
            #expect(erased != nil)
        }
    }
}
