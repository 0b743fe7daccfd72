import Engine
import Foundation
import HTTPTypes
import Storage
import TestSupport
import Testing

@testable import Web

/// A query that would take minutes is given up after its budget, can be stopped before, and says so.
@Suite("Queries that take long") struct SlowQueryTests {
    @Test("every panel of every report has a budget, and says when it is over")
    func panels() async throws {
        let slow = SlowAnalytics()
        try await ConsoleHarness.with(analytics: slow) { harness in
            let browser = try await harness.signedIn(as: .viewer)
            var asked = 0
            for report in ReportCatalog.reports {
                for panel in report.panels {
                    let steps = report.name == "funnel" ? "&steps=A&steps=B" : ""
                    let before = slow.seconds.count
                    let answer = try await browser.get(
                        "/insight/\(report.name)/panel?list=\(panel)&days=30&property=total&by=\(report.name == "explore" ? "x" : "")\(steps)",
                        headers: [.hxRequest: "true"])
                    guard slow.seconds.count > before else { continue }
                    asked += 1
                    #expect(
                        answer.status == 200 && answer.text.contains("This took too long"), "\(report.name) \(panel)")
                }
            }
            #expect(asked > 30, "\(asked)")
            #expect(slow.seconds.allSatisfy { $0 <= 30 })
        }
    }

    @Test("a program is told when to come again, and a definition being written that it can be saved all the same")
    func programs() async throws {
        let slow = SlowAnalytics()
        try await CollectHarness.with(analytics: slow) { harness in
            let report = try await harness.api(.get, "/api/v1/reports/traffic?days=30")
            #expect(try report.status == 503 && report.code == "timed_out" && report.headers[.retryAfter] != nil)
            #expect(report.text.contains("30 seconds"))
            let preview = try await harness.api(
                .post, "/api/v1/segments/preview", ["criteria": ["where": ["kind": "all", "of": []]]])
            #expect(try preview.status == 503 && preview.code == "timed_out")
        }
        try await ConsoleHarness.with(analytics: slow) { harness in
            let browser = try await harness.signedIn(as: .marketer)
            _ = try await browser.get("/segments/new")
            let answer = try await browser.post(
                "/segments/preview", ["criteria": #"{"where":{"kind":"all","of":[]}}"#, "exact": "1"])
            let told = try JSONValue(parsing: answer.text)["problem"]?.stringValue ?? ""
            #expect(answer.status == 200 && told.contains("longer than 20 seconds") && told.contains("saving works"))
        }
    }

    @Test("the count of a definition stops at the store when a newer one is asked for")
    func superseded() async throws {
        let slow = SlowAnalytics(waits: true)
        try await ConsoleHarness.with(analytics: slow) { harness in
            let browser = try await harness.signedIn(as: .marketer)
            _ = try await browser.get("/segments/new")
            let (begin, cookies, token) = (ContinuousClock.now, browser.cookies, browser.token)
            let asked = ["criteria": #"{"where":{"kind":"all","of":[]}}"#, "exact": "1"]
            func ask() -> Task<Int, any Error> {
                Task {
                    try await Browser(harness: harness, cookies: cookies).post(
                        "/segments/preview", asked, token: token, headers: [.panelTicket: "count-1"]
                    ).status
                }
            }
            func wait(_ isDone: () -> Bool) async throws {
                while !isDone(), ContinuousClock.now - begin < .seconds(120) {
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            let first = ask()
            try await wait { slow.seconds.count == 1 }
            let second = ask()
            try await wait { slow.seconds.count == 2 }
            #expect(try await first.value == 204)
            #expect(slow.cancelled == 1)
            #expect(try await browser.post("/panels/stop", ["panel": "count-1"]).text == #"{"stopped":true}"#)
            #expect(try await second.value == 204)
            #expect(slow.cancelled == 2)
        }
    }

    @Test("a panel that is stopped on its page stops its query at the store")
    func stopped() async throws {
        let slow = SlowAnalytics(waits: true)
        try await ConsoleHarness.with(analytics: slow) { harness in
            let browser = try await harness.signedIn(as: .viewer)
            _ = try await browser.get("/insight/traffic")
            let (begin, cookies) = (ContinuousClock.now, browser.cookies)
            let panel = Task {
                try await Browser(harness: harness, cookies: cookies).get(
                    "/insight/traffic/panel?list=trend&days=30", headers: [.panelTicket: "77", .hxRequest: "true"]
                ).status
            }
            while slow.seconds.isEmpty, ContinuousClock.now - begin < .seconds(120) {
                try await Task.sleep(for: .milliseconds(5))
            }
            let stop = try await browser.post("/panels/stop", ["panel": "77"])
            #expect(stop.text == #"{"stopped":true}"#)
            _ = await panel.result
            #expect(slow.cancelled == 1)
            #expect(try await browser.post("/panels/stop", ["panel": "77"]).text == #"{"stopped":false}"#)
        }
    }
}
