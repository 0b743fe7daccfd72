import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("The audit log")
struct AuditLogTests {
    private func fill(_ store: any OperationalStore, _ count: Int) async throws {
        try await store.write { connection in
            for number in 1...count {
                try AuditLog.append(
                    actor: number % 2 == 0 ? "user:1" : "key:2", action: number % 3 == 0 ? "user.role" : "session.open",
                    subject: "user:\(number % 5)", detail: "no \(number)", connection,
                    at: Timestamp(milliseconds: Int64(number) * 1_000))
            }
        }
    }

    @Test("it is searched by actor, action, subject, time and word", arguments: StoreKind.allCases)
    func search(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            try await fill(store, 30)
            func found(_ change: (inout AuditLog.Filter) -> Void) async throws -> [String] {
                var filter = AuditLog.Filter()
                change(&filter)
                let wanted = filter
                return try await store.read { try AuditLog.page(wanted, before: nil, $0).entries.map(\.detail) }
            }
            #expect(try await found { _ in }.count == 30)
            #expect(try await found { $0.actor = "user:1" }.count == 15)
            #expect(try await found { $0.action = "user.role" }.count == 10)
            #expect(try await found { $0.subject = "user:3" }.first == "no 28")
            #expect(try await found { $0.search = "NO 7" } == ["no 7"])
            #expect(try await found { $0.search = "%" } == [])
            #expect(
                try await found {
                    $0.from = Timestamp(milliseconds: 10_000)
                    $0.to = Timestamp(milliseconds: 12_000)
                } == ["no 11", "no 10"])
            let words = try await store.read { (try AuditLog.actors($0), try AuditLog.actions($0)) }
            #expect(words.0 == ["key:2", "user:1"] && words.1 == ["session.open", "user.role"])
        }
    }

    @Test("a page of many entries leads to the next, and every entry is on one of them")
    func paging() async throws {
        try await TestDatabase.with(.sqlite) { store in
            try await fill(store, 250)
            var seen: [String] = []
            var before: Int64?
            repeat {
                let place = before
                let page = try await store.read { try AuditLog.page(AuditLog.Filter(), before: place, $0) }
                seen += page.entries.map(\.detail)
                before = page.next
            } while before != nil
            #expect(seen == (1...250).reversed().map { "no \($0)" })
            var after: Int64? = 0
            var upwards: [String] = []
            while let place = after {
                let page = try await store.read { try AuditLog.page(AuditLog.Filter(), after: place, $0) }
                upwards += page.entries.map(\.detail)
                after = page.next
            }
            #expect(upwards == (1...250).map { "no \($0)" })
        }
    }

    @Test("a changed, a missing and a swapped entry are found, also behind what was verified before")
    func chain() async throws {
        try await TestDatabase.with(.sqlite) { store in
            let platform = Platform.testing(store)
            try await fill(store, 40)
            func quick() async throws -> AuditVerification {
                try await store.read { try AuditVerification.quick($0, at: Timestamp(milliseconds: 1)) }
            }
            func verifyAll() async throws {
                let kind = AuditVerification.handler.kind
                _ = try await platform.enqueue(kind, key: kind)
                _ = try await store.write { try JobQueue.hasten($0, key: kind, at: platform.effects.now()) }
                _ = try await JobRunner(platform: platform).drain()
            }
            #expect(try await quick().brokenID == nil)
            try await verifyAll()
            try await fill(store, 10)
            let whole = try await quick()
            #expect(whole.brokenID == nil && whole.isComplete && whole.through == 50)
            // What was not walked yet shows at once; what was shows at the latest the next night.
            _ = try await store.write { try $0.execute("UPDATE audit_log SET detail = 'x' WHERE id = 45") }
            #expect(try await quick().brokenID == 45)
            _ = try await store.write { try $0.execute("UPDATE audit_log SET detail = 'no 5' WHERE id = 45") }
            #expect(try await quick().brokenID == nil)
            _ = try await store.write { try $0.execute("DELETE FROM audit_log WHERE id = 20") }
            try await verifyAll()
            #expect(try await quick().brokenID == 21)
        }
    }
}
