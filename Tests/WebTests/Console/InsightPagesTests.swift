import Engine
import Foundation
import Science
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("Pages of insight")
struct InsightPagesTests {
    private static let now = Timestamp(milliseconds: 1_795_363_200_000)
    private static let day = Workspace().calendar.day(of: now)
    private static let effects = Effects(
        now: { now }, newID: Effects.live.newID, randomBytes: Effects.live.randomBytes)

    /// Three people: one moved to decline today and spent ¥613, one is new, one stays.
    private static func fill(_ harness: ConsoleHarness) async throws {
        try await harness.platform.store.write { connection in
            for (id, stage, seen) in [(1, "decline", 300), (2, "introduction", 0), (3, "growth", 300)] {
                let first = now.adding(days: -seen).milliseconds
                try connection.execute(
                    """
                    INSERT INTO profiles (id, created_ms, first_seen_ms, last_seen_ms, identified, display_name,
                        source_id, event_count, order_count, net_spend, last_order_ms, stage, stage_since_ms, state,
                        version)
                    VALUES (\(id), 0, \(first), \(now.milliseconds), 1, \("Person \(id)"), 1, 1,
                        \(id == 1 ? 1 : 0), \(id == 1 ? 61_300 : 0), \((id == 1 ? first : nil).sqlValue), \(stage),
                        \(first), '{}', 1)
                    """)
            }
            try connection.execute(
                """
                INSERT INTO stage_history (profile_id, at_ms, from_stage, to_stage, cause, model_version, evidence)
                VALUES (1, \(now.milliseconds), 'maturity', 'decline', 'time', 1,
                    '{"orders":1,"recency_days":78,"q80":77,"q90":128,"maturity_orders":4}')
                """)
            try connection.execute(
                """
                INSERT INTO orders (order_id, profile_id, source_id, status, ordered_ms, currency, gross, refunded, net,
                    net_workspace, line_count, quantity, updated_ms, position, state)
                VALUES ('A1', 1, 1, 'completed', \(now.adding(days: -300).milliseconds), 'CNY', 61300, 0, 61300, 61300,
                    1, 1, 0, 1, '{}')
                """)
        }
    }

    /// What a template makes of a page, its tags and runs of space taken away.
    private func words(_ html: String) -> String {
        html.replacing(/<[^>]+>/, with: " ").replacing(/\s+/, with: " ").replacing("&#39;", with: "'")
    }

