import Science
import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("What came of the variants of a template")
struct VariantEffectTests {
    private static let now = "2026-11-29"

    /// Thirty people got A, of whom three order; thirty B, of whom eighteen do. Person 61 got both and 62 became 1.
    private static func history(template: Int64) -> BrandHistory {
        var history = BrandHistory()
        history.people = (1...62).map { ($0, "2026-08-01") }
        func sent(_ person: Int64, _ variant: String, _ at: String, origin: String = "broadcast", of own: Int64) {
            history.acts.append(
                .init(
                    person: person, at: at, name: MessageEvents.sent,
                    properties: #"{"template_id":"\#(own)","variant":"\#(variant)","origin":"\#(origin)"}"#,
                    kind: "system"))
        }
        func ordered(_ person: Int64, _ at: String) {
            history.act(person, at, "Order Completed")
            history.orders.append(.init(person: person, at: at, net: 10_000))
        }
        for person in Int64(1)...60 {
            sent(person, person <= 30 ? "Kurz" : "Lang", "2026-09-10 10:00:00", of: template)
            // Before anything was sent, and too late.
            if person == 4 || person == 34 { ordered(person, "2026-09-09 10:00:00") }
            if person == 5 || person == 35 { ordered(person, "2026-10-20 10:00:00") }
            if person <= 3 || person > 42 { ordered(person, "2026-09-12 09:00:00") }
        }
        for variant in ["Kurz", "Lang"] { sent(61, variant, "2026-09-10 10:00:00", of: template) }
        ordered(61, "2026-09-11 09:00:00")
        // Again to somebody whom it reached before, as a test, of another template, and to who became person 1.
        sent(2, "Kurz", "2026-09-20 10:00:00", of: template)
        sent(6, "Lang", "2026-09-01 10:00:00", origin: "test", of: template)
        sent(7, "Lang", "2026-09-01 10:00:00", of: template + 1)
        sent(62, "Kurz", "2026-09-10 10:00:00", of: template)
        history.act(62, "2026-09-12 10:00:00", "Order Completed")
        history.orders.append(.init(person: 1, at: "2026-09-12 10:00:00", net: 10_000))
        history.merged = [(62, 1)]
        return history
    }

    @Test(
        "people by the variant they got first, who of them ordered in time, and what they spent",
        arguments: AnalyticsKind.allCases)
    func effect(kind: AnalyticsKind) async throws {
        let template: Int64 = 4_711
        try await Self.history(template: template).with(kind, now: Self.now) { platform in
            let start = try BrandHistory.moment("2026-08-01").milliseconds
            try await platform.store.write { connection in
                let draft = try StoredDocument.text(
                    TemplateContent(variants: ["Lang", "Kurz", "Neu"].map { .init(name: $0, subject: "Hi") }))
                try connection.execute(
                    """
                    INSERT INTO message_templates (id, name, channel, topic, is_transactional, draft, version, created_ms,
                        updated_ms, edited_by)
                    VALUES (\(template), 'Two', 'inbox', 'offers', 0, \(draft), 1, \(start), \(start), 't')
                    """)
                for (place, variant) in ["Kurz", "Lang"].enumerated() {
                    try connection.execute(
                        """
                        INSERT INTO messages (id, message_key, profile_id, template_id, channel, topic, is_transactional,
                            origin, origin_id, origin_detail, event_values, state, variant, due_ms, planned_ms, sent_ms,
                            updated_ms) VALUES (\(Int64(place) + 1), \(variant), 1, \(template), 'inbox', 'offers', 0,
                            'broadcast', 1, '{}', '{}', 'sent', \(variant), \(start), \(start), \(start), \(start))
                        """)
                }
            }
            let found = try await VariantEffect.load(template, platform)
            // As the draft has them; what was never sent is not there.
            #expect(found.conversions.map(\.variant) == ["Lang", "Kurz"])
            #expect(found.conversions.map(\.people) == [30, 30] && found.crossed == 1)
            #expect(found.conversions.map(\.converted) == [18, 3])
            #expect(found.revenue.map(\.variant) == ["Lang", "Kurz"])
            // Three orders of three people, and that of who became one of them.
            #expect(found.revenue.map { Int($0.value.rounded()) } == [6_000, 1_333])
            let against = try #require(found.conversions[1].against)
            #expect(found.conversions[0].against == nil && abs(against.difference + 0.5) < 1e-9)
            // Thirty people a side are too few for an interval that holds at every look.
            #expect(found.messages.map(\.sent) == [1, 1] && against.sequence.contains(0))
            #expect(found.verdict == .undecided)
            let longer = try await VariantEffect.load(template, days: 60, platform)
            #expect(longer.conversions.map(\.converted) == [19, 4])
            let other = try await VariantEffect.load(template, goal: EventFilter(names: ["Nothing"]), platform)
            #expect(other.conversions.map(\.converted) == [0, 0])
            func people(_ variant: String, _ days: Int64?) async throws -> [Int64] {
                try await PeopleBehind.find(
                    .variant(VariantPeople(template, variant: variant, convertedDays: days)), platform
                ).ids.sorted()
            }
            #expect(try await people("Kurz", nil) == Array(1...30))
            #expect(try await people("Kurz", 14) == [1, 2, 3])
            #expect(try await people("Lang", 60) == [35] + Array(43...60))
            await #expect(throws: ReachError.badDays(limit: ReachReport.daysRange.upperBound)) {
                _ = try await VariantEffect.load(template, days: 0, platform)
            }
            await #expect(throws: TemplateError.notFound(1)) { _ = try await VariantEffect.load(1, platform) }
        }
    }

    @Test("it is told which converts more only where that holds at every look, for all that are compared")
    func verdict() {
        func effect(_ rows: (String, Int64, Int64)...) -> VariantEffect {
            let sums = rows.map { name, people, converted in
                ExperimentQuery.Row(
                    group: "", variant: name, people: people, converted: converted,
                    moments: SampleMoments(
                        count: Double(people), sum: Double(converted), squares: Double(converted), otherSum: 0,
                        otherSquares: 0, products: 0), open: 0)
            }
            let goal = ExperimentMetric(.converted, event: EventFilter(names: ["Order Completed"]))
            return VariantEffect(
                messages: [], goal: goal,
                conversions: VariantComparison.rows(sums, goal, rows.map(\.0), alpha: 0.05, isAdjusted: false),
                revenue: [], crossed: 0)
        }
        #expect(effect(("A", 400, 40)).verdict == .tooEarly)
        #expect(effect(("A", 400, 40), ("B", 1, 1)).verdict == .tooEarly)
        #expect(effect(("A", 400, 40), ("B", 400, 44)).verdict == .undecided)
        #expect(effect(("A", 400, 40), ("B", 400, 160)).verdict == .better("B"))
        #expect(effect(("A", 400, 160), ("B", 400, 40)).verdict == .first)
        #expect(effect(("A", 400, 40), ("B", 400, 120), ("C", 400, 160)).verdict == .better("C"))
    }
}
