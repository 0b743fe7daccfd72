import Storage
import TestSupport
import Testing

@testable import Engine

/// Scores through the front door: events in; points, grades, thresholds and segments that ask for them out.
@Suite("Scores", .serialized)
struct ScoreLifeTests {
    private typealias World = TagLifeTests.World

    private static let definition = #"""
        {"half_life_days":10,"grades":{"a":40,"b":20,"c":10},"thresholds":[{"name":"hot","at":20}],
         "groups":[{"name":"browsing","cap_per_day":5}],
         "rules":[{"id":"buy","kind":"event","event":{"names":["Bought"]},"points":10},
          {"id":"view","kind":"event","event":{"names":["Viewed"]},"points":1,"group":"browsing"},
          {"id":"city","kind":"condition","dimension":"fit","points":3,
           "where":{"kind":"trait","name":"city","is":"equals","values":["北京"]}}]}
        """#

    private static func create(_ world: World, _ text: String = definition) async throws -> ScoreModel {
        let effects = world.platform.effects
        return try await world.platform.store.write {
            try ScoreModels.create(ScoreDraft(name: "Heat", definition: text), effects: effects, $0)
        }
    }

    private static func score(_ user: String, _ model: ScoreModel, _ world: World) async throws -> ProfileScore? {
        let id = try await world.id(user)
        return try await world.platform.store.read {
            try ScoreRows.scores(of: [id], $0)[id]?.first { $0.modelID == model.id }
        }
    }

    @Test(
        "events score at once, thresholds are told once, points fade at night, segments follow",
        arguments: StoreKind.allCases)
    func life(_ kind: StoreKind) async throws {
        try await TagLifeTests.with(kind) { world in
            try await world.send("Viewed", "early")
            try await world.send("Bought", "early")
            try await world.send("Bought", "early")
            try await world.process()
            let model = try await Self.create(world)
            try await world.work()
            // Weighed for the first time: no news.
            #expect(try await Self.score("early", model, world)?.total == 21_000)
            #expect(try await Self.score("early", model, world)?.grade == .b)
            #expect(try await world.said(ScoreRows.thresholdReached) == 0)
            let effects = world.platform.effects
            let asks = #"{"where":{"kind":"score","model":"\#(model.id)","is":"at_least","value":20}}"#
            let segment = try await world.platform.store.write {
                try Segments.create(SegmentDraft(name: "Hot", criteria: asks), effects: effects, $0)
            }
            try await world.work()
            func hot() async throws -> [Int64] {
                try await world.platform.store.read { try Segments.members(segment.id, limit: 10, $0).map(\.profileID) }
            }
            #expect(try await hot() == [try await world.id("early")])
            for _ in 0..<9 { try await world.send("Viewed", "late") }
            try await world.send("Bought", "late")
            try await world.process()
            #expect(try await Self.score("late", model, world)?.total == 15_000)
            try await world.send("Bought", "late")
            try await world.process()
            #expect(try await Self.score("late", model, world)?.total == 25_000)
            #expect(try await world.said(ScoreRows.thresholdReached) == 1)
            #expect(try await hot().count == 2)
            try await world.archive()
            #expect(try await SegmentPreview.exact(asks, world.platform).people == 2)
            // Still above: not told again. After fading below and rising: told again.
            try await world.send("Viewed", "late")
            try await world.process()
            #expect(try await world.said(ScoreRows.thresholdReached) == 1)
            world.clock.advance(milliseconds: 10 * 86_400_000)
            try await world.work()
            #expect(try await Self.score("late", model, world)?.total == 12_500)
            #expect(try await Self.score("late", model, world)?.grade == .c)
            #expect(try await hot().isEmpty)
            try await world.archive()
            #expect(try await SegmentPreview.exact(asks, world.platform).people == 0)
            try await world.send("Bought", "late")
            try await world.process()
            #expect(try await world.said(ScoreRows.thresholdReached) == 2)
            let told = try await ScoreExplanation.load(try await world.id("late"), model: model.id, world.platform)
            #expect(told.card.total == 22_500)
            #expect(told.card.receipts.map(\.points).reduce(0, +) == 22_500)
        }
    }

    @Test(
        "a score asks for no scores, by no way around; a used one stays; merged and erased people are weighed as they are"
    )
    func guards() async throws {
        try await TagLifeTests.with { world in
            for user in ["a", "b"] { try await world.send("Bought", user) }
            try await world.process()
            let model = try await Self.create(world)
            try await world.work()
            let effects = world.platform.effects
            let platform = world.platform
            let asks = #"{"where":{"kind":"score_grade","model":"\#(model.id)","values":["A","B"]}}"#
            let segment = try await platform.store.write {
                try Segments.create(SegmentDraft(name: "Good", criteria: asks), effects: effects, $0)
            }
            await #expect(throws: ScoreError.self) {
                let round = ScoreDraft(
                    name: "Heat",
                    definition: #"""
                        {"rules":[{"id":"x","kind":"condition","points":1,"where":{"kind":"segment","id":"\#(segment.id)"}}]}
                        """#)
                try await platform.store.write { _ = try ScoreModels.update(model.id, round, effects: effects, $0) }
            }
            await #expect(
                throws: ScoreError.usedBy([SegmentUse(kind: "segment", id: String(segment.id), name: "Good")])
            ) {
                try await platform.store.write { try ScoreModels.delete(model.id, effects: effects, $0) }
            }
            let (first, second, now) = (try await world.id("a"), try await world.id("b"), world.clock.now)
            try await platform.store.write { connection in
                let said = try ManualMerge.merge(first, second, platform: platform, at: now, connection)
                try SystemEventLog.append(said, now: now, effects: effects, to: connection)
            }
            #expect(try await Self.score("a", model, world)?.total == 20_000)
            let rows = try await platform.store.read {
                try $0.query("SELECT profile_id FROM profile_scores ORDER BY profile_id").map { try $0.int(0) }
            }
            #expect(rows.count == 2)
            let living = try await world.id("a")
            try await Erasure.request(living, by: "test", platform)
            let left = try await platform.store.read { try $0.first("SELECT count(*) FROM profile_scores")?.int(0) }
            #expect(left == 1)
        }
    }

    @Test("the effect looks at what happened after the day that was weighed, and spreads are counted")
    func effect() async throws {
        try await TagLifeTests.with { world in
            for index in 0..<20 {
                for _ in 0...(index % 5) { try await world.send("Viewed", "p\(index)") }
            }
            try await world.process()
            let text = #"{"rules":[{"id":"v","kind":"event","points":1,"event":{"names":["Viewed"]}}]}"#
            let model = try await Self.create(world, text)
            try await world.work()
            world.clock.advance(milliseconds: 40 * 86_400_000)
            for index in 0..<20 where index % 5 == 4 {
                try await world.send(
                    "Order Completed", "p\(index)",
                    properties: #"{"order_id":"o\#(index)","total":10,"currency":"CNY"}"#)
                try await world.send("Viewed", "p\(index)")
            }
            try await world.work()
            let effect = try await ScoreEffect.measure(model.id, world.platform)
            #expect(effect.lift.acted == 4)
            #expect(effect.lift.auc == 1)
            #expect(effect.lift.parts.first.map { $0.lift > 4 } == true)
            let spread = try await world.platform.store.read { try ScoreDistribution.load(model.id, $0) }
            #expect(spread.steps.map(\.people).reduce(0, +) == 20)
            #expect(spread.grades.map(\.people).reduce(0, +) == 20)
        }
    }
}
