import Engine
import Foundation
import Testing

@testable import Web

@Suite("The audit log's page")
struct AuditPageTests {
    private func fill(_ harness: ConsoleHarness, _ count: Int) async throws {
        try await harness.platform.store.write { connection in
            for number in 1...count {
                try AuditLog.append(
                    actor: number % 2 == 0 ? "system" : "address:10.0.0.9", action: "segment.update",
                    subject: "segment:\(number % 3)", detail: "change \(number)", connection,
                    at: Timestamp(milliseconds: 1_795_363_200_000 + Int64(number) * 1_000))
            }
        }
    }

    private func details(_ page: String) -> [Int] {
        page.matches(of: /change (\d+)</).compactMap { Int($0.1) }
    }

    @Test("it sorts either way, goes on by page, and hides the columns that are not wanted")
    func table() async throws {
        try await ConsoleHarness.with { harness in
            try await fill(harness, 130)
            let browser = try await harness.signedIn(as: .admin)
            let first = try await browser.get("/settings/audit?action=segment.update").text
            #expect(first.contains("aria-sort=\"descending\"") && first.contains("data-table=\"audit\""))
            #expect(first.contains("Changed a segment") && first.contains(">Perennial<"))
            var seen = details(first)
            var page = first
            while let next = page.firstMatch(of: /href="([^"]*)" rel="next"/) {
                page = try await browser.get(String(next.1).replacing("&amp;", with: "&")).text
                seen += details(page)
            }
            #expect(seen == (1...130).reversed())
            let oldest = try await browser.get("/settings/audit?action=segment.update&sort=oldest").text
            #expect(oldest.contains("aria-sort=\"ascending\"") && details(oldest).first == 1)
            let searched = try await browser.get("/settings/audit?q=CHANGE%2012&subject=segment%3A0").text
            #expect(Set(details(searched)) == [12, 120, 123, 126, 129])
            #expect(searched.contains("Whom: segment:0"))
            #expect(try await browser.get("/settings/audit?q=nothing+like+it").text.contains("Nothing matches"))
            let bad = try await browser.get("/settings/audit?from=yesterday").text
            #expect(bad.contains("Not understood, and passed over"))
            let chosen = try await browser.post(
                "/lists/audit/columns", ["column": "detail", "back": "/settings/audit"])
            #expect(chosen.location == "/settings/audit")
            let narrow = try await browser.get("/settings/audit").text
            #expect(!narrow.contains("data-label=\"Who\"") && narrow.contains("data-label=\"Detail\""))
        }
    }

    @Test("it is asked for as a file by administrators only, and the file has its chain")
    func export() async throws {
        try await ConsoleHarness.with { harness in
            try await fill(harness, 7)
            let analyst = try await harness.signedIn(as: .analyst)
            _ = try await analyst.get("/people")
            let form = ["list": "audit", "query": "action=segment.update", "back": "/settings/audit"]
            #expect(try await analyst.post("/exports", form).status == 404)
            #expect(try await analyst.post("/lists/audit/views", ["name": "x", "query": ""]).status == 404)
            let admin = try await harness.signedIn(as: .admin)
            _ = try await admin.get("/settings/audit")
            #expect(try await admin.post("/exports", form).location == "/settings/audit")
            #expect(try await admin.get("/exports").text.contains("Audit log"))
            _ = try await JobRunner(platform: harness.platform).drain()
            let page = try await admin.get("/exports").text
            let path = String(try #require(page.firstMatch(of: /href="(\/exports\/\d+\/file)"/)).1)
            let text = try await admin.get(path).text
            let lines = text.split(whereSeparator: \.isNewline)
            #expect(lines.count == 8 && lines[0].hasSuffix("id,at,actor,actor_name,action,subject,detail,hash"))
            #expect(
                lines[1].contains(",change 1,")
                    && lines[7].contains("address:10.0.0.9,,segment.update,segment:1,change 7,"))
        }
    }
}
