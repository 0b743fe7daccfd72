import Foundation
import Testing

@testable import Engine

@Suite("Liquid")
struct LiquidTests {
    private static let clock = LiquidRenderer.Clock(now: Timestamp(seconds: 1_795_363_200), calendar: .utc)

    private func render(_ source: String, _ values: [String: JSONValue] = [:]) throws -> String {
        try LiquidRenderer.render(LiquidText(source), values, Self.clock)
    }

    @Test("templates come out as another implementation makes them (Tests/Fixtures/liquid)")
    func answers() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Fixtures/liquid/answers.json")
        let fixture = try JSONValue(parsing: String(contentsOf: file, encoding: .utf8))
        let data = try #require(fixture["data"]?.objectValue)
        let cases = try #require(fixture["cases"]?.arrayValue)
        #expect(cases.count > 40)
        for one in cases {
            let template = try #require(one["template"]?.stringValue)
            #expect(try render(template, data) == one["want"]?.stringValue, "\(template)")
        }
    }

    @Test("money and days are written in the workspace's way")
    func house() throws {
        #expect(try render("{{ 123456 | money: '¥' }} {{ -5 | money }}") == "¥1,234.56 -0.05")
        #expect(
            try render("{{ 'now' | date: '%Y-%m-%d %H:%M' }} {{ '2026-01-05' | date: '%-d %b' }}")
                == "2026-11-22 16:00 5 Jan")
    }

    @Test(
        "what is wrong is told with its line",
        arguments: [
            ("a\n{{ x", LiquidError.Flaw.unclosed("{{"), 2), ("{% nope %}", .unknownTag("nope"), 1),
            ("{% if x %}", .missingEnd("if"), 1), ("{% endif %}", .misplaced("endif"), 1),
            ("{{ x | nope }}", .unknownFilter("nope"), 1),
            ("\n\n{{ 1 | divided_by: 0 }}", .badArgument("divided_by"), 3),
            ("{% for i in (1..1000000) %}{% endfor %}", .tooManySteps, 0),
        ])
    func wrong(source: String, flaw: LiquidError.Flaw, line: Int) throws {
        let error = #expect(throws: LiquidError.self) { _ = try render(source) }
        #expect(error?.flaw == flaw && error?.line == line)
    }

    @Test("strict mode refuses names that nobody knows, but not those that the text gives itself")
    func names() throws {
        let names = LiquidNames.members(["person": .members(["name": .anything]), "event": .anything])
        for good in [
            "{{ person.name }}", "{{ event.a.b.c }}", "{% assign x = person.name %}{{ x }}",
            "{% for i in event.items %}{{ i.sku }}{{ forloop.index }}{% endfor %}",
            "{% capture y %}a{% endcapture %}{{ y }}",
        ] { try names.check(LiquidText(good)) }
        for (bad, name) in [
            ("{{ persn.name }}", "persn"), ("{{ person.nam }}", "person.nam"), ("{% if a == 1 %}{% endif %}", "a"),
            ("{{ event.x | append: z }}", "z"), ("{% for i in event.x %}{% endfor %}{{ i }}", "i"),
        ] {
            let error = #expect(throws: LiquidError.self) { try names.check(LiquidText(bad)) }
            #expect(error?.flaw == .unknownName(name), "\(bad)")
        }
    }

    @Test("what a value says cannot become markup, a link or HTML in a letter")
    func markup() throws {
        let writer = EmailWriter(
            values: ["name": "<b>*x*[click](https://evil.example)"], clock: Self.clock, words: .of("en"), link: { $0 },
            unsubscribeURL: "https://a.example/u", preferencesURL: "https://a.example/u", openURL: nil)
        let letter = try writer.letter(
            TemplateContent.Variant(
                subject: "Hi\r\nBcc: x@example.com",
                blocks: [
                    EmailBlock(.text, text: "**Hello** {{ name }} [us](https://us.example/?a=1&b=2)"),
                    EmailBlock(.button, text: "Go", url: "javascript:alert(1)"), EmailBlock(.coupon, text: "Yours"),
                    EmailBlock(.text, text: "never", when: "name == 'nobody'"), EmailBlock(.footer, text: "Brand"),
                ]))
        #expect(
            !letter.subject.contains("\n") && !letter.html.contains("javascript:") && !letter.html.contains("never"))
        #expect(letter.html.contains("<strong>Hello</strong> &lt;b&gt;*x*[click](https://evil.example)"))
        #expect(letter.html.contains("href=\"https://us.example/?a=1&amp;b=2\"") && !letter.html.contains("Yours"))
        #expect(letter.text.contains("Hello <b>*x*") && letter.text.contains("Unsubscribe: https://a.example/u"))
    }
}
