import Foundation
import Storage
import TestSupport
import Testing

/// Backup and restore, from every kind of store into every kind.
@Suite("Analytics backup")
struct AnalyticsBackupTests {
    struct Route: Sendable, CustomTestStringConvertible {
        var from: AnalyticsKind
        var to: AnalyticsKind
        var testDescription: String { "\(from.rawValue) to \(to.rawValue)" }
    }

    static let routes = AnalyticsKind.allCases.flatMap { from in
        AnalyticsKind.allCases.map { Route(from: from, to: $0) }
    }

    static let questions: [AnalyticsSQL] = [
        "SELECT * FROM samples ORDER BY id", "SELECT * FROM (SELECT * FROM members AS m FINAL) AS c ORDER BY id",
    ]

    @Test("every table comes back the same", arguments: routes)
    func roundTrip(_ route: Route) async throws {
        let folder = try TestFolder.make("backup")
        let before = try await TestAnalytics.withSamples(route.from) { store in
            for batch in 0..<3 {
                try await store.insert(AnalyticsSamples.block(first: UInt64(batch * 100)), token: "\(batch)")
            }
            try await store.insert(AnalyticsSamples.members([(1, 1, "a", 1), (2, 1, "汉", 2)]), token: "m1")
            try await store.insert(AnalyticsSamples.members([(1, 2, "b", 3)]), token: "m2")
            try await store.backup(to: folder)
            return try await Self.answers(store)
        }
        try await TestAnalytics.withSamples(route.to) { store in
            try await store.restore(from: folder)
            #expect(try await Self.answers(store) == before)
            await #expect(throws: StorageError.self) { try await store.restore(from: folder) }
        }
    }

    @Test("a folder without manifest, or with a broken file, is refused", arguments: AnalyticsKind.allCases)
    func refused(_ kind: AnalyticsKind) async throws {
        let folder = try TestFolder.make("backup")
        try await TestAnalytics.withSamples(kind) { store in
            await #expect(throws: StorageError.self) { try await store.restore(from: folder) }
            try await store.insert(AnalyticsSamples.block(), token: "one")
            try await store.backup(to: folder)
            await #expect(throws: StorageError.self) { try await store.backup(to: folder) }
        }
        let file = URL(fileURLWithPath: folder + "/samples.native")
        let bytes = try Data(contentsOf: file)
        try bytes.dropLast(5).write(to: file)
        try await TestAnalytics.withSamples(kind) { store in
            await #expect(throws: StorageError.self) { try await store.restore(from: folder) }
        }
    }

    private static func answers(_ store: any AnalyticsStore) async throws -> [AnalyticsTable] {
        var answers: [AnalyticsTable] = []
        for question in questions { answers.append(try await store.query(question)) }
        return answers
    }
}
