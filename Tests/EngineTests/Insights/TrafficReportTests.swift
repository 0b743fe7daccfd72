import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("The traffic report")
struct TrafficReportTests {
    private static let days = ["from": "2026-11-02", "to": "2026-11-08"]
    private static let shop = "https://shop.example"

    /// Three people by hand: 1 came from Baidu, read two pages and ordered; came back the next day for one page. 2 came
    /// by a campaign for one page. 3 is an older profile of an app, across midnight; 4 is 1's other device.
    private static let history: BrandHistory = {
        var brand = BrandHistory()
        brand.people = [(1, "2026-11-02 09:00:00"), (2, "2026-11-03 10:00:00"), (3, "2026-10-01")]
        brand.segments = [3: [77]]
        brand.merged = [(4, 1)]
        brand.view(
            1, "2026-11-02 09:00:00", shop + "/tea?x=1",
            context: #""ip":"203.0.113.5","client":{"browser":"Chrome","device":"phone"},"location":{"country":"中国","#
                + #""region":"浙江省","city":"杭州"}"#,
            referrer: "https://www.baidu.com/s?wd=tea")
        brand.view(1, "2026-11-02 09:10:00", shop + "/cart", referrer: shop + "/tea")
        brand.act(1, "2026-11-02 09:15:00", "Page Dwelt", #"{"seconds":1200}"#)
        brand.orders.append(.init(person: 1, at: "2026-11-02 09:20:00", net: 9_900))
        // Forty idle minutes after the order: another visit, on the device that was merged.
        brand.view(4, "2026-11-02 10:00:00", shop + "/tea")
        brand.view(1, "2026-11-03 20:00:00", shop + "/", referrer: "https://m.weibo.cn/u/1")
        brand.view(
            2, "2026-11-03 10:00:00", shop + "/tea",
            context: #""campaign":{"source":"wechat","medium":"article","name":"spring"}"#,
            referrer: "https://www.baidu.com/")
        brand.acts.append(
            .init(
                person: 3, at: "2026-11-03 23:55:00", name: "Screen Viewed", properties: #"{"path":"/home"}"#,
                kind: "screen"))
        brand.acts.append(
            .init(
                person: 3, at: "2026-11-04 00:05:00", name: "Screen Viewed", properties: #"{"path":"/me"}"#,
                kind: "screen"))
        // Neither a till's order nor an event without a page makes a visit; the week before has one view.
        brand.orders.append(.init(person: 2, at: "2026-11-05 15:00:00", net: 5_000))
        brand.act(2, "2026-11-05 15:00:00", "Order Completed")
        brand.act(2, "2026-11-06 15:00:00", "Product Viewed")
        brand.view(3, "2026-10-28 08:00:00", shop + "/old")
        return brand
    }()

    @Test(
        "who is here now was here in the last five minutes, whatever days are asked about",
        arguments: AnalyticsKind.allCases)
    func now(kind: AnalyticsKind) async throws {
        var brand = Self.history
        brand.view(1, "2026-11-10 00:01:00", Self.shop + "/late")
        brand.view(4, "2026-11-10 00:02:00", Self.shop + "/late")
        brand.view(2, "2026-11-09 23:58:00", Self.shop + "/before-midnight")
        brand.view(3, "2026-11-09 23:56:00", Self.shop + "/left")
        try await brand.with(kind, now: "2026-11-10 00:02:30") { platform in
            let report = try await TrafficReport.made(platform, Self.days)
            #expect(try report.panel("figures").figure("visitors_now").value == 2)
            #expect(try await TrafficReport.ids("now", platform, Self.days) == [1, 2])
        }
    }

    @Test("figures are those counted by hand, and open the people", arguments: AnalyticsKind.allCases)
    func figures(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-11-10") { platform in
            let panel = try await TrafficReport.made(platform, Self.days).panel("figures")
            let expected: [(String, Double?, Double?)] = [
                ("pv", 7, 1), ("uv", 3, 1), ("new_visitors", 2, 0), ("returning_visitors", 1, 1), ("visits", 5, 1),
                ("bounce_rate", 3 / 5, 1), ("engaged_rate", 2 / 5, 0),
                // 20 minutes to the order and the 1,200 seconds dwelt are alike; 10 minutes of the app.
                ("dwell", (1_200 + 600) / 5, 0), ("pages_per_visit", 7 / 5, 1), ("conversion", 1 / 5, 0),
                ("visit_revenue", 9_900, 0), ("ip", 1, nil), ("visitors_now", 0, nil),
            ]
            #expect(panel.figures.count == expected.count)
            for (name, value, before) in expected {
                let figure = try panel.figure(name)
                #expect(figure.value == value, "\(name)")
                #expect(figure.before == before, "\(name)")
            }
            for (place, people) in [
                ("visitors", [1, 2, 3]), ("newcomers", [1, 2]), ("returning", [3]), ("bounced", [1, 2]),
                ("engaged", [1, 3]), ("converted", [1]), ("source:search/baidu", [1]), ("source:social/weibo", [1]),
                ("source:campaign/wechat", [2]), ("source:direct/", [1, 3]), ("landing:/tea", [1, 2]),
                ("leaving:/me", [3]), ("device:phone", [1]), ("device:app", [3]), ("visits:1", [2, 3]),
                ("region:中国/浙江省", [1]), ("revisit:0", [1]), ("revisit:1", [1]), ("revisit:4", [3]),
                ("visits:3", [1]), ("hour:1-9", [1]), ("step:20759", [1]),
            ] as [(String, [Int64])] {
                #expect(try await TrafficReport.ids(place, platform, Self.days) == people, "\(place)")
            }
            await #expect(throws: ReportError.unknownPlace("nobody")) {
                _ = try await TrafficReport.ids("nobody", platform, Self.days)
            }
        }
    }

    @Test("days, sources, pages, devices and hours are divided as they happened", arguments: AnalyticsKind.allCases)
    func panels(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-11-10") { platform in
            let report = try await TrafficReport.made(platform, Self.days)
            let trend = try report.panel("trend")
            #expect(trend.rows.map { $0.labels[0] }.first == "2026-11-02" && trend.rows.count == 7)
            #expect(trend.rows[0].values == [3, 1, 2, 0, 0, 0])
            // The app's visit began on the third and was seen on the fourth, too.
            #expect(trend.rows[1].values == [3, 3, 3, 0, 0, 0] && trend.rows[2].values == [1, 1, 0, 1, 1, 1])
            let sources = try report.panel("sources")
            #expect(sources.rows.map(\.labels).contains(["direct", ""]) && sources.rows.count == 4)
            #expect(try sources.row("search", "baidu").values == [1, 0.2, 1, 0, 1_200, 1, 9_900])
            #expect(try sources.row("campaign", "wechat").values[0] == 1)
            #expect(try report.panel("landing").row("/tea").values[0] == 3)
            #expect(try report.panel("leaving").row("/cart").values[0] == 1)
            #expect(try report.panel("devices").row("app").values[0] == 1)
            #expect(try report.panel("regions").row("中国", "浙江省").values[0] == 1)
            #expect(try report.panel("regions").row("", "").values[0] == 4 && report.panel("regions").notes.isEmpty)
            // 1 came again after half an hour and the next day, 3 after six days.
            let revisits = try report.panel("revisits")
            #expect(revisits.rows.map { $0.values[0] } == [1, 1, 0, 1, 0, 0, 0, 0])
            let hours = try report.panel("hours")
            #expect(hours.rows[0].values[9] == 2 && hours.rows[1].values[23] == 1 && hours.rows[2].values[0] == 1)
            #expect(try report.panel("frequency").rows.map { $0.values[0] } == [2, 0, 1, 0, 0, 0])
            let hourly = try await TrafficReport.made(platform, Self.days.merging(["step": "hour"]) { $1 })
            #expect(try hourly.panel("trend").row("2026-11-02 09:00").values.prefix(3) == [2, 1, 1])
            let monthly = try await TrafficReport.made(platform, Self.days.merging(["step": "month"]) { $1 })
            #expect(try monthly.panel("trend").row("2026-11").values.prefix(3) == [7, 3, 5])
        }
    }

    @Test("a segment narrows every figure; what cannot be asked says so", arguments: AnalyticsKind.allCases)
    func questions(kind: AnalyticsKind) async throws {
        try await Self.history.with(kind, now: "2026-11-10") { platform in
            _ = try await platform.store.write { connection in
                try connection.execute(
                    """
                    INSERT INTO segments (id, name, description, kind, criteria, version, status, cut, created_ms,
                        updated_ms) VALUES (77, 'App', '', 'static', '', 1, 'live', '{}', 0, 0)
                    """)
            }
            let narrowed = Self.days.merging(["segment": "77"]) { $1 }
            let panel = try await TrafficReport.made(platform, narrowed).panel("figures")
            #expect(try panel.figure("pv").value == 2 && panel.figure("visits").value == 1)
            #expect(try await TrafficReport.ids("visitors", platform, narrowed) == [3])
            let bad: [([String: String], ReportError)] = [
                (["segment": "78"], .unknownSegment("78")),
                (
                    ["from": "2026-13-01"],
                    .badParameter("from", given: "2026-13-01", expected: "a day such as 2026-11-22")
                ),
                (["days": "0"], .badParameter("days", given: "0", expected: "between 1 and 1100")),
                (["step": "year"], .badParameter("step", given: "year", expected: "one of hour, day, week, month")),
                (["from": "2020-01-01"], .periodTooLong(days: 2_506, limit: 1_100)),
            ]
            for (values, error) in bad {
                await #expect(throws: error) { _ = try await TrafficReport.made(platform, values) }
            }
            await #expect(throws: ReportError.periodTooLong(days: 60, limit: 31)) {
                _ = try await TrafficReport.made(platform, ["days": "60", "step": "hour"])
            }
        }
    }

    @Test("nothing collected gives zeros, in every format", arguments: AnalyticsKind.allCases)
    func empty(kind: AnalyticsKind) async throws {
        try await BrandHistory().with(kind, now: "2026-11-10") { platform in
            let report = try await TrafficReport.made(platform, Self.days)
            #expect(try report.panel("figures").figure("pv").value == 0)
            #expect(try report.panel("figures").figure("bounce_rate").value == nil)
            for format in ReportFormat.allCases {
                #expect(try !ReportRenderer.text(report, format: format).isEmpty)
            }
        }
    }
}