    @Test("a sentence says who moved and what they are worth, and opens exactly these people")
    func sentences() async throws {
        try await ConsoleHarness.with(Self.effects) { harness in
            try await Self.fill(harness)
            let browser = try await harness.signedIn(as: .viewer)
            let panel = try await browser.get("/overview/changes").text
            #expect(words(panel).contains("1 person moved from Maturity to Decline; ¥613 of last year's spend"))
            let link = try #require(panel.firstMatch(of: /href="(\/behind\?mark=moved[^"]+)"/)).1
            let address = String(link).replacing("&amp;", with: "&")
            let page = try await browser.get(address)
            #expect(page.status == 200 && page.text.contains("<h1>People who moved from Maturity to Decline</h1>"))
            let list = try await browser.get(address.replacing("/behind?", with: "/behind/list?")).text
            #expect(words(list).contains("1 person Highest net spend first"))
            #expect(
                list.contains("/people/1") && !list.contains("/people/3") && !list.contains("The figure you came from"))
        }
    }

    @Test("a list that differs from its figure says so, and orders tell how many people placed them")
    func differences() async throws {
        try await ConsoleHarness.with(Self.effects) { harness in
            try await Self.fill(harness)
            let browser = try await harness.signedIn(as: .viewer)
            let more = try await browser.get("/behind/list?mark=stage&stage=growth&n=5").text
            #expect(words(more).contains("said 5; now 1 person are listed") || words(more).contains("said 5"))
            let since = Self.now.adding(days: -301).milliseconds
            let orders = try await browser.get(
                "/behind/list?mark=ordered&since=\(since)&until=\(Self.now.milliseconds)&n=1&of=orders"
            ).text
            #expect(words(orders).contains("1 order, placed by 1 person."))
            for wrong in ["", "mark=nothing", "mark=moved&to=x", "mark=new&from=2026-02-30&to=2026-03-01"] {
                #expect(try await browser.get("/behind?\(wrong)").status == 404, "\(wrong)")
            }
        }
    }

    @Test("the trend is a chart whose every place opens its people")
    func trend() async throws {
        try await ConsoleHarness.with(Self.effects) { harness in
            try await Self.fill(harness)
            let browser = try await harness.signedIn(as: .viewer)
            let panel = try await browser.get("/overview/trend?days=7").text
            let json = try #require(panel.firstMatch(of: /<script type="application\/json">(.*?)<\/script>/)).1
            let facts = try #require(try JSONValue(parsing: String(json)).objectValue)
            #expect(facts["kind"]?.stringValue == "area")
            guard case .array(let series)? = facts["series"] else { return #expect(Bool(false), "no series") }
            #expect(series.count == 5)
            let decline = try #require(series[3].objectValue)
            guard case .array(let values)? = decline["values"], case .array(let links)? = decline["links"] else {
                return #expect(Bool(false), "no values")
            }
            #expect(values.map(\.doubleValue) == [0, 0, 0, 0, 0, 0, 1] && links.count == 7)
            #expect(links[6].stringValue == "/behind?mark=stage&stage=decline&n=1")
        }
    }

    @Test("the line of a day that is not over is dotted, and the day says so")
    func soFar() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await ConsoleHarness.with(Self.effects, analytics: analytics) { harness in
                let browser = try await harness.signedIn(as: .viewer)
                func facts(_ path: String) async throws -> JSONValue {
                    let text = try await browser.get(path).text
                    let json = try #require(text.firstMatch(of: /<script type="application\/json">(.*?)<\/script>/)).1
                    return try JSONValue(parsing: String(json))
                }
                for path in ["/overview/figures", "/orders/revenue"] {
                    let running = try await facts(path + "?days=7")
                    #expect(running["series"]?[0]?["open"] == true, "\(path)")
                    #expect(running["categories"]?.arrayValue?.last?.stringValue?.hasSuffix("(so far)") == true)
                    #expect(running["series"]?[1]?["open"] == nil)
                    let over = try await facts(path + "?from=2026-01-01&to=2026-01-07")
                    #expect(over["series"]?[0]?["open"] == nil, "\(path)")
                }
            }
        }
    }

    @Test("a person's page says why they stand where they do and what is expected next")
    func person() async throws {
        try await ConsoleHarness.with(Self.effects) { harness in
            try await Self.fill(harness)
            let browser = try await harness.signedIn(as: .service)
            let page = words(try await browser.get("/people/1").text)
            #expect(
                page.contains("What is expected next") && page.contains("Overdue: most who come back had done so by"))
            #expect(page.contains("Decline since") && page.contains("Printed 23 Nov 2026 00:00"))
        }
    }

    @Test(
        "a mark survives its address",
        arguments: [
            Mark.people(through: 20_500), .new(ReportPeriod(first: 1, last: 9)), .identified(through: 3),
            .active(ReportPeriod(first: 1, last: 9)), .buyers(ReportPeriod(first: 1, last: 1)),
            .repeatBuyers(ReportPeriod(first: 4, last: 9)), .firstSeen(now..<now.adding(days: 1)),
            .ordered(now..<now.adding(days: 1)), .merged(since: now), .conflicts(since: now), .stage(.growth, at: nil),
            .stage(.churn, at: now), .reckoned(.growth, asOf: 20_000),
            .moved(from: .growth, to: .decline, since: now, until: now.adding(days: 2)),
            .moved(from: nil, to: .decline, since: now, until: now.adding(days: 2)),
            .model(version: 4, from: nil, to: .growth), .model(version: 4, from: .churn, to: .growth),
            .rfm(
                RFMSelection(recency: 5, frequency: 1), RFMSettings(windowDays: 365, classRule: .rawMedian),
                asOf: 20_000),
            .rfm(RFMSelection(code: "101"), RFMSettings(monetary: .averageOrder), asOf: 20_000),
            .channel(ChannelCodePeople("west-lake", .came, ReportPeriod(first: 20_000, last: 20_029))),
            .channel(ChannelCodePeople("a_b", .ordered, ReportPeriod(first: 20_000, last: 20_029), day: 20_003)),
            .rfmMoved(from: nil, to: "111", RFMSettings(scoring: .ntile(ties: .byRow)), start: 1, end: 400),
        ])
    func addresses(mark: Mark) throws {
        let address = MarkAddress.href(mark, count: 7)
        let query = Fields(encoded: address.dropFirst("/behind?".count))
        #expect(MarkAddress.mark(query, saved: RFMSettings()) == mark)
        #expect(query.int("n") == 7)
    }

    @Test("a range that cannot be meant gives way to one that can, and says so")
    func ranges() {
        func range(_ query: String) -> ReportRange { ReportRange(Fields(encoded: query), today: Self.day) }
        let usual = ReportPeriod(days: 30, through: Self.day)
        #expect(range("").period == usual && !range("").isMended)
        #expect(range("days=7").period == ReportPeriod(days: 7, through: Self.day))
        #expect(range("from=2026-11-01&to=2026-11-10").period.days == 10)
        for wrong in ["from=2026-11-10&to=2026-11-01", "from=x&to=2026-11-01", "from=2019-01-01&to=2026-11-01"] {
            #expect(range(wrong).period == usual && range(wrong).isMended, "\(wrong)")
        }
        let ahead = range("from=2026-11-01&to=2036-01-01")
        #expect(!ahead.isMended || ahead.period.last <= Self.day)
        let year = range("from=2026-11-02&to=2026-11-08&compare=year")
        #expect(year.other.first == year.period.first - 364 && year.other.days == 7)
    }

    @Test("a panel that counts too long ends when it is stopped, and only by who asked")
    func stopping() async throws {
        let panels = RunningPanels()
        async let counted: Int = panels.run("mine 1") {
            try await Task.sleep(for: .seconds(60))
            return 1
        }
        #expect(!panels.stop("another's 1"))
        while !panels.stop("mine 1") { try await Task.sleep(for: .milliseconds(5)) }
        do {
            _ = try await counted
            Issue.record("a stopped panel gave an answer")
        } catch is CancellationError {}
        #expect(!panels.stop("mine 1"))
        #expect(try await panels.run("mine 2") { 2 } == 2)
    }
}
