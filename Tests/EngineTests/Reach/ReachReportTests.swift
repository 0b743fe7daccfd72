import Storage
import TestSupport
import Testing

@testable import Engine

/// What a broadcast, a journey and a benefit came to, against who was kept apart.
@Suite("What it was worth")
struct ReachReportTests {
    private static let id: Int64 = 77

    /// Forty people: ten kept apart, of whom one orders; thirty reached, of whom fifteen do.
    private static func history(
        held: String, reached: String, _ properties: (Bool) -> String
    ) -> BrandHistory {
        var history = BrandHistory()
        history.people = (1...40).map { ($0, "2026-08-01") }
        for person in Int64(1)...40 {
            let isHeld = person <= 10
            history.acts.append(
                .init(
                    person: person, at: "2026-09-10 10:00:00", name: isHeld ? held : reached,
                    properties: properties(isHeld), kind: "system"))
            if person == 1 || person > 25 {
                history.act(person, "2026-09-12 09:00:00", "Order Completed")
                history.orders.append(.init(person: person, at: "2026-09-12 09:00:00", net: 10_000))
            }
            // Too late to count.
            if person == 2 { history.act(person, "2026-10-12 09:00:00", "Order Completed") }
        }
        return history
    }

    private static func check(_ report: ReachReport) throws {
        #expect(report.effect.held == 10 && report.effect.reached == 30)
        #expect(report.effect.conversions.map(\.converted) == [1, 15])
        let gain = try #require(report.effect.conversionsGained)
        #expect(abs(gain.value - 12) < 1e-9 && gain.interval.low < 12 && gain.interval.high > 12)
        let revenue = try #require(report.effect.revenueGained)
        #expect(abs(revenue.value - 120_000) < 1e-6)
    }

