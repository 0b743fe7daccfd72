import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Demo: messages and journeys", .serialized)
struct DemoReachTests {
    @Test("a broadcast, three journeys and letters to look at, all in the inbox, once", arguments: StoreKind.allCases)
    func life(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let end = Timestamp(milliseconds: 1_790_000_000_000)
            let platform = Platform.testing(store, clock: TestClock(end))
            try await store.write { try DemoProgram.install(effects: platform.effects, $0) }
            let ingest = Ingest(platform: platform, signal: LogSignal())
            _ = try await DemoLoad(DemoBrand(seed: 5, end: end, people: 300), platform: platform) {
                try await ingest.append($0)
            }.run { _ in }
            try await Processor(platform: platform, signal: LogSignal()).catchUp()
            let done = try #require(try await DemoReach.load(platform))
            #expect(done.messages > 50 && done.runs > 0)
            let (broadcasts, journeys, templates) = try await store.read { connection in
                (
                    try Broadcasts.list(limit: 9, connection), try Journeys.list(connection),
                    try MessageTemplates.list(connection)
                )
            }
            let broadcast = try #require(broadcasts.first)
            #expect(broadcast.status == .finished && broadcast.heldOut > 0 && broadcast.planned > broadcast.heldOut)
            #expect(broadcast.startedAt.map { $0 < end.adding(days: -17) } ?? false)
            #expect(journeys.count == 3 && journeys.allSatisfy { $0.status == .live })
            #expect(templates.contains { $0.channel == "email" && $0.version == 1 && $0.name.hasPrefix("Spring") })
            let channels = try await store.read {
                try $0.query("SELECT DISTINCT channel FROM messages").map { try $0.text(0) }
            }
            #expect(channels == ["inbox"])
            var filter = MessageList.Filter()
            (filter.origin, filter.originID) = ("broadcast", broadcast.id)
            let report = try await store.read { [filter] in try MessageList.report(filter, $0) }
            #expect(report.delivered > 0 && report.opened > 0 && report.opened < report.delivered)
            let late = try await store.read {
                try $0.first("SELECT count(*) FROM event_log WHERE kind != 'system' AND time_ms > \(end.milliseconds)")?
                    .int(0)
            }
            #expect(late == 0)
            #expect(try await DemoReach.load(platform) == nil)
        }
    }
}
