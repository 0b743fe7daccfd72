import Engine
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("Pages of dashboards")
struct DashboardPageTests {
    @Test("a dashboard is made, filled, put in order, read as CSV and digest, copied and removed")
    func life() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await ConsoleHarness.with(analytics: analytics) { harness in
                let browser = try await harness.signedIn(as: .marketer)
                #expect(try await browser.get("/dashboard").text.contains("New dashboard"))
                let made = try await browser.post("/dashboards", ["name": "Monday"])
                let path = try #require(made.location.firstMatch(of: /\/dashboards\/[0-9]+/).map { String($0.0) })
                let id = String(path.dropFirst("/dashboards/".count))
                let added = try await browser.post(
                    "/dashboards/panels",
                    ["query": "report=funnel&window=3", "panel": "steps", "title": "Steps", "dashboard": id])
                #expect(added.location == path)
                // Before anything was collected there is one way on, and no panel that would be empty.
                let bare = try await browser.get(path).text
                #expect(bare.contains("Let&#39;s meet your customers") && !bare.contains("/panel?"))
                try await harness.collect()
                let form = try await browser.get(path + "/edit").text
                let revision = try #require(form.firstMatch(of: /name="revision" value="([^"]+)"/).map { String($0.1) })
                var fields: [String: String] = [
                    "name": "Monday", "revision": revision, "title": "Steps", "panel": "steps",
                    "query": "report=funnel&window=3", "width": "3", "step": "add", "offer": "trend|report=traffic",
                    "days": "7", "cadence": "weekly", "hour": "9", "weekday": "1", "month_day": "1",
                    "recipients": "a@shop.cn, A@shop.cn\nb@shop.cn", "shared": "1",
                ]
                #expect(try await browser.post(path, fields).location == path + "/edit")
                let page = try await browser.get(path).text
                #expect(page.contains("/insight/funnel/panel?list=steps&amp;window=3&amp;days=7"))
                #expect(page.contains("/insight/traffic/panel?list=trend&amp;days=7"))
                #expect(page.contains("span-12") && page.contains("span-4"))
                let over = try await browser.get(path + "?from=2026-01-01&to=2026-01-31").text
                #expect(over.contains("list=steps&amp;window=3&amp;from=2026-01-01&amp;to=2026-01-31"))
                // Somebody who saw an older one is told and writes nothing over.
                #expect(try await browser.post(path, fields).status == 409)
                let csv = try await browser.get(path + "/csv?panel=0")
                #expect(csv.status == 200 && csv.text.hasPrefix("Steps\r\n"))
                let digest = try await browser.get(path + "/digest").text
                #expect(digest.contains("a@shop.cn") && digest.contains("No mail server is set up yet"))
                #expect(!digest.contains("A@shop.cn"))
                let letter = try await browser.get(path + "/digest/letter")
                #expect(letter.text.contains("<h2") && letter.text.contains("Steps"))
                let stored = try await harness.platform.store.read { try Dashboards.list(for: 0, $0) }
                fields["revision"] = try #require(stored.first).revision.text
                fields["recipients"] = "nobody"
                fields["step"] = nil
                #expect(try await browser.post(path, fields).status == 422)
                let viewer = try await harness.signedIn(as: .viewer)
                #expect(try await viewer.get(path).status == 200)
                #expect(try await viewer.get(path + "/edit").status == 403)
                #expect(try await viewer.post(path + "/delete", [:]).status == 403)
                let copied = try await viewer.post(path + "/duplicate", ["name": "Mine"])
                #expect(try await viewer.get(copied.location).text.contains("Mine"))
                #expect(try await browser.get(copied.location).status == 404)
                #expect(try await browser.post(path + "/delete", [:]).location == "/dashboard")
                #expect(try await browser.get(path).status == 404)
                #expect(try await browser.post("/dashboards", ["name": " "]).status == 422)
            }
        }
    }

    @Test("rows of the form move up and down and are taken out")
    func steps() {
        func layout(_ step: String) -> [String] {
            let form = Fields(
                encoded: "panel=a&query=report%3Dtraffic&panel=b&query=report%3Dtraffic&step=\(step)&days=x")
            let layout = DashboardFields.layout(form)
            #expect(layout.days == 0)
            return layout.panels.map(\.panel)
        }
        #expect(layout("up:1") == ["b", "a"] && layout("down:0") == ["b", "a"])
        #expect(layout("up:0") == ["a", "b"] && layout("down:1") == ["a", "b"] && layout("remove:7") == ["a", "b"])
        #expect(layout("remove:0") == ["b"] && layout("") == ["a", "b"])
    }
}
