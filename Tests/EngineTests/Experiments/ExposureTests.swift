import Storage
import TestSupport
import Testing

@testable import Engine

/// Experiments through the front door, on both stores.
@Suite("Experiments")
struct ExposureTests {
    static let definition = ExperimentDefinition(
        name: "Free shipping", variants: [.init("control"), .init("free")],
        primary: ExperimentMetric(.converted, event: EventFilter(names: ["Bought"])))

    private static func people(_ harness: PeopleHarness, _ count: Int) async throws -> [Int64] {
        try await harness.process((0..<count).map { .test(["user_id": "u\($0)"], minute: Int64($0)) }).profiles
    }

    private static func running(_ harness: PeopleHarness) async throws -> Experiment {
        let effects = harness.platform.effects
        return try await harness.store.write { connection in
            let made = try Experiments.create(definition, by: "test", effects, connection)
            return try Experiments.step(made.id, to: .running, by: "test", at: effects.now(), connection)
        }
    }

    @Test("a meeting is recorded once however many ask at once, with its event", arguments: StoreKind.allCases)
    func once(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { harness in
            let people = try await Self.people(harness, 8)
            let experiment = try await Self.running(harness)
            let platform = harness.platform
            let told = try await Exposures.assign(experiment.id, to: people, records: false, platform)
            #expect(told.allSatisfy { $0.outcome == .assigned })
            let outcomes = try await withThrowingTaskGroup(of: [Exposures.Answer].self) { group in
                for _ in 0..<4 { group.addTask { try await Exposures.assign(experiment.id, to: people, platform) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(outcomes.count { $0.outcome == .exposed } == 8)
            #expect(outcomes.count { $0.outcome == .repeated } == 24)
            for answer in outcomes { #expect(answer.variant == experiment.variant(of: answer.profileID).key) }
            let (events, counts) = try await harness.store.read {
                (
                    try $0.first("SELECT count(*) FROM event_log WHERE name = 'Experiment Exposed'")?.int(0),
                    try Exposures.counts(experiment.id, $0)
                )
            }
            #expect(events == 8 && counts.values.reduce(0, +) == 8)
            let unknown = try await Exposures.assign(experiment.id, to: [999_999], platform)
            #expect(unknown == [Exposures.Answer(profileID: 999_999, outcome: .unknown, variant: nil)])
        }
    }

    @Test("who is held out or outside the audience meets nothing; who met a variant keeps it")
    func leftOut() async throws {
        try await PeopleHarness.with(.sqlite) { harness in
            let people = try await Self.people(harness, 40)
            let (platform, effects) = (harness.platform, harness.platform.effects)
            let first = try await Self.running(harness)
            _ = try await Exposures.assign(first.id, to: [people[0]], platform)
            let holdout = try await harness.store.write {
                try Holdout.save(share: 5_000, redraws: false, by: "test", effects, $0)
            }
            let answers = try await Exposures.assign(first.id, to: people, platform)
            for (person, answer) in zip(people, answers).dropFirst() {
                #expect((answer.outcome == .heldOut) == holdout.holds(person))
            }
            #expect(answers[0].outcome == .repeated)
            #expect(
                try await harness.store.read { try Experiments.isHeldOut(people[1], $0) } == holdout.holds(people[1]))

            var narrow = Self.definition
            narrow.audience =
                #"{"version":1,"where":{"kind":"not","of":{"kind":"identity","identity":"user_id"}}}"#
            let asked = narrow
            let second = try await harness.store.write { connection in
                let made = try Experiments.create(asked, by: "test", effects, connection)
                return try Experiments.step(made.id, to: .running, by: "test", at: effects.now(), connection)
            }
            let outside = try await Exposures.assign(second.id, to: Array(people.prefix(9)), platform)
            #expect(outside.allSatisfy { [.notInAudience, .heldOut].contains($0.outcome) && $0.variant == nil })
        }
    }

    @Test("from the start on only words change; steps go one way, with a reason", arguments: StoreKind.allCases)
    func life(kind: StoreKind) async throws {
        try await PeopleHarness.with(kind) { harness in
            let effects = harness.platform.effects
            let experiment = try await Self.running(harness)
            let id = experiment.id
            func step(_ state: Experiment.State, _ reason: String = "", _ variant: String? = nil) async throws
                -> Experiment
            {
                try await harness.store.write {
                    try Experiments.step(
                        id, to: state, reason: reason, variant: variant, by: "test", at: effects.now(), $0)
                }
            }
            var renamed = experiment.definition
            renamed.name = "Free shipping for all"
            var other = renamed
            other.variants[1].weight = 3
            let (words, weights) = (renamed, other)
            _ = try await harness.store.write {
                try Experiments.update(id, words, by: "test", at: effects.now(), $0)
            }
            await #expect(throws: ExperimentError.begun) {
                try await harness.store.write {
                    _ = try Experiments.update(id, weights, by: "test", at: effects.now(), $0)
                }
            }
            await #expect(throws: ExperimentError.begun) {
                try await harness.store.write { try Experiments.delete(id, by: "test", at: effects.now(), $0) }
            }
            await #expect(throws: ExperimentError.step(from: .running, to: .decided)) {
                _ = try await step(.decided, "x")
            }
            await #expect(throws: ExperimentError.self) { _ = try await step(.stopped) }
            #expect(try await step(.stopped, "enough").state == .stopped)
            await #expect(throws: ExperimentError.notRunning(.stopped)) {
                _ = try await Exposures.assign(id, to: [1], harness.platform)
            }
            await #expect(throws: ExperimentError.unknownVariant("none")) {
                _ = try await step(.decided, "won", "none")
            }
            let decided = try await step(.decided, "won", "free")
            #expect(decided.decision?.variant == "free" && decided.decision?.reason == "won")
            #expect(decided.definition.name == "Free shipping for all")
        }
    }

    @Test("what cannot be used is named")
    func refused() throws {
        func field(_ change: (inout [String: JSONValue]) -> Void) -> String? {
            var members = Self.definition.json.objectValue ?? [:]
            change(&members)
            do {
                _ = try ExperimentDefinition(.object(members))
                return nil
            } catch ExperimentError.invalid(let field, _) {
                return field
            } catch {
                return "other"
            }
        }
        #expect(field { _ in } == nil)
        #expect(field { $0["name"] = " " } == "name")
        #expect(field { $0["variants"] = [["key": "a"]] } == "variants")
        #expect(field { $0["variants"] = [["key": "a"], ["key": "a"]] } == "variants")
        #expect(field { $0["variants"] = [["key": "A"], ["key": "b"]] } == "variants[0].key")
        #expect(field { $0["primary"] = ["kind": "converted"] } == "primary.event")
        #expect(field { $0["primary"] = ["kind": "revenue", "window_days": 91] } == "primary.window_days")
        #expect(field { $0["guardrails"] = [["kind": "joy"]] } == "guardrails[0].kind")
        #expect(field { $0["rule"] = "never" } == "rule")
        #expect(field { $0["confidence"] = 94 } == "confidence")
        #expect(try ExperimentDefinition(Self.definition.json) == Self.definition)
    }
}
