import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Paths and the explorer")
struct PathsAndExploreTests {
    private static let days = ["from": "2026-11-02", "to": "2026-11-08"]

    private static let history: BrandHistory = {
        var brand = BrandHistory()
        brand.people = [(1, "2026-11-02"), (2, "2026-11-02"), (3, "2026-11-02")]
        brand.merged = [(4, 3)]
        func act(_ person: Int64, _ events: (String, String)...) {
            for (at, name) in events {
                brand.act(
                    person, "2026-" + at, name, name == "Buy" ? #"{"total":\#(person * 10).5,"pay":"Card"}"# : "{}")
            }
        }
        act(
            1, ("11-02 10:00:00", "Look"), ("11-02 10:01:00", "Look"), ("11-02 10:02:00", "Add"),
            ("11-02 10:03:00", "Buy"))
        // An hour later nothing follows any more.
        act(2, ("11-02 10:00:00", "Look"), ("11-02 11:00:00", "Buy"))
        act(3, ("11-03 10:00:00", "Ask"), ("11-03 10:01:00", "Look"), ("11-03 10:02:00", "Add"))
        act(4, ("11-03 10:03:00", "Buy"), ("11-03 10:04:00", "Buy"))
        return brand
    }()

    @Test("what comes next and what came before, loops folded", arguments: AnalyticsKind.allCases)
    func paths(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-11-10") { platform in
            let asked = Self.days.merging(["start": "Look", "depth": "3"]) { $1 }
            let report = try await PathsReport.made(platform, asked)
            let flows = try report.panel("flows")
            #expect(try flows.row("0", "Look", "Add").values == [2] && flows.row("0", "Look", "end").values == [1])
            #expect(try flows.row("1", "Add", "Buy").values == [2] && flows.row("2", "Buy", "end").values == [2])
            #expect(try report.panel("sequences").row("Look → Add → Buy → end").values == [2, 2.0 / 3])
            let before = asked.merging(["start": "Buy", "direction": "previous"]) { $1 }
            let backwards = try await PathsReport.made(platform, before).panel("sequences")
            #expect(try backwards.row("Buy → Add → Look → end").values[0] == 1)
            #expect(try backwards.row("Buy → Add → Look → Ask").values[0] == 1)
            #expect(try backwards.row("Buy → end").values[0] == 1)
            for (place, people) in [
                ("flow:0|Look|Add", [1, 3]), ("flow:0|Look|end", [2]), ("path:Look|Add|Buy|end", [1, 3]),
            ] as [(String, [Int64])] {
                #expect(try await PathsReport.ids(place, platform, asked) == people, "\(place)")
            }
            await #expect(throws: ReportError.unknownPlace("flow:x")) {
                _ = try await PathsReport.ids("flow:x", platform, asked)
            }
        }
    }

    @Test("events by every measure, by a property, and how it is distributed", arguments: AnalyticsKind.allCases)
    func explore(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-11-10") { platform in
            let asked = Self.days.merging(["event": "Buy", "property": "total", "measure": "sum", "by": "pay"]) { $1 }
            let report = try await ExploreReport.made(platform, asked)
            let figures = try report.panel("figures")
            let expected: [(String, Double?)] = [
                ("events", 4), ("people", 3), ("per_person", 4.0 / 3), ("sum", 112), ("average", 28),
            ]
            for (name, value) in expected { #expect(try figures.figure(name).value == value, "\(name)") }
            #expect(try report.panel("trend").row("2026-11-03").values == [81, 0])
            #expect(try report.panel("trend").notes == [])
            let running = try await ExploreReport.made(
                platform, asked.merging(["from": "2026-11-08", "to": "2026-11-10"]) { $1 }
            ).panel("trend")
            #expect(running.rows.map(\.unfinished) == [[], [], [0]] && running.notes == ["unfinished"])
            #expect(try report.panel("groups").row("card").values == [112, 1, 3])
            #expect(try report.panel("times").rows.map { $0.values[0] } == [2, 1])
            let bands = try report.panel("distribution")
            #expect(bands.rows.map { $0.labels[0] } == ["10–15", "20–25", "40–45"])
            #expect(bands.rows.map(\.values) == [[1, 1], [1, 1], [2, 1]])
            for (place, people) in [
                ("everybody", [1, 2, 3]), ("group:card", [1, 2, 3]), ("times:2", [3]), ("step:20760", [3]),
                ("band:50000/2", [1]),
            ] as [(String, [Int64])] {
                #expect(try await ExploreReport.ids(place, platform, asked) == people, "\(place)")
            }
            let stages = try await ExploreReport.made(platform, asked.merging(["by": "stage"]) { $1 })
            #expect(try stages.panel("groups").rows.map(\.labels) == [["none"]])
            await #expect(throws: ReportError.self) {
                _ = try await ExploreReport.made(platform, ["event": "Buy", "measure": "sum"])
            }
            await #expect(throws: ReportError.self) { _ = try await ExploreReport.made(platform, ["event": "{"]) }
        }
    }
}
