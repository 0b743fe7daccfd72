import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Profiles: walking by id")
struct ProfileWalkTests {
    @Test("a page of everybody is read from its place on, and sorted by nothing but the key")
    func plan() async throws {
        try await TestDatabase.with(.sqlite) { store in
            let plan = try await store.read { connection in
                try connection.query(
                    """
                    EXPLAIN QUERY PLAN SELECT id FROM profiles WHERE id > 5 AND \(raw: Profile.isUnmerged)
                    AND deleted_ms IS NULL AND identified = 1 ORDER BY id LIMIT 500
                    """
                ).map { try $0.text(3) }
            }
            #expect(plan.count == 1 && plan[0].contains("id>?"))
        }
    }
}
