import Engine
import Foundation
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("Pages of reports")
struct ReportPagesTests {
    @Test("every report of the catalogue has its page, its texts and its endpoint")
    func complete() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .viewer)
            try await harness.collect()
            for report in ReportCatalog.reports {
                let page = try await browser.get("/insight/\(report.name)")
                #expect(page.status == 200, "\(report.name)")
                #expect(!page.text.contains("insight."), "\(report.name) has a text that is missing")
                for panel in report.panels {
                    #expect(page.text.contains("/insight/\(report.name)/panel?list=\(panel)&amp;"), "\(panel)")
                }
                for parameter in report.parameters { #expect(page.text.contains("name=\"\(parameter.name)\"")) }
                #expect(APICatalog.routes.contains { $0.path == "/api/v1/reports/\(report.name)" })
            }
            #expect(try await browser.get("/insight/nonsense").status == 404)
            // The last thirty days stay the last thirty days when they are saved.
            let today = Workspace().calendar.day(of: harness.platform.effects.now())
            let days = ReportPeriod(days: 30, through: today)
            let moved = try await browser.get("/insight/traffic?from=\(days.firstText)&to=\(days.lastText)&step=week")
            #expect(moved.location == "/insight/traffic?step=week&days=30")
            let past = try await browser.get("/insight/traffic?from=\(days.firstText)&to=\(days.firstText)")
            #expect(past.status == 200)
        }
    }

    @Test("before anything was collected a page tells the first steps once, and asks for no panel")
    func bare() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            for path in ["/", "/dashboard", "/insight/traffic", "/insight/heatmap"] {
                let page = try await browser.get(path)
                #expect(page.status == 200 && page.text.contains("Let&#39;s meet your customers"), "\(path)")
                #expect(page.text.contains("href=\"/imports\">Choose a file"), "\(path)")
                #expect(!page.text.contains("hx-trigger=\"load, again\""), "\(path)")
            }
            // A log that retention emptied is not one that was never written to.
            try await harness.platform.store.write { connection in
                _ = try connection.execute(
                    """
                    INSERT INTO log_consumers (consumer, shard, position, planned, owner, fence, lease_expires_ms)
                    VALUES ('archiver', 0, 7, 0, '', 0, 0)
                    """)
            }
            #expect(try await browser.get("/insight/traffic").text.contains("/insight/traffic/panel?list="))
        }
    }

    @Test("a report offers the events and properties that were seen, and puts its form into an address to keep")
    func form() async throws {
        try await ConsoleHarness.with { harness in
            let now = harness.platform.effects.now()
            try await harness.platform.store.write { connection in
                try Declare.event(.init(name: "Tea Poured", description: "A cup <b>"), at: now, connection)
                try Declare.field(
                    .init(owner: CatalogueDeclarations.owner(ofEvent: "Tea Poured"), name: "colour", type: .string),
                    at: now, connection)
            }
            let browser = try await harness.signedIn(as: .viewer)
            let explore = try await browser.get("/insight/explore?event=Tea%20Poured&by=weekday").text
            #expect(explore.contains("<option value=\"Tea Poured\">A cup &lt;b&gt;</option>"))
            // Each of several names divided by commas is completed.
            #expect(explore.contains("list=\"ask-events\" data-parts "))
            #expect(explore.contains("<option value=\"colour\">colour</option>"))
            #expect(explore.contains("<option value=\"weekday\" selected>Weekday</option>"))
            // A property that was never seen stays chosen.
            let unseen = try await browser.get("/insight/explore?by=never_seen").text
            #expect(unseen.contains("<option value=\"never_seen\" selected>never_seen</option>"))

            let shown = try await browser.get(
                "/insight/funnel?days=7&steps=B&steps_property=p&steps_is=equals&steps_value=x&steps_json="
                    + "&steps=A&steps_json=&by=&by_other=")
            let steps = #"{"names":["B"],"where":[{"is":"equals","property":"p","values":["x"]}]}"# + "\nA"
            #expect(shown.location == "/insight/funnel?days=7&steps=" + Fields.encoded(steps))
            let kept = try await browser.get(shown.location)
            #expect(kept.status == 200 && kept.text.contains("name=\"steps_property\" value=\"p\""))
            #expect(kept.text.contains("<option value=\"equals\" selected>"))
            // Steps keep their order also where the report is saved.
            #expect(kept.text.contains("value=\"days=7&amp;report=funnel&amp;steps=\(Fields.encoded(steps))\""))

            // A form that is being changed is not wrong yet.
            let more = try await browser.get("/insight/funnel?from=2026-01-05&to=2026-01-09&steps=A&do=add:steps")
            #expect(more.status == 200 && more.text.contains("value=\"where:steps:1\""))
            #expect(more.text.contains("value=\"2026-01-05\""))
            let code = try await browser.get(
                "/insight/explore?event=" + Fields.encoded(#"{"hours":[7],"names":["Tea Poured"]}"#)
            ).text
            #expect(code.contains("{&quot;hours&quot;:[7],&quot;names&quot;:[&quot;Tea Poured&quot;]}</textarea>"))
        }
    }

    @Test("what a report answers has the shape that its endpoint declares")
    func shapes() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await TestDatabase.with(.sqlite) { store in
                let platform = Platform(store: store, analytics: analytics)
                for report in ReportCatalog.reports {
                    let question = try await ReportQuestion(report, [:], platform)
                    let document = try await report.make(question, only: [])
                    let answer = try JSONValue(parsing: ReportRenderer.document(document))
                    let route = try #require(
                        APICatalog.routes.first { $0.path == "/api/v1/reports/\(report.name)" })
                    let flaws = route.response.flaws(of: answer, at: "answer").map { "\($0)" }
                    #expect(flaws == [], "\(report.name)")
                }
            }
        }
    }

    @Test("what cannot be asked is said in the page's language, and nothing is counted")
    func problems() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .viewer)
            let window = try await browser.get("/insight/funnel?window=0")
            #expect(window.status == 422 && window.text.contains("“Window in days” cannot be “0”"))
            #expect(!window.text.contains("/panel?"))
            #expect(try await browser.get("/insight/traffic?segment=5").text.contains("no longer exists"))
            let events = try await browser.get("/insight/explore?event=%7B%22where%22%3A5%7D").text
            #expect(events.contains("cannot be used"))
            let hostile = try await browser.get("/insight/explore?event=%3Cscript%3Ealert(1)%3C%2Fscript%3E").text
            #expect(!hostile.contains("<script>alert(1)"))
        }
    }

    @Test("a saved report stands on the dashboard, is opened with what was asked, and goes when it is removed")
    func saved() async throws {
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .marketer)
            try await harness.collect()
            let page = try await browser.get("/insight/funnel?window=3&days=7")
            #expect(page.text.contains("value=\"days=7&amp;report=funnel&amp;window=3\""))
            let saved = try await browser.post(
                "/lists/reports/views",
                ["query": "days=7&report=funnel&window=3", "name": "Week's funnel", "shared": "1"])
            #expect(saved.location.hasPrefix("/insight/funnel?view=") && saved.location.contains("window=3"))
            let dashboard = try await browser.get("/dashboard").text
            #expect(dashboard.contains("/insight/funnel/panel?list=steps&amp;days=7&amp;window=3"))
            let opened = try await browser.get(saved.location)
            #expect(opened.status == 200 && opened.text.contains("Week&#39;s funnel"))
            // Nothing differs from what was saved, so there is nothing to save.
            #expect(opened.text.contains("value=\"days=7&amp;report=funnel&amp;window=3\""))
            let id = try #require(saved.location.firstMatch(of: /view=([0-9]+)/)).1
            let found = try await harness.platform.store.read { try SavedReports.find("Week's funnel", $0) }
            #expect(String(found.id) == id)
            let (report, question) = try await SavedReports.question(found.query, harness.platform)
            #expect(report.name == "funnel" && question.text("window") == "3" && question.period.days == 7)
            let removed = try await browser.post("/lists/reports/views/\(id)/remove", ["version": "1"])
            #expect(removed.location == "/insight/funnel")
            #expect(!(try await browser.get("/dashboard").text.contains("Week&#39;s funnel")))
        }
    }

    @Test("a cohort of a tag or a source is opened under its name")
    func namedCohorts() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await ConsoleHarness.with(analytics: analytics) { harness in
                let effects = harness.platform.effects
                let (tag, source) = try await harness.platform.store.write { connection in
                    (
                        try Tags.create(TagDraft(name: "Tea lovers"), effects: effects, connection).id,
                        try Sources.create(name: "Corner shop", kind: .web, by: "test", connection, effects).source.id
                    )
                }
                let browser = try await harness.signedIn(as: .viewer)
                let days = "from=2026-10-01&to=2026-10-31&step=week"
                for (by, key, name) in [
                    ("tag", tag, "Tea lovers"), ("source", source, "Corner shop"), ("tag", 0, "Without a tag"),
                ] {
                    let page = try await browser.get(
                        "/behind?mark=report&report=retention&place=cell:\(key)/1&by=\(by)&\(days)")
                    #expect(page.status == 200)
                    if key != 0 { #expect(page.text.contains(name) && !page.text.contains(">\(key) ")) }
                    #expect(!page.text.contains("no_tag"))
                }
            }
        }
    }

    @Test("marks of curves open their people under words that say whom they count")
    func curves() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await ConsoleHarness.with(analytics: analytics) { harness in
                let browser = try await harness.signedIn(as: .viewer)
                for (place, words) in [
                    ("retention&place=kept:1&step=week", "People who came back in step 1, once it was over"),
                    ("retention&place=followed:2&step=week", "People whose step 2 is over"),
                    ("purchases&place=followed:3&step=day", "Customers followed for 3 whole months"),
                    // Of a month also where the trend beside it is of days.
                    ("purchases&place=cohort:24321&step=day", "First order in 2026-10"),
                ] {
                    let page = try await browser.get(
                        "/behind?mark=report&report=\(place)&from=2026-10-01&to=2026-10-31")
                    #expect(page.status == 200 && page.text.contains(words), "\(place)")
                }
            }
        }
    }

    @Test("the people behind a mark become a segment")
    func segment() async throws {
        try await ConsoleHarness.with { harness in
            try await harness.platform.store.write { connection in
                for id in 1...3 {
                    _ = try connection.execute(
                        """
                        INSERT INTO profiles (id, created_ms, first_seen_ms, last_seen_ms, identified, source_id,
                            event_count, stage, state, version)
                        VALUES (\(id), 0, 0, 0, 1, 1, 1, \(id < 3 ? "growth" : "churn"), '{}', 1)
                        """)
                }
            }
            let browser = try await harness.signedIn(as: .marketer)
            let page = try await browser.get("/behind?mark=stage&stage=growth")
            #expect(page.text.contains("/behind/segment?mark=stage&amp;stage=growth"))
            let made = try await browser.post("/behind/segment?mark=stage&stage=growth", ["segment_name": "Growing"])
            let id = try #require(made.location.firstMatch(of: /\/segments\/([0-9]+)/).flatMap { Int64($0.1) })
            let members = try await harness.platform.store.read { try Segments.members(id, limit: 10, $0) }
            #expect(members.map(\.profileID) == [1, 2])
            let again = try await browser.post("/behind/segment?mark=stage&stage=growth", ["segment_name": "Growing"])
            #expect(again.status == 422 && again.text.contains("There is a segment “Growing” already"))
            let viewer = try await harness.signedIn(as: .viewer)
            #expect(!(try await viewer.get("/behind?mark=stage&stage=growth").text.contains("/behind/segment")))
        }
    }
}
