import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Exports")
struct ExportTests {
    @Test("people who meet the filters are written with identities and consent", arguments: StoreKind.allCases)
    func people(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            try await world.process([
                .test(
                    "Identify", ["user_id": "u1"], kind: .identify,
                    traits: #"{"name":"=林,梅","consent":{"sms":true,"email":false}}"#),
                .test(["user_id": "u2"], minute: 1, traits: #"{"consent":{"sms":false}}"#),
                .test(["user_id": "u3"], minute: 2),
                .test(
                    "Order Completed", ["user_id": "u1"], minute: 3,
                    properties: #"{"order_id":"o1","revenue":12.5,"currency":"CNY"}"#),
            ])
            let all = try await text(world, [], ["user_id", "name", "net_spend", "consent_sms", "consent_email"])
            #expect(
                all == "\u{FEFF}user_id,name,net_spend,consent_sms,consent_email\r\n"
                    + "u1,\"'=林,梅\",12.50,granted,refused\r\nu2,,0.00,refused,\r\nu3,,0.00,,\r\n")
            let granted = try await text(world, [("consent_sms", "granted")], ["user_id"])
            #expect(granted == "\u{FEFF}user_id\r\nu1\r\n")
            let searched = try await text(world, [("q", "u2")], ["user_id"])
            #expect(searched == "\u{FEFF}user_id\r\nu2\r\n")
            let orders = try await text(world, [("status", "completed")], ["order_id", "net"], list: .orders)
            #expect(orders == "\u{FEFF}order_id,net\r\no1,12.50\r\n")
        }
    }

    @Test("the list and the file agree about consent", arguments: StoreKind.allCases)
    func consent(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let ids = try await world.process([
                .test(["user_id": "u1"], traits: #"{"consent":{"sms":true}}"#),
                .test(["user_id": "u2"], minute: 1, traits: #"{"consent":{"sms":false}}"#),
                .test(["user_id": "u3"], minute: 2, traits: #"{"note":"\"sms\":true"}"#),
            ]).profiles
            for (state, id) in zip([ConsentState.granted, .refused, .unknown], ids) {
                var filter = ProfileFilter()
                filter.consent["sms"] = state
                let found = try await world.store.read { [filter] in try ProfileList.load(filter, $0) }
                #expect(found.profiles.map(\.id) == [id])
                filter.search = "u"
                let searched = try await world.store.read { [filter] in try ProfileList.load(filter, $0) }
                #expect(searched.profiles.map(\.id) == [id])
            }
        }
    }

    @Test("a file expires, and is asked for at most so often at once", arguments: StoreKind.allCases)
    func limits(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let clock = TestClock()
            let platform = Platform.testing(store, clock: clock)
            let request = ExportRequest(list: .people, query: [], columns: ["profile_id"])
            for _ in 0..<ExportLimits.running {
                _ = try await store.write {
                    try Exports.ask(request, name: "People", by: 7, actor: "test", $0, platform.effects)
                }
            }
            await #expect(throws: ExportError.tooMany(limit: ExportLimits.running)) {
                try await store.write {
                    try Exports.ask(request, name: "People", by: 7, actor: "test", $0, platform.effects)
                }
            }
            await #expect(throws: ExportError.unknownColumn("password")) {
                try await store.write {
                    try Exports.ask(
                        ExportRequest(list: .people, query: [], columns: ["password"]), name: "x", by: 8,
                        actor: "test", $0, platform.effects)
                }
            }
            let runner = JobRunner(platform: platform, catalog: JobCatalog([ExportJob.handler, ExportJob.retention]))
            _ = try await runner.drain()
            let done = try await store.read { try Exports.list(by: 7, limit: 10, $0) }
            #expect(done.allSatisfy { $0.status == .done && $0.parts == 1 })
            clock.advance(milliseconds: Int64(ExportLimits.keepDays) * 86_400_000 + 1)
            _ = try await platform.enqueue("export_retention", key: "export_retention")
            _ = try await runner.drain()
            #expect(try await store.read { try Exports.list(by: 7, limit: 10, $0) } == [])
            #expect(try await store.read { try $0.query("SELECT 1 FROM export_parts").count } == 0)
        }
    }

    @Test(
        "a file that was interrupted goes on behind its last part and writes nothing twice",
        arguments: StoreKind.allCases)
    func resumes(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { world in
            let count = ExportLimits.partRows + 5
            try await world.process((0..<count).map { .test(["user_id": "u\($0)"], minute: Int64($0 % 60)) })
            let effects = world.platform.effects
            let export = try await world.store.write {
                try Exports.ask(
                    ExportRequest(list: .people, query: [], columns: ["profile_id"]), name: "x", by: 1, actor: "t", $0,
                    effects)
            }
            let runner = JobRunner(platform: world.platform, catalog: JobCatalog([ExportJob.handler]))
            _ = try await runner.drain()
            let whole = try await content(export.id, world)
            // As if the process had died after the header and the first piece.
            try await world.store.write { connection in
                let last =
                    try connection.first(
                        "SELECT id FROM profiles ORDER BY id LIMIT 1 OFFSET \(ExportLimits.partRows - 1)")?.int(0) ?? 0
                try connection.execute("DELETE FROM export_parts WHERE number > 1")
                try connection.execute(
                    """
                    UPDATE exports SET finished_ms = NULL, parts = 2, checkpoint = \(String(last)),
                        rows_written = \(ExportLimits.partRows),
                        bytes = (SELECT sum(raw_bytes) FROM export_parts)
                    """)
                try connection.execute("UPDATE jobs SET status = 'waiting', finished_ms = NULL")
            }
            _ = try await runner.drain()
            #expect(try await content(export.id, world) == whole)
            #expect(try await world.store.read { try Exports.get(export.id, $0) }.rows == Int64(count))
        }
    }

    private func text(
        _ world: PeopleHarness, _ query: [(name: String, value: String)], _ columns: [String], list: ListName = .people
    ) async throws -> String {
        let request = ExportRequest(list: list, query: query, columns: columns)
        let effects = world.platform.effects
        let export = try await world.store.write {
            try Exports.ask(request, name: "x", by: 1, actor: "test", $0, effects)
        }
        let runner = JobRunner(platform: world.platform, catalog: JobCatalog([ExportJob.handler]))
        _ = try await runner.drain()
        return try await content(export.id, world)
    }

    private func content(_ id: Int64, _ world: PeopleHarness) async throws -> String {
        try await world.store.read { connection in
            let export = try Exports.get(id, connection)
            #expect(export.status == .done)
            let bytes = try (0..<export.parts).flatMap { try Exports.part($0, of: id, connection) }
            #expect(Int64(bytes.count) == export.bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
