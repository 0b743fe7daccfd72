import Foundation
import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Erasing a person")
struct ErasureTests {
    private static let start = Timestamp(milliseconds: 1_790_000_000_000)
    private static let person = ["13800138000", "lin.mei@example.com", "林梅枝", "lm-4711"]

    private func event(
        _ name: String, id: String, _ claims: [IdentityClaim], properties: String = "{}", traits: String = "{}"
    ) -> IncomingEvent {
        IncomingEvent(
            kind: .track, name: name, messageID: id, identities: claims, time: Self.start, receivedAt: Self.start,
            properties: properties, traits: traits)
    }

    @Test("both stores, raw bytes, examples, files and kept answers forget, and the revenue stays")
    func everywhere() async throws {
        try await TestDatabase.with(.sqlite) { store in
            try await TestAnalytics.with(.embedded) { analytics in
                let platform = Platform(store: store, analytics: analytics)
                try await fill(platform)
                try await catchUp(platform)
                let revenue: AnalyticsSQL = "SELECT sum(net) FROM orders FINAL WHERE is_deleted = 0"
                #expect(try await analytics.query(revenue).ints(0) == [3_750])
                let files = try await importedFiles(platform)
                let id = try #require(
                    try await store.read {
                        try $0.first("SELECT profile_id FROM identities WHERE value = 'lm-4711'")?.int(0)
                    })
                #expect(try await !traces(platform).isEmpty)
                let document = try await PersonExport(of: id, platform).document(bytesMax: 1 << 20, by: "user:1")
                try check(document)

                try await Erasure.request(id, by: "user:1", platform)
                let asked = try #require(try await store.read { try ErasureSweep.standing(of: id, $0) })
                #expect(asked.isSearching && asked.analyticsAt == nil && asked.sweptAt == nil)
                try await catchUp(platform)
                _ = try await JobRunner(platform: platform).drain()

                #expect(try await traces(platform) == [])
                #expect(files.map { FileManager.default.fileExists(atPath: $0) } == [false, false, true])
                let done = try #require(try await store.read { try ErasureSweep.standing(of: id, $0) })
                #expect(!done.isSearching && !done.isFailed && done.analyticsAt != nil && done.sweptAt != nil)
                // Orders stay in both stores, nobody's; figures about people leave them out.
                #expect(try await analytics.query(revenue).ints(0) == [3_750])
                let orders = try await store.read { connection in
                    try connection.query(
                        "SELECT net, CASE WHEN profile_id = 0 THEN 1 ELSE 0 END FROM orders ORDER BY net"
                    )
                    .map { "\(try $0.int(0)) \(try $0.int(1))" }
                }
                #expect(orders == ["1250 0", "2500 1"])
                let nobodys: AnalyticsSQL = "SELECT net FROM orders FINAL WHERE profile_id = 0 AND is_deleted = 0"
                #expect(try await analytics.query(nobodys).ints(0) == [2_500])
                let buyers: AnalyticsSQL =
                    "SELECT toInt64(uniqExact(profile_id)) FROM orders FINAL WHERE \(OrderFacts.ofPeople)"
                #expect(try await analytics.query(buyers).ints(0) == [1])
                // What belongs to others is still there.
                let others = try await store.read { connection in
                    try connection.first(
                        "SELECT count(*) FROM quarantine WHERE status = 'waiting' AND length(raw) > 0")?.int(0)
                }
                #expect(others == 1)
            }
        }
    }

    /// What leaves on request is complete: every value of the person is in it, and nothing of others.
    private func check(_ document: JSONValue) throws {
        #expect(document["format"]?.stringValue == "perennial.person/1")
        #expect(document["identities"]?.arrayValue?.count == 2)
        #expect(document["orders"]?.arrayValue?.compactMap { $0["order_id"]?.stringValue } == ["A-1"])
        #expect(document["quarantine"]?.arrayValue?.count == 1)
        let names = (document["events"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        #expect(Set(names).isSuperset(of: ["Signed Up", "Order Completed"]))
        let text = document.text().lowercased()
        #expect(Self.person.allSatisfy(text.contains) && !text.contains("somebody@example.org"))
    }

    /// Two people: one who will be erased, and one who stays.
    private func fill(_ platform: Platform) async throws {
        let mine = [
            IdentityClaim(kind: "user_id", value: "lm-4711"), IdentityClaim(kind: "phone", value: "13800138000"),
        ]
        let other = [IdentityClaim(kind: "user_id", value: "stays")]
        let rejected = ["lin.mei@example.com", "somebody@example.org"].map { email in
            RejectedItem(
                messageID: nil, reason: .missingField, explanation: "no event",
                raw: Array(#"{"userId":"\#(email)"}"#.utf8), dialect: "segment")
        }
        let batch = IncomingBatch(
            sourceID: 1,
            events: [
                event(
                    "Signed Up", id: "m1", mine, properties: #"{"nickname":"林梅枝","to":"LIN.MEI@example.com"}"#,
                    traits: #"{"name":"林梅枝","email":"lin.mei@example.com","city":"杭州"}"#),
                event(
                    "Order Completed", id: "m2", mine, properties: #"{"order_id":"A-1","total":25,"currency":"CNY"}"#),
                event(
                    "Order Completed", id: "m3", other, properties: #"{"order_id":"A-2","total":12.5,"currency":"CNY"}"#
                ),
            ], rejected: rejected)
        let ingest = Ingest(platform: platform, signal: LogSignal())
        try await ingest.append(batch)
        try await platform.store.write { connection in
            try connection.execute(
                """
                INSERT INTO idempotency_keys (caller, idempotency_key, request_hash, status, response, created_ms)
                VALUES ('key:1', 'a', 'h', 200, '{"email":"lin.mei@example.com"}', 1)
                """)
            try connection.execute(
                """
                INSERT INTO jobs (id, kind, job_key, status, due_ms, request, created_ms)
                VALUES (1, 'export', 'e', 'done', 0, '{"search":"+8613800138000"}', 1)
                """)
        }
    }

    /// An upload in UTF-16 that names the person, its file of refused rows, and somebody else's upload.
    private func importedFiles(_ platform: Platform) async throws -> [String] {
        let folder = try TestFolder.make("imports")
        let paths = ["a.import", "a.import.errors.csv", "b.import"].map { folder + "/" + $0 }
        try Data("phone\n13800138000\n".utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] })
            .write(to: URL(fileURLWithPath: paths[0]))
        try Data("line,phone\n2,+8613800138000\n".utf8).write(to: URL(fileURLWithPath: paths[1]))
        try Data("phone\n13900139000\n".utf8).write(to: URL(fileURLWithPath: paths[2]))
        try await platform.store.write { connection in
            for (number, path) in [(1, paths[0]), (2, paths[2])] {
                try connection.execute(
                    """
                    INSERT INTO imports (id, kind, source_id, file_name, file_path, is_upload, file_bytes, fingerprint,
                        status, options, errors_path, created_ms, updated_ms)
                    VALUES (\(number), 'profiles', 1, 'a.csv', \(path), 1, 10, 'f', 'done',
                        \(try StoredDocument.text(ImportOptions(kind: .profiles))), \(path + ".errors.csv"), 1, 1)
                    """)
            }
        }
        return paths
    }

    private func catchUp(_ platform: Platform) async throws {
        try await Processor(platform: platform, signal: LogSignal()).catchUp()
        try await Archiver(platform: platform, signal: LogSignal()).catchUp()
    }

    /// Where a value of the person stands: every row of every table of both stores, as text.
    private func traces(_ platform: Platform) async throws -> [String] {
        var found = try await platform.store.read { connection -> [String] in
            let tables = try connection.query("SELECT name FROM sqlite_master WHERE type = 'table'").map {
                try $0.text(0)
            }
            return try tables.flatMap { table in
                try connection.query("SELECT * FROM \(raw: table)").flatMap { row in
                    let text = row.values.map(Self.text).joined(separator: " ").lowercased()
                    return Self.person.filter { text.contains($0) }.map { "\(table): \($0)" }
                }
            }
        }
        for table in PersonalTables.all {
            for value in Self.person {
                let rows = try await platform.analytics.query(
                    """
                    SELECT toInt64(count()) FROM \(raw: table)
                    WHERE position(lowerUTF8(toString(tuple(*))), \(value)) > 0
                    """)
                if try rows.ints(0).first ?? 0 > 0 { found.append("analytics \(table): \(value)") }
            }
        }
        return found
    }

    private static func text(_ value: SQLValue) -> String {
        switch value {
        case .null: ""
        case .integer(let number): String(number)
        case .real(let number): String(number)
        case .text(let text): text
        case .blob(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }
}
