import Science
import Storage
import TestSupport
import Testing

@testable import Engine

/// What the analytics store counts, against the same counted one by one.
@Suite("What an experiment shows")
struct ExperimentResultTests {
    private static let id: Int64 = 4_711
    private static let people = 60

    private struct World {
        var history = BrandHistory()
        /// By person: variant and moment.
        var met: [Int64: (variant: String, at: Int64)] = [:]
        var acts: [(person: Int64, at: Int64)] = []
        var orders: [(person: Int64, at: Int64, net: Int64)] = []
    }

    private static func minute(_ minute: Int) -> String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let day = minute / 1_440
        return "2026-\(two(9 + day / 30))-\(two(day % 30 + 1)) \(two(minute / 60 % 24)):\(two(minute % 60)):00"
    }

    /// Sixty people over two months; two of them became two others, one of these after both had met a variant.
    private static func world() throws -> World {
        var (world, random) = (World(), SeededGenerator(seed: 11))
        world.history.people = (1...Int64(people)).map { ($0, "2026-08-31") }
        world.history.merged = [(59, 1), (60, 2)]
        func winner(_ person: Int64) -> Int64 { person == 59 ? 1 : person == 60 ? 2 : person }
        for person in 1...Int64(people) {
            let at = minute(Int.random(in: 20_000..<30_000, using: &random))
            // 1 met nothing but as 59; 2 met one variant and, as 60, the other.
            let variant =
                person == 60
                ? "free" : person == 2 ? "control" : ["control", "free"].randomElement(using: &random) ?? ""
            if person != 1 {
                let stage = person % 3 == 0 ? "growth" : "churn"
                world.history.acts.append(
                    .init(
                        person: person, at: at, name: Exposures.event,
                        properties: #"{"experiment":"\#(id)","variant":"\#(variant)","stage":"\#(stage)"}"#,
                        kind: "system"))
                world.met[winner(person)] = (variant, try BrandHistory.moment(at).milliseconds)
                if person % 4 == 0 {
                    // What they were doing as they met it is none of what came of it.
                    world.history.act(person, at, "Bought")
                    world.acts.append((winner(person), try BrandHistory.moment(at).milliseconds))
                }
            }
            for _ in 0..<Int.random(in: 0...6, using: &random) {
                let at = minute(Int.random(in: 0..<60_000, using: &random))
                world.history.act(person, at, "Bought")
                world.acts.append((winner(person), try BrandHistory.moment(at).milliseconds))
            }
            guard person < 59 else { continue }
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let at = minute(Int.random(in: 0..<60_000, using: &random))
                let net = Int64.random(in: 100...90_000, using: &random)
                world.history.orders.append(.init(person: person, at: at, net: net))
                world.orders.append((person, try BrandHistory.moment(at).milliseconds, net))
            }
        }
        world.met[2] = nil
        return world
    }

    private static func install(_ platform: Platform) async throws -> Experiment {
        var definition = ExposureTests.definition
        definition.guardrails = [ExperimentMetric(.revenue, windowDays: 10)]
        definition.secondary = [
            ExperimentMetric(.count, event: EventFilter(names: ["Bought"]), windowDays: 10),
            ExperimentMetric(.orderValue, windowDays: 20), ExperimentMetric(.retention, windowDays: 12, fromDay: 3),
        ]
        definition.preDays = 14
        let (text, start) = (definition.json.text(), try BrandHistory.moment("2026-09-10").milliseconds)
        return try await platform.store.write { connection in
            try connection.execute(
                """
                INSERT INTO experiments (id, definition, state, salt, created_ms, updated_ms, started_ms)
                VALUES (\(id), \(text), 'running', 5, \(start), \(start), \(start))
                """)
            return try Experiments.get(id, connection)
        }
    }

    @Test("every metric is what counting one by one gives", arguments: AnalyticsKind.allCases)
    func counted(kind: AnalyticsKind) async throws {
        let world = try Self.world()
        try await world.history.with(kind, now: "2026-11-29") { platform in
            let experiment = try await Self.install(platform)
            let clock = CriteriaClock(now: platform.effects.now(), calendar: Workspace().calendar)
            let cohort = try ExperimentCohort(experiment)
            #expect(try await ExperimentQuery.crossed(cohort, platform.analytics) == 1)
            for (key, metric) in experiment.definition.metrics {
                let rows = try await ExperimentQuery(cohort: cohort, metric: metric, clock: clock, preDays: 14)
                    .rows(platform.analytics)
                #expect(rows.map(\.variant) == ["control", "free"], "\(key)")
                for row in rows {
                    let values = world.met.filter { $0.value.variant == row.variant }.map { person, met in
                        Self.values(world, person, met.at, metric)
                    }
                    let expected = SampleMoments(values.map(\.value), with: values.map(\.other))
                    #expect(row.people == Int64(values.count), "\(key) \(row.variant)")
                    #expect(row.converted == Int64(values.count { $0.value > 0 }), "\(key) \(row.variant)")
                    #expect(row.moments.sum == expected.sum && row.moments.otherSum == expected.otherSum, "\(key)")
                    #expect(abs(row.moments.products - expected.products) <= 1e-9 * max(expected.products, 1), "\(key)")
                    #expect(abs(row.moments.squares - expected.squares) <= 1e-9 * max(expected.squares, 1), "\(key)")
                }
            }
            let result = try await ExperimentResult.load(Self.id, platform)
            #expect(result.crossed == 1 && result.exposed.reduce(0) { $0 + $1.people } == Int64(world.met.count))
            let free = try #require(result.metrics.first?.rows.last)
            let behind = try await ExperimentPeople(Self.id, variant: "free").ids(platform)
            #expect(behind == world.met.filter { $0.value.variant == "free" }.keys.sorted())
            let bought = try await ExperimentPeople(Self.id, variant: "free", metric: "primary").ids(platform)
            #expect(Int64(bought.count) == free.converted && free.people == Int64(behind.count))
            #expect(free.against?.adjusted != nil && free.best != nil)
        }
    }

    @Test("groups of a breakdown make up the whole, and each opens its people", arguments: AnalyticsKind.allCases)
    func breakdown(kind: AnalyticsKind) async throws {
        let world = try Self.world()
        try await world.history.with(kind, now: "2026-11-29") { platform in
            _ = try await Self.install(platform)
            let breakdown = try await ExperimentBreakdown.load(Self.id, by: "stage", platform)
            #expect(Set(breakdown.groups.map(\.value)) == ["growth", "churn"])
            #expect(breakdown.groups.allSatisfy(\.isSmall) && breakdown.comparisons == 2)
            let all = breakdown.groups.flatMap(\.rows).reduce(0) { $0 + $1.people }
            #expect(all == Int64(world.met.count))
            let group = try #require(breakdown.groups.first)
            let people = try await ExperimentPeople(
                Self.id, variant: "control", dimension: "stage", group: group.value
            ).ids(platform)
            #expect(Int64(people.count) == group.rows[0].people)
            await #expect(throws: ExperimentError.unknownDimension("shoe")) {
                _ = try await ExperimentBreakdown.load(Self.id, by: "shoe", platform)
            }
        }
    }

    /// The value within the window, and before it (of a ratio: the orders).
    private static func values(
        _ world: World, _ person: Int64, _ met: Int64, _ metric: ExperimentMetric
    ) -> (value: Double, other: Double) {
        let day = Timestamp.millisecondsPerDay
        let acts = world.acts.filter { $0.person == person }
        let orders = world.orders.filter { $0.person == person }
        func isWithin(_ at: Int64, _ from: Int64, _ to: Int64) -> Bool { at > met + from * day && at <= met + to * day }
        func measured(_ from: Int64, _ to: Int64) -> Double {
            switch metric.kind {
            case .converted, .retention: acts.contains { isWithin($0.at, from, to) } ? 1 : 0
            case .count: Double(acts.count { isWithin($0.at, from, to) })
            case .revenue, .orderValue:
                Double(orders.filter { isWithin($0.at, from, to) }.reduce(0) { $0 + $1.net })
            }
        }
        let value = measured(metric.kind == .retention ? metric.fromDay : 0, metric.windowDays)
        guard metric.kind == .orderValue else { return (value, measured(-14, 0)) }
        return (value, Double(orders.count { isWithin($0.at, 0, metric.windowDays) }))
    }

    @Test("the verdict keeps to the rule, the shares and the guardrails")
    func verdict() {
        func row(_ variant: String, _ difference: Double?, p: Double = 1) -> ExperimentResult.Row {
            var row = ExperimentResult.Row(
                variant: variant, people: 500, converted: 1, value: 0, interval: Interval(0, 1), open: 0)
            row.against = difference.map {
                ExperimentResult.Comparison(
                    difference: $0, interval: Interval(0, 0), pValue: p, sequence: Interval(0, 0), sequencePValue: p,
                    lift: nil, liftInterval: nil, adjusted: nil, isExact: false, corrected: p)
            }
            return row
        }
        func verdict(
            _ rows: [ExperimentResult.Row], guardrail: [ExperimentResult.Row] = [], people: [Int64] = [500, 500],
            rule: ExperimentDefinition.Rule = .sequential, planned: Int64 = 0
        ) -> ExperimentResult.Verdict {
            var definition = ExposureTests.definition
            (definition.rule, definition.plannedPeople) = (rule, planned)
            let metrics = [
                ExperimentResult.Metric(key: "primary", metric: definition.primary, rows: rows),
                ExperimentResult.Metric(key: "guardrail_0", metric: ExperimentMetric(.revenue), rows: guardrail),
            ]
            return ExperimentResult.verdict(
                definition, people, SampleRatio(observed: people, weights: [1, 1]), metrics)
        }
        let (control, won) = (row("control", nil), row("free", 0.1, p: 0.01))
        #expect(verdict([control, won]) == .better("free"))
        #expect(verdict([control, row("free", -0.1, p: 0.01)]) == .worse)
        #expect(verdict([control, row("free", 0.1, p: 0.2)]) == .undecided)
        #expect(verdict([control, won], people: [1_000, 700]) == .untrusted)
        #expect(verdict([control, won], rule: .fixed, planned: 501) == .tooEarly)
        #expect(verdict([control, won], rule: .fixed, planned: 500) == .better("free"))
        #expect(verdict([control, won], guardrail: [control, row("free", -9, p: 0.01)]) == .guarded("free"))
        #expect(verdict([control, won], guardrail: [control, row("free", 9, p: 0.01)]) == .better("free"))
    }

    @Test("a plan says how many people, how long, and what is seen when")
    func plan() throws {
        let plan = try ExperimentPlan(.rate(0.05), lift: 0.1, weeklyPeople: 10_000, looks: 4)
        #expect(plan.peopleEach == 31_234 && plan.peopleAll == 62_468 && plan.weeksNeeded == 7)
        let curve = plan.curve.compactMap { $0 }
        #expect(curve.count == 12 && zip(curve, curve.dropFirst()).allSatisfy { $0 > $1 })
        #expect(curve[5] > 0.1 && curve[6] < 0.1 && plan.bounds.count == 4)
        #expect(throws: ExperimentError.self) { try ExperimentPlan(.rate(1.2), lift: 0.1) }
        #expect(throws: ExperimentError.self) { try ExperimentPlan(.mean(10, deviation: 0), lift: 0.1) }
        // 1,571 people see a tenth of a standard deviation (statsmodels).
        let mean = try ExperimentPlan(.mean(10, deviation: 10), lift: 0.1)
        #expect((1_570...1_571).contains(mean.peopleEach))
    }
}