    @Test(
        "a broadcast: people, messages, what was gained, what it cost and what came back",
        arguments: AnalyticsKind.allCases)
    func broadcast(kind: AnalyticsKind) async throws {
        let history = Self.history(held: Broadcasts.heldOut, reached: MessageEvents.delivered) { _ in
            #"{"broadcast_id":"77"}"#
        }
        try await history.with(kind, now: "2026-11-29") { platform in
            let start = try BrandHistory.moment("2026-09-10").milliseconds
            let now = platform.effects.now()
            try await platform.store.write { connection in
                try connection.execute(
                    """
                    INSERT INTO broadcasts (id, name, segment_id, template_id, status, starts_ms, per_minute,
                        holdout_permille, salt, created_ms, created_by, updated_ms, started_ms)
                    VALUES (\(Self.id), 'News', 1, 1, 'sending', \(start), 0, 250, 's', \(start), 't', \(start), \(start))
                    """)
                // A hundred letters that were forgotten for their age still cost what they did.
                try connection.execute(
                    """
                    INSERT INTO message_totals (origin, origin_id, figure, messages)
                    VALUES ('broadcast', \(Self.id), 'channel:inbox', 100), ('broadcast', \(Self.id), 'sent', 100)
                    """)
                try ReachCosts(perThousand: ["inbox": 400_000]).save(by: "test", at: now, connection)
            }
            let report = try await ReachReport.load(.broadcast(Self.id), platform)
            try Self.check(report)
            #expect(report.messages?.sent == 100 && report.goal.windowDays == ReachReport.daysUsual)
            #expect(report.spent == ReachSpent(messages: 40_000))
            let returned = try #require(report.returned)
            #expect(abs(returned.value - 2) < 1e-9)
            func people(_ side: ReachPeople.Side, _ days: Int64?) async throws -> [Int64] {
                try await PeopleBehind.find(
                    .reach(ReachPeople(.broadcast(Self.id), side, convertedDays: days)), platform
                ).ids.sorted()
            }
            #expect(try await people(.held, nil) == Array(1...10))
            #expect(try await people(.held, 14) == [1])
            #expect(try await people(.held, 60) == [1, 2])
            #expect(try await people(.reached, 14) == Array(26...40))
            await #expect(throws: ReachError.badDays(limit: ReachReport.daysRange.upperBound)) {
                _ = try await ReachReport.load(.broadcast(Self.id), days: 0, platform)
            }
        }
    }

    @Test("a journey: by what was drawn at its holdout", arguments: AnalyticsKind.allCases)
    func journey(kind: AnalyticsKind) async throws {
        let history = Self.history(held: JourneyEvents.drawn, reached: JourneyEvents.drawn) { isHeld in
            #"{"journey_id":"77","group":"\#(isHeld ? "held" : "reached")"}"#
        }
        try await history.with(kind, now: "2026-11-29") { platform in
            let start = try BrandHistory.moment("2026-09-01").milliseconds
            _ = try await platform.store.write { connection in
                try connection.execute(
                    """
                    INSERT INTO journeys (id, name, description, status, published_version, salt, from_position, created_ms,
                        updated_ms) VALUES (\(Self.id), 'Welcome', '', 'live', 0, 's', 0, \(start), \(start))
                    """)
            }
            try Self.check(try await ReachReport.load(.journey(Self.id), platform))
        }
    }

    @Test("the order that let somebody in is never what came of it", arguments: AnalyticsKind.allCases)
    func entry(kind: AnalyticsKind) async throws {
        let drawn = "2026-09-10 10:00:00"
        var history = BrandHistory()
        history.people = (1...40).map { ($0, "2026-08-01") }
        for person in Int64(1)...40 {
            // At the very moment, on a clock that runs an hour ahead, or told three days late.
            let times = [drawn, "2026-09-10 11:00:00", "2026-09-07 10:00:00"]
            let at = times[Int(person % 3)]
            history.acts.append(.init(person: person, at: at, name: "Order Completed", received: drawn))
            if person % 3 == 0 { history.orders.append(.init(person: person, at: at, net: 10_000)) }
            let group = person <= 10 ? "held" : "reached"
            history.acts.append(
                .init(
                    person: person, at: drawn, name: JourneyEvents.drawn,
                    properties: #"{"journey_id":"77","group":"\#(group)"}"#, kind: "system"))
            if person > 35 { history.act(person, "2026-09-10 10:00:01", "Order Completed") }
        }
        try await history.with(kind, now: "2026-11-29") { platform in
            let start = try BrandHistory.moment("2026-09-01").milliseconds
            _ = try await platform.store.write { connection in
                try connection.execute(
                    """
                    INSERT INTO journeys (id, name, description, status, published_version, salt, from_position, created_ms,
                        updated_ms) VALUES (\(Self.id), 'Reviews', '', 'live', 0, 's', 0, \(start), \(start))
                    """)
            }
            let effect = try await ReachReport.load(.journey(Self.id), platform).effect
            #expect(effect.held == 10 && effect.reached == 30)
            #expect(effect.conversions.map(\.converted) == [0, 5])
            #expect(effect.revenue.map(\.converted) == [0, 0])
        }
    }

    @Test("a benefit: who was granted it against who was not", arguments: AnalyticsKind.allCases)
    func benefit(kind: AnalyticsKind) async throws {
        let history = Self.history(held: BenefitHoldout.heldOut, reached: BenefitGrants.granted) { _ in
            #"{"tier":"silver","benefit":"cake"}"#
        }
        try await history.with(kind, now: "2026-11-29") { platform in
            let start = try BrandHistory.moment("2026-09-01").milliseconds
            let effects = platform.effects
            try await platform.store.write { connection in
                var ladder = TierCourseTests.ladder()
                ladder.tiers[1].benefits = [
                    Benefit(code: "cake", kind: .gift, occasion: .birthday, uses: 1, cost: 500, holdout: 25)
                ]
                try TierLadders.publish(ladder, by: "test", effects: effects, connection)
                try connection.execute(
                    """
                    INSERT INTO benefit_holdouts (member_id, tier, benefit, profile_id, since_ms)
                    VALUES (1, 'silver', 'cake', 1, \(start))
                    """)
            }
            let report = try await ReachReport.load(.benefit(tier: "silver", code: "cake"), platform)
            try Self.check(report)
            #expect(report.messages == nil)
            await #expect(throws: ReachError.unknownBenefit("pie")) {
                _ = try await ReachReport.load(.benefit(tier: "silver", code: "pie"), platform)
            }
        }
    }
}
