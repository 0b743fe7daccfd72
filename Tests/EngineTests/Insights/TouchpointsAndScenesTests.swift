import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Touchpoints and scenes")
struct TouchpointsAndScenesTests {
    private static let days = ["from": "2026-11-02", "to": "2026-11-08"]
    private static let shop = "https://shop.example"

    /// 1 comes from Baidu on three mornings and reads on; 2 comes directly three times and goes at once; both live in
    /// Hangzhou, 1 orders on a day in Beijing and on a Saturday in a store.
    private static let history: BrandHistory = {
        var brand = BrandHistory()
        brand.people = [(1, "2026-11-01"), (2, "2026-11-01")]
        func town(_ city: String) -> String { #""location":{"country":"中国","city":"\#(city)"}"# }
        for day in ["02", "03", "04"] {
            brand.view(
                1, "2026-11-\(day) 09:00:00", shop + "/tea/green-\(day)", context: town("杭州"),
                referrer: "https://www.baidu.com/")
            brand.view(1, "2026-11-\(day) 09:05:00", shop + "/cart", context: town("杭州"))
            brand.view(2, "2026-11-\(day) 20:00:00", shop + "/", context: town("杭州"))
        }
        brand.view(1, "2026-11-05 09:00:00", shop + "/tea/x", context: town("北京"), referrer: "https://www.baidu.com/")
        brand.act(1, "2026-11-05 09:00:05", "Order Completed")
        brand.act(1, "2026-11-07 15:00:00", "Store Visited")
        brand.act(1, "2026-11-07 15:05:00", "Order Completed")
        return brand
    }()

    @Test("rates are drawn towards the rate of all, and open who answered", arguments: AnalyticsKind.allCases)
    func touchpoints(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-11-10") { platform in
            let asked = Self.days.merging(["support": "3"]) { $1 }
            let report = try await TouchpointsReport.made(platform, asked)
            let figures = try report.panel("figures")
            #expect(try figures.figure("visits").value == 7 && figures.figure("answered").value == 3)
            #expect(try figures.figure("answer_people").value == 1)
            let channels = try report.panel("channels")
            let search = try channels.row("search").values
            let rate = (20.0 * 3 / 7 + 3) / 24
            #expect(abs((search[0] ?? 0) - rate) < 1e-12 && search[3] == 4 && search[4] == 3 && search[5] == 1)
            #expect((search[1] ?? 1) < rate && (search[2] ?? 0) > rate)
            #expect(try channels.row("direct").values[4] == 0 && channels.rows[0].labels == ["search"])
            #expect(try report.panel("page_types").row("/tea").values[3] == 4)
            #expect(try report.panel("page_types").row("/").values[3] == 3)
            #expect(try report.panel("hours_of_day").row("9").values[3] == 4)
            // No weekday has three visits.
            let weekdays = try report.panel("weekdays")
            #expect(weekdays.rows.isEmpty && weekdays.notes == ["little_support"])
            for (place, people) in [
                ("answered", [1]), ("channel:search", [1]), ("channel:direct", []), ("page:/tea", [1]),
                ("hour:9", [1]), ("weekday:weekday_1", [1]),
            ] as [(String, [Int64])] {
                #expect(try await TouchpointsReport.ids(place, platform, asked) == people, "\(place)")
            }
            let own = try await PersonTouchpoints.load(1, platform)
            #expect(own.visits == 4 && own.best.map(\.kind) == [.channel, .hour, .page])
            #expect(own.best.first?.touchpoint.name == "search" && own.best.first?.expected == 0.75)
            #expect(try await PersonTouchpoints.load(9, platform) == PersonTouchpoints(visits: 0, best: []))
        }
    }

    @Test("hours and weekdays stand in the order of time, channels by their rates")
    func order() {
        func touchpoint(_ name: String, _ answered: Int64) -> Touchpoint {
            Touchpoint(name, visits: 10, answered: answered, people: 1, from: 0.5)
        }
        let hours = [touchpoint("10", 9), touchpoint("9", 1)].sorted { TouchpointKind.hour.precedes($0, $1) }
        #expect(hours.map(\.name) == ["9", "10"])
        let days = [touchpoint("weekday_7", 9), touchpoint("weekday_1", 1)]
        #expect(days.sorted { TouchpointKind.weekday.precedes($0, $1) }.map(\.name) == ["weekday_1", "weekday_7"])
        let channels = [touchpoint("direct", 1), touchpoint("search", 9)]
        #expect(channels.sorted { TouchpointKind.channel.precedes($0, $1) }.map(\.name) == ["search", "direct"])
    }

    @Test("days are in the scenes that they were in, with lift against all days", arguments: AnalyticsKind.allCases)
    func scenes(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-11-10") { platform in
            let asked = Self.days.merging(["support": "1"]) { $1 }
            let report = try await ScenesReport.made(platform, asked)
            let figures = try report.panel("figures")
            #expect(try figures.figure("person_days").value == 8 && figures.figure("hit_days").value == 2)
            let scenes = try report.panel("scenes")
            // Two of eight days have an order; the one away has, the Saturday in the store has.
            #expect(try scenes.row("away").values.prefix(5) == [4, 1, 1, 1, 1])
            #expect(try scenes.row("in_store").values.prefix(5) == [4, 1, 1, 1, 1])
            #expect(try scenes.row("weekend").values[0] == 4 && scenes.row("autumn").values[0] == 1)
            #expect(try scenes.row("morning").values.prefix(4) == [1, 0.25, 4, 1])
            #expect(try scenes.row("at_home").values[3] == 0 && scenes.row("evening").values[2] == 3)
            // (1 − 8 × …) of the hypergeometric distribution: mean 1/4, variance 3/16.
            let away = try scenes.row("away").values
            #expect(abs((away[5] ?? 0) - 0.75 / (3.0 / 16).squareRoot()) < 1e-12 && away[7] == 0)
            for (place, people) in [
                ("happened", [1]), ("scene:away", [1]), ("scene:at_home", []),
            ] as [(String, [Int64])] {
                #expect(try await ScenesReport.ids(place, platform, asked) == people, "\(place)")
            }
            await #expect(throws: ReportError.self) {
                _ = try await ScenesReport.made(platform, ["event": "{}"])
            }
        }
    }
}
