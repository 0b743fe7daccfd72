import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Who gets which variant")
struct AssignmentTests {
    @Test("memory and analytics SQL divide people the same way", arguments: AnalyticsKind.allCases)
    func sameInBoth(kind: AnalyticsKind) async throws {
        try await TestAnalytics.with(kind) { analytics in
            for (salt, total) in [(Int64(0), Int64(10_000)), (.max, 3), (7_777_777_777_777, 2)] {
                let bucket = Assignment.bucket(salt: salt, column: "number", of: total)
                let table = try await analytics.query(
                    "SELECT toInt64(number) AS n, \(bucket) AS b FROM system.numbers LIMIT 300")
                let expected = try table.ints(0).map { Assignment.bucket(salt: salt, profile: $0, of: total) }
                #expect(try table.ints(1) == expected)
            }
        }
    }

    @Test("weights are met, and two salts know nothing of each other")
    func shares() {
        let people = Array(Int64(1)...40_000)
        let counts = people.reduce(into: [0, 0, 0]) {
            $0[Assignment.variant(salt: 42, profile: $1, weights: [1, 2, 1])] += 1
        }
        // Four standard deviations.
        #expect(abs(counts[0] - 10_000) < 350 && abs(counts[1] - 20_000) < 400)
        let both = people.count {
            Assignment.variant(salt: 1, profile: $0, weights: [1, 1]) == 0
                && Assignment.variant(salt: 2, profile: $0, weights: [1, 1]) == 0
        }
        #expect(abs(both - 10_000) < 350)
    }

    @Test("a larger holdout holds everybody of a smaller one")
    func nested() {
        let (small, large) = (Holdout(share: 500, salt: 9), Holdout(share: 1_500, salt: 9))
        let people = Array(Int64(1)...5_000)
        #expect(people.allSatisfy { !small.holds($0) || large.holds($0) })
        #expect((150...350).contains(people.count { small.holds($0) }))
        #expect(!people.contains { Holdout(share: 0, salt: 9).holds($0) })
    }
}
