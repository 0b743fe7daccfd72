import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("The funnel report")
struct FunnelReportTests {
    private static let asked = ["from": "2026-11-02", "to": "2026-11-08", "steps": "View\nAdd\nBuy"]

    private static let history: BrandHistory = {
        var brand = BrandHistory()
        brand.people = (1...8).map { (Int64($0), "2026-11-01") }
        brand.segments = [1: [77], 2: [77]]
        brand.merged = [(5, 4)]
        func act(_ person: Int64, _ events: (String, String)...) {
            for (at, name) in events {
                brand.act(
                    person, "2026-" + at, name,
                    name == "View" ? #"{"category":"\#(person % 2 == 0 ? "Tea" : "Pots")"}"# : "{}")
            }
        }
        act(1, ("11-02 10:00:00", "View"), ("11-02 10:05:00", "Add"), ("11-02 10:15:00", "Buy"))
        act(2, ("11-02 10:00:00", "View"), ("11-02 11:00:00", "Buy"))
        // The first look is too long ago, the second is not.
        act(3, ("11-02 10:00:00", "View"), ("11-08 10:00:00", "View"), ("11-09 12:00:00", "Add"))
        act(5, ("11-03 10:00:00", "View"))
        act(4, ("11-03 11:00:00", "Add"))
        act(
            6, ("11-04 10:00:00", "View"), ("11-04 10:01:00", "Away"), ("11-04 10:02:00", "Add"),
            ("11-05 10:00:00", "Buy"))
        act(7, ("11-05 10:00:00", "Add"), ("11-05 10:00:00", "View"))
        // Began before the period, or after it.
        act(8, ("11-01 10:00:00", "View"), ("11-02 10:00:00", "Add"), ("11-09 10:00:00", "View"))
        return brand
    }()

    @Test("steps, drops and times are those counted by hand", arguments: AnalyticsKind.allCases)
    func steps(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-11-30") { platform in
            let report = try await FunnelReport.made(platform, Self.asked)
            let steps = try report.panel("steps")
            #expect(steps.rows.map { $0.values[0] } == [6, 4, 2])
            let expected: [[Double?]] = [
                [6, 1, 4.0 / 6, 2, nil], [4, 4.0 / 6, 0.5, 2, 1_950], [2, 2.0 / 6, nil, nil, 43_440],
            ]
            // 5 minutes, 26 hours, an hour and two minutes: median 1,950 s; then 10 minutes and 86,280 s.
            #expect(steps.rows.map(\.values) == expected)
            let figures = try report.panel("figures")
            #expect(try figures.figure("funnel_conversion").value == 2.0 / 6)
            #expect(try figures.figure("time_to_convert").value == 43_650)
            #expect(try figures.figure("began").before == 1)
            let trend = try report.panel("trend")
            #expect(try trend.row("2026-11-02").values == [0.5, 2, 1] && trend.row("2026-11-08").values == [0, 1, 0])
            for (place, people) in [
                ("reached:1", [1, 2, 3, 4, 6, 7]), ("reached:3", [1, 6]), ("dropped:1", [2, 7]), ("dropped:2", [3, 4]),
                ("began:20759", [1, 2]), ("completed:20759", [1]),
            ] as [(String, [Int64])] {
                #expect(try await FunnelReport.ids(place, platform, Self.asked) == people, "\(place)")
            }
        }
    }

    @Test("exclusions, strict order, windows, groups and segments change it", arguments: AnalyticsKind.allCases)
    func variants(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-11-30") { platform in
            func reached(_ more: [String: String]) async throws -> [Double?] {
                let values = Self.asked.merging(more) { $1 }
                return try await FunnelReport.made(platform, values).panel("steps").rows.map { $0.values[0] }
            }
            #expect(try await reached(["exclude": "Away"]) == [6, 3, 1])
            #expect(try await reached(["order": "strict"]) == [6, 3, 1])
            #expect(try await reached(["window": "1"]) == [6, 3, 2])
            let filtered = #"[{"names":["View"],"where":[{"property":"category","is":"Tea"}]},"Buy"]"#
            let bad = await #expect(throws: ReportError.self) { _ = try await reached(["steps": filtered]) }
            #expect(bad?.description.contains("steps[0]") == true)
            let tea = #"[{"names":["View"],"where":[{"property":"category","is":"equals","values":["Tea"]}]},"Buy"]"#
            #expect(try await reached(["steps": tea]) == [2, 2])
            let groups = try await FunnelReport.made(platform, Self.asked.merging(["by": "category"]) { $1 })
                .panel("groups")
            #expect(groups.rows.map(\.labels) == [["pots"], ["tea"]])
            #expect(groups.rows[0].values == [4, 3, 1, 0.25] && groups.rows[1].values == [2, 1, 1, 0.5])
            await #expect(throws: ReportError.self) { _ = try await reached(["steps": "View"]) }
            await #expect(throws: ReportError.self) { _ = try await reached(["window": "0"]) }
        }
    }

    @Test("the fold agrees with trying every attempt")
    func everyAttempt() {
        var random = SeededGenerator(seed: 7)
        for round in 0..<3_000 {
            let isStrict = round % 2 == 0
            let steps = Int.random(in: 2...4, using: &random)
            var time: Int64 = 0
            let events = (0..<Int.random(in: 0...12, using: &random)).map { _ -> FunnelWalk.Event in
                time += Int64.random(in: 0...5, using: &random)
                let isExclusion = Int.random(in: 0..<12, using: &random) == 0
                let mask = isExclusion ? FunnelWalk.exclusion : Int64.random(in: 0..<(1 << steps), using: &random)
                return FunnelWalk.Event(time: time, mask: mask)
            }
            let walk = FunnelWalk(steps: steps, windowMilliseconds: 9, isStrict: isStrict, starts: 0..<30)
            #expect(walk.furthest(events)?.level ?? 0 == Self.level(events, walk), "\(events) \(walk)")
        }
    }

    /// From every first step, taking the next one as soon as it comes.
    private static func level(_ events: [FunnelWalk.Event], _ walk: FunnelWalk) -> Int {
        var best = 0
        for start in events.indices where events[start].mask & 1 != 0 && walk.starts.contains(events[start].time) {
            guard events[start].mask & FunnelWalk.exclusion == 0 else { continue }
            var level = 1
            for event in events[(start + 1)...] {
                guard level < walk.steps, event.mask & FunnelWalk.exclusion == 0 else { break }
                let isIn = event.time - events[start].time <= walk.windowMilliseconds
                if event.mask & (1 << level) != 0, isIn { level += 1 } else if walk.isStrict { break }
            }
            best = max(best, level)
        }
        return best
    }
}
