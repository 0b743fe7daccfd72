import Foundation
import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Data retention")
struct DataRetentionTests {
    @Test("the oldest month that is kept follows the calendar")
    func months() throws {
        let today = try #require(LocalCalendar.day(fromText: "2026-02-14"))
        #expect(DataRetention.firstDay(keeping: 1, today: today) == "2026-01-01")
        #expect(DataRetention.firstDay(keeping: 2, today: today) == "2025-12-01")
        #expect(DataRetention.firstDay(keeping: 26, today: today) == "2023-12-01")
    }

    @Test("periods out of their range are refused by name", arguments: StoreKind.allCases)
    func ranges(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            func save(_ change: @Sendable @escaping (inout RetentionSettings) -> Void) async throws {
                try await store.write { connection in
                    var settings = RetentionSettings()
                    change(&settings)
                    try settings.save(by: "test", connection, at: Timestamp(milliseconds: 1))
                }
            }
            await #expect(throws: RetentionError.eventMonths) { try await save { $0.eventMonths = 0 } }
            await #expect(throws: RetentionError.quarantineDays) { try await save { $0.quarantineDays = 5_000 } }
            await #expect(throws: RetentionError.importFileDays) { try await save { $0.importFileDays = -1 } }
            await #expect(throws: RetentionError.receiptDays) { try await save { $0.receiptDays = 1 } }
            try await save { $0.quarantineDays = 10 }
            #expect(try await store.read { try RetentionSettings.load($0).quarantineDays } == 10)
        }
    }

    @Test("old months, quarantined items and files go; what is young stays", arguments: AnalyticsKind.allCases)
    func carriedOut(kind: AnalyticsKind) async throws {
        try await TestDatabase.with(.sqlite) { store in
            try await TestAnalytics.with(kind) { analytics in
                let clock = TestClock()
                let platform = Platform(store: store, analytics: analytics, effects: clock.effects)
                let ingest = Ingest(platform: platform, signal: LogSignal())
                let ages = [1, 40, 200]
                try await ingest.append(
                    IncomingBatch(
                        sourceID: 1,
                        events: ages.map { days in
                            let time = clock.now.adding(days: -days)
                            return IncomingEvent(
                                kind: .track, name: "Viewed", messageID: "m\(days)",
                                identities: [IdentityClaim(kind: "user_id", value: "u")], time: time,
                                receivedAt: time, properties: "{}")
                        }))
                try await Processor(platform: platform, signal: LogSignal()).catchUp()
                try await Archiver(platform: platform, signal: LogSignal()).catchUp()
                let files = try await prepare(store, ages.map { clock.now.adding(days: -$0) })
                func left() async throws -> (events: [Int64], items: Int64?, files: [Bool]) {
                    (
                        try await analytics.query("SELECT toInt64(count()) FROM events WHERE kind != 'system'").ints(0),
                        try await store.read { try $0.first("SELECT count(*) FROM quarantine")?.int(0) },
                        files.map { FileManager.default.fileExists(atPath: $0) }
                    )
                }
                func run() async throws {
                    _ = try await platform.enqueue(DataRetention.kind, key: DataRetention.kind)
                    _ = try await store.write { try JobQueue.hasten($0, key: DataRetention.kind, at: clock.now) }
                    _ = try await JobRunner(platform: platform).drain()
                }
                try await run()
                let kept = try await left()
                #expect(kept.events == [3] && kept.items == 3 && kept.files == [true, true, true])
                try await store.write { connection in
                    var settings = RetentionSettings()
                    settings.eventMonths = 3
                    settings.quarantineDays = 30
                    settings.importFileDays = 60
                    try settings.save(by: "test", connection, at: clock.now)
                }
                try await run()
                let now = try await left()
                let timeline: AnalyticsSQL = "SELECT toInt64(count()) FROM timeline FINAL WHERE kind != 'system'"
                #expect(try await analytics.query(timeline).ints(0) == [2])
                #expect(now.events == [2] && now.items == 1 && now.files == [true, true, false])
            }
        }
    }

    private func prepare(_ store: any OperationalStore, _ times: [Timestamp]) async throws -> [String] {
        let folder = try TestFolder.make("retention")
        let options = try StoredDocument.text(ImportOptions(kind: .profiles))
        return try await store.write { connection in
            try times.enumerated().map { number, time in
                let path = folder + "/\(number).import"
                try Data("phone\n".utf8).write(to: URL(fileURLWithPath: path))
                try connection.execute(
                    """
                    INSERT INTO quarantine (id, source_id, dialect, reason, explanation, raw, received_ms, status)
                    VALUES (\(number), 1, 'segment', 'missing_field', '', \([UInt8](repeating: 65, count: 3)),
                        \(time.milliseconds), 'waiting')
                    """)
                try connection.execute(
                    """
                    INSERT INTO imports (id, kind, source_id, file_name, file_path, is_upload, file_bytes, fingerprint,
                        status, options, errors_path, created_ms, updated_ms)
                    VALUES (\(number), 'profiles', 1, 'a.csv', \(path), 1, 10, 'f', 'done', \(options),
                        \(path + ".errors.csv"), \(time.milliseconds), \(time.milliseconds))
                    """)
                return path
            }
        }
    }
}
