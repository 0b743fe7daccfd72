import Engine
import Storage
import TestSupport
import Testing

@testable import Web

@Suite("What a broadcast was worth, on its page") struct ReachPanelTests {
    @Test("people who could not be written to are called reached nowhere, and the panel tells how many could")
    func audience() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await ConsoleHarness.with(analytics: analytics) { harness in
                let now = harness.platform.effects.now().milliseconds
                try await harness.platform.store.write { connection in
                    try connection.execute(
                        """
                        INSERT INTO broadcasts (id, name, segment_id, template_id, status, starts_ms, per_minute,
                            holdout_permille, salt, created_ms, created_by, updated_ms, started_ms)
                        VALUES (77, 'News', 1, 1, 'finished', \(now), 0, 250, 's', \(now), 't', \(now), \(now))
                        """)
                    try connection.execute(
                        """
                        INSERT INTO message_totals (origin, origin_id, figure, messages)
                        VALUES ('broadcast', 77, 'planned', 53), ('broadcast', 77, 'eligible', 4),
                            ('broadcast', 77, 'sent', 4)
                        """)
                }
                let browser = try await harness.signedIn(as: .admin)
                let panel = try await browser.get("/broadcasts/77/effect")
                #expect(panel.status == 200)
                #expect(panel.text.contains("Of 53 planned messages 4 could be sent and 4 were."))
                #expect(!panel.text.contains("Reached"))
            }
        }
    }

    @Test("marks of reach and of variants survive their address, and what they are about must be there")
    func marks() async throws {
        let marks: [Mark] = [
            .reach(ReachPeople(.journey(7), .held)),
            .reach(ReachPeople(.broadcast(8), .reached, convertedDays: 30)),
            .reach(ReachPeople(.benefit(tier: "gold", code: "gift"), .reached, convertedDays: 14)),
            .variant(VariantPeople(9, variant: "Früh & kurz")),
            .variant(VariantPeople(9, variant: "晚", convertedDays: 90)),
        ]
        for mark in marks {
            let query = Fields(encoded: MarkAddress.href(mark).dropFirst("/behind?".count))
            #expect(MarkAddress.mark(query, saved: RFMSettings()) == mark)
        }
        try await ConsoleHarness.with { harness in
            let browser = try await harness.signedIn(as: .admin)
            for mark in marks where mark != marks[2] {
                #expect(try await browser.get(MarkAddress.href(mark)).status == 404)
            }
            #expect(try await browser.get("/behind?mark=reach&broadcast=8&side=nobody").status == 404)
        }
    }

    @Test("variants are held against each other by who ordered, and each figure opens its people")
    func variants() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await ConsoleHarness.with(analytics: analytics) { harness in
                let now = harness.platform.effects.now()
                let effects = harness.platform.effects
                let template = try await harness.platform.store.write { connection -> Int64 in
                    let variants = ["A", "B"].map { TemplateContent.Variant(name: $0, subject: "Hi", body: "Hello") }
                    let made = try MessageTemplates.create(
                        MessageTemplate.Draft(
                            name: "Two", channel: "inbox", content: TemplateContent(variants: variants)), by: "test",
                        effects, connection)
                    return try MessageTemplates.publish(made.id, by: "test", at: now, connection).id
                }
                let browser = try await harness.signedIn(as: .admin)
                let path = "/templates/\(template)"
                #expect(try await browser.get(path).text.contains("hx-get=\"\(path)/variants/effect\""))
                #expect(try await browser.get(path + "/variants/effect").text.contains("Nothing was sent yet."))
                try await harness.platform.store.write { connection in
                    let plans = (1...4).map {
                        MessagePlan(key: "k\($0)", profileID: Int64($0), templateID: template, origin: .api, due: now)
                    }
                    for (place, message) in try Messages.plan(plans, at: now, connection).enumerated() {
                        let variant = place < 2 ? "A" : "B"
                        try connection.execute(
                            "UPDATE messages SET variant = \(variant), state = 'sent', sent_ms = 1 WHERE id = \(message)"
                        )
                    }
                }
                let panel = try await browser.get(path + "/variants/effect?days=30")
                #expect(panel.status == 200 && panel.text.contains("Too few people, or too early, to tell."))
                #expect(panel.text.contains("within 30 days") && panel.text.contains("aria-pressed=\"true\">30 days"))
                #expect(try await browser.get("/templates/1/variants/effect").status == 404)
                let people = MarkAddress.href(.variant(VariantPeople(template, variant: "A", convertedDays: 30)))
                let behind = try await browser.get(people).text
                #expect(behind.contains("People who ordered after “A” of “Two”") && behind.contains("within 30 days"))
            }
        }
    }
}
