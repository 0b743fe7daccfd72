import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("What the log's stations count")
struct LogMetersTests {
    private static let start = Timestamp(milliseconds: 1_790_000_000_000)

    private func counts(_ platform: Platform) -> [String: String] {
        var counts: [String: String] = [:]
        for line in platform.metrics.text().split(separator: "\n") where !line.hasPrefix("#") {
            let sides = line.split(separator: " ")
            if sides.count == 2 { counts[String(sides[0])] = String(sides[1]) }
        }
        return counts
    }

    @Test("arrivals, quarantine, batches and loads, with their times")
    func flow() async throws {
        try await TestDatabase.with(.sqlite) { store in
            try await TestAnalytics.with(.embedded) { analytics in
                let platform = Platform(store: store, analytics: analytics)
                let events = (0..<7).map { number in
                    IncomingEvent(
                        kind: .track, name: "Viewed", messageID: "m\(number)",
                        identities: [IdentityClaim(kind: "user_id", value: "u")], time: Self.start,
                        receivedAt: Self.start)
                }
                let refused = RejectedItem(
                    messageID: nil, reason: .missingField, explanation: "", raw: [], dialect: "native")
                try await Ingest(platform: platform, signal: LogSignal())
                    .append(IncomingBatch(sourceID: 1, events: events, rejected: [refused]))
                try await Processor(platform: platform, signal: LogSignal()).catchUp()
                try await Archiver(platform: platform, signal: LogSignal()).catchUp()
                let counts = counts(platform)
                #expect(counts["perennial_ingest_events_total"] == "7")
                #expect(counts["perennial_ingest_quarantined_total"] == "1")
                #expect(counts["perennial_ingest_failed_total"] == "0")
                #expect(counts["perennial_ingest_commit_seconds_count"] == "1")
                // What it said itself it passes over, and counts.
                #expect(counts["perennial_processor_events_total"] == "8")
                #expect(counts["perennial_archiver_events_total"] == "8")
                #expect(counts["perennial_archiver_batch_seconds_count"] == "1")
            }
        }
    }

    @Test("refused rows when the store is gone")
    func failure() async throws {
        try await TestDatabase.with(.sqlite) { store in
            let platform = Platform(store: store, analytics: ClosedAnalyticsStore("not part of this test"))
            await store.close()
            let event = IncomingEvent(
                kind: .track, name: "Viewed", messageID: "m", identities: [], time: Self.start, receivedAt: Self.start)
            await #expect(throws: StorageError.self) {
                try await Ingest(platform: platform, signal: LogSignal())
                    .append(IncomingBatch(sourceID: 1, events: [event]))
            }
            #expect(counts(platform)["perennial_ingest_failed_total"] == "1")
        }
    }
}
