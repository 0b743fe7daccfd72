import Science
import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Bandits that divide people")
struct BanditTests {
    private static let id: Int64 = 4_712

    @Test("shares become weights that add up, none below the least")
    func weights() {
        #expect(ExperimentBandit.weights([1, 0], least: 500) == [9_500, 500])
        #expect(ExperimentBandit.weights([0, 0, 0], least: 1_000).reduce(0, +) == Assignment.whole)
        for shares in [[0.333, 0.333, 0.334], [0.5, 0.25, 0.25], [0.0001, 0.9998, 0.0001]] {
            let weights = ExperimentBandit.weights(shares, least: 300)
            #expect(weights.reduce(0, +) == Assignment.whole && weights.allSatisfy { $0 >= 300 })
        }
    }

    private static func definition() -> ExperimentDefinition {
        var definition = ExposureTests.definition
        (definition.allocation, definition.leastShare) = (.bandit, 5)
        definition.primary.windowDays = 7
        return definition
    }

    @Test(
        "what came of it moves the shares, by a version that is recorded; who met a variant keeps it",
        arguments: AnalyticsKind.allCases)
    func learns(kind: AnalyticsKind) async throws {
        var history = BrandHistory()
        history.people = (1...400).map { ($0, "2026-08-01") }
        for person in Int64(1)...200 {
            let variant = person % 2 == 0 ? "free" : "control"
            history.acts.append(
                .init(
                    person: person, at: "2026-09-10 10:00:00", name: Exposures.event,
                    properties: #"{"experiment":"\#(Self.id)","variant":"\#(variant)"}"#, kind: "system"))
            if variant == "free" ? person % 4 == 0 : person % 20 == 1 {
                history.act(person, "2026-09-12 09:00:00", "Bought")
            }
        }
        try await history.with(kind, now: "2026-11-29") { platform in
            let start = try BrandHistory.moment("2026-09-10").milliseconds
            let text = Self.definition().json.text()
            let experiment = try await platform.store.write { connection in
                try connection.execute(
                    """
                    INSERT INTO experiments (id, definition, state, salt, created_ms, updated_ms, started_ms)
                    VALUES (\(Self.id), \(text), 'running', 5, \(start), \(start), \(start))
                    """)
                return try Experiments.get(Self.id, connection)
            }
            func division() async throws -> ExperimentDivision {
                try await platform.store.read { try ExperimentDivision.current(experiment, $0) }
            }
            #expect(try await division() == ExperimentDivision(version: 0, weights: [1, 1]))
            let found = try #require(try await ExperimentBandit.learn(experiment, platform))
            #expect(found.weights[1] > found.weights[0] && found.weights[0] >= 500)
            let now = platform.effects.now()
            let added = try await platform.store.write { connection in
                let first = try ExperimentDivision.add(
                    found.weights, to: experiment, evidence: found.evidence, at: now, connection)
                let again = try ExperimentDivision.add(
                    found.weights, to: experiment, evidence: found.evidence, at: now, connection)
                return [first, again]
            }
            #expect(added.map(\.version) == [1, 1])
            #expect(try await division().weights == found.weights)
            let result = try await ExperimentResult.load(Self.id, platform)
            #expect(result.divisions.map(\.version) == [1, 0])
        }
    }

    @Test(
        "an old meeting stands whatever the shares are now; a new one names its version", arguments: StoreKind.allCases)
    func keeps(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { harness in
            let people = try await harness.process(
                (0..<60).map { .test(["user_id": "u\($0)"], minute: Int64($0)) }
            ).profiles
            let (platform, effects) = (harness.platform, harness.platform.effects)
            let experiment = try await harness.store.write { connection in
                let made = try Experiments.create(Self.definition(), by: "test", effects, connection)
                return try Experiments.step(made.id, to: .running, by: "test", at: effects.now(), connection)
            }
            let early = Array(people.prefix(30))
            let first = try await Exposures.assign(experiment.id, to: early, platform)
            try await harness.store.write { connection in
                _ = try ExperimentDivision.add(
                    [500, 9_500], to: experiment, evidence: [], at: effects.now(), connection)
            }
            let again = try await Exposures.assign(experiment.id, to: early, platform)
            #expect(again.map(\.variant) == first.map(\.variant) && again.allSatisfy { $0.outcome == .repeated })
            let late = try await Exposures.assign(experiment.id, to: Array(people.suffix(30)), platform)
            #expect(late.count { $0.variant == "free" } >= 24)
            let versions = try await harness.store.read { try ExperimentDivision.met(experiment.id, $0) }
            #expect(versions == [0: 30, 1: 30])
            let expected = try await harness.store.read { try ExperimentDivision.expected(experiment, $0) }
            #expect(abs(expected[0] - 16.5) < 1e-9 && abs(expected[1] - 43.5) < 1e-9)
        }
    }

    @Test("a bandit cannot learn from who comes back, and its least share has bounds")
    func refused() throws {
        var late = Self.definition()
        late.primary = ExperimentMetric(.retention, windowDays: 30, fromDay: 7)
        #expect(throws: ExperimentError.self) { _ = try ExperimentDefinition(late.json) }
        var wide = Self.definition()
        wide.leastShare = 11
        #expect(throws: ExperimentError.self) { _ = try ExperimentDefinition(wide.json) }
        #expect(try ExperimentDefinition(Self.definition().json).json == Self.definition().json)
    }
}
