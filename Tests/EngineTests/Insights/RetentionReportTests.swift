import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("The retention report")
struct RetentionReportTests {
    private static let asked = ["from": "2026-11-02", "to": "2026-11-15", "periods": "3"]

    /// Weeks begin on 2, 9, 16, 23 November; it is Wednesday the 25th.
    private static let history: BrandHistory = {
        var brand = BrandHistory()
        brand.people = [
            (1, "2026-11-02"), (2, "2026-11-04"), (3, "2026-11-10"), (4, "2026-10-01"), (6, "2026-11-03"),
        ]
        brand.merged = [(5, 2)]
        func act(_ person: Int64, _ name: String, _ days: String...) {
            for day in days { brand.act(person, "2026-" + day, name) }
        }
        act(1, "View", "11-02", "11-09", "11-23")
        act(2, "View", "11-04", "11-05")
        act(5, "Buy", "11-17")
        act(3, "View", "11-10", "11-24")
        act(4, "View", "10-27", "11-03", "11-18")
        // Known, and nothing done that counts.
        brand.acts.append(.init(person: 6, at: "2026-11-03", name: "Identify", kind: "identify"))
        return brand
    }()

    @Test("cohorts of newcomers, exact and unbounded, with unfinished weeks marked", arguments: AnalyticsKind.allCases)
    func newcomers(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-11-25") { platform in
            let report = try await RetentionReport.made(platform, Self.asked)
            let matrix = try report.panel("matrix")
            #expect(matrix.rows.map(\.labels) == [["2026-11-02"], ["2026-11-09"]])
            let third = 1.0 / 3
            let first: [Double?] = [3, 2.0 / 3, third, third, third]
            #expect(matrix.rows[0].values == first)
            #expect(matrix.rows[1].values == [1, 1, 0, 1, nil])
            #expect(matrix.rows[0].unfinished == [4] && matrix.rows[1].unfinished == [3])
            let curve = try report.panel("curve")
            let expected: [[Double?]] = [[0.75, 4, 3], [0.25, 4, 1], [third, 3, 1]]
            #expect(curve.rows.map(\.values) == expected)
            #expect(try report.panel("figures").figure("retained_first").value == 0.25)
            let unbounded = try await RetentionReport.made(platform, Self.asked.merging(["mode": "unbounded"]) { $1 })
            let later: [Double?] = [3, 2.0 / 3, 2.0 / 3, 2.0 / 3, third]
            #expect(try unbounded.panel("matrix").rows[0].values == later)
            for (place, people) in [
                ("cohort:2940", []), ("cohort:2966", [1, 2, 6]), ("cell:2966/0", [1, 2]), ("cell:2966/1", [1]),
                ("cell:2966/2", [2]), ("cell:-1/0", [1, 2, 3]), ("cohort:-1", [1, 2, 3, 6]),
                // The third came back in a week that is not over yet.
                ("cell:-1/2", [2, 3]), ("kept:2", [2]), ("followed:2", [1, 2, 6]), ("followed:3", []),
            ] as [(String, [Int64])] {
                #expect(try await RetentionReport.ids(place, platform, Self.asked) == people, "\(place)")
            }
            // Every mark of the curve opens as many people as it counts.
            for row in curve.rows {
                for index in [1, 2] {
                    let people = try await RetentionReport.ids(try #require(row.people[index]), platform, Self.asked)
                    #expect(Double(people.count) == row.values[index], "\(row.people)")
                }
                #expect(row.people[0] == row.people[2])
            }
            await #expect(throws: ReportError.unknownPlace("kept:4")) {
                _ = try await RetentionReport.ids("kept:4", platform, Self.asked)
            }
        }
    }

    @Test("cohorts by an event, coming back by another", arguments: AnalyticsKind.allCases)
    func events(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-11-25") { platform in
            let values = Self.asked.merging(["cohort": "event", "start": "View", "return": "Buy"]) { $1 }
            let matrix = try await RetentionReport.made(platform, values).panel("matrix")
            // 1, 2 and 4 viewed in the first week, 3 in the second; 2 bought two weeks later.
            let (first, second): ([Double?], [Double?]) = ([3, 0, 0, 1.0 / 3, 0], [1, 0, 0, 0, nil])
            #expect(matrix.rows[0].values == first)
            #expect(matrix.rows[1].values == second)
            let bySource = try await RetentionReport.made(platform, values.merging(["by": "source"]) { $1 })
            let together: [Double?] = [4, 0, 0, 1.0 / 3, 0]
            #expect(try bySource.panel("matrix").rows.map(\.values) == [together])
        }
    }

    @Test(
        "cohorts by tag: who has several counts with each, a merged tag is what it became",
        arguments: AnalyticsKind.allCases)
    func tags(kind: AnalyticsKind) async throws {
        var brand = Self.history
        // 13 became 11, 14 is gone.
        brand.tags = [1: [11, 12], 2: [12], 3: [13], 6: [14]]
        try await brand.with(kind, now: "2026-11-25") { platform in
            try await platform.store.write { connection in
                for (id, name, into, deleted) in [
                    (11, "VIP", 0, 0), (12, "Tea", 0, 0), (13, "Gold", 11, 1), (14, "Old", 0, 1),
                ] {
                    try connection.execute(
                        """
                        INSERT INTO tags (id, name, colour, kind, version, status, created_ms, updated_ms, merged_into,
                            deleted_ms)
                        VALUES (\(id), \(name), 'grey', 'manual', 1, 'live', 0, 0, \((into == 0 ? nil : Int64(into)).sqlValue),
                            \((deleted == 0 ? nil : Int64(1)).sqlValue))
                        """)
                }
            }
            let values = Self.asked.merging(["by": "tag"]) { $1 }
            let report = try await RetentionReport.made(platform, values)
            let matrix = try report.panel("matrix")
            #expect(matrix.rows.map(\.labels) == [["VIP"], ["Tea"], ["no_tag"]])
            #expect(matrix.rows.map { $0.values[0] } == [2, 2, 1])
            #expect(matrix.rows[0].values[1] == 1 && matrix.rows[2].values[1] == 0)
            #expect(matrix.notes.contains("several_tags"))
            // Everybody together is still everybody once.
            #expect(try report.panel("figures").figure("cohort_people").value == 4)
            for (place, people) in [
                ("cohort:11", [1, 3]), ("cohort:12", [1, 2]), ("cohort:0", [6]), ("cell:12/1", [1]),
                ("cohort:-1", [1, 2, 3, 6]),
            ] as [(String, [Int64])] {
                #expect(try await RetentionReport.ids(place, platform, values) == people, "\(place)")
            }
        }
    }

    @Test("active days, stickiness and states of use", arguments: AnalyticsKind.allCases)
    func use(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-11-25") { platform in
            let report = try await RetentionReport.made(platform, Self.asked)
            let days = try report.panel("stickiness")
            #expect(days.rows.map { $0.labels[0] } == ["1", "2"] && days.rows.map { $0.values[0] } == [2, 2])
            #expect(try report.panel("figures").figure("active_daily").value == 6.0 / 14)
            let states = try report.panel("states")
            // New, returning, resurrected, dormant.
            #expect(try states.row("2026-11-02").values == [2, 1, 0, 0])
            #expect(try states.row("2026-11-09").values == [1, 1, 0, 2])
            for (place, people) in [
                ("state:2966/new", [1, 2]), ("state:2966/returning", [4]), ("state:2967/dormant", [2, 4]),
                ("days:2", [1, 2]), ("active", [1, 2, 3, 4]),
            ] as [(String, [Int64])] {
                #expect(try await RetentionReport.ids(place, platform, Self.asked) == people, "\(place)")
            }
        }
    }
}
