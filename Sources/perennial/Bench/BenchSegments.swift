import ArgumentParser
import Engine
import Foundation
import Storage

/// `perennial bench segments`: where people belong, decided one by one in memory and for all in the analytics store.
struct BenchSegments: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segments",
        abstract: "Measure segments: one person against many definitions, and one definition against everybody.",
        discussion: """
            Without `--queries` nothing but memory is used: invented people with a year of events as the processor keeps
            them, each held against every definition (two traits and two behaviours each). With `--queries` a definition of
            that kind is counted in the analytics store of a base (`perennial bench base`), estimated first, beside SQL
            written by hand for the same question. With `--sweep` the base is asked whom as
            many definitions name, one after the other, as the daily sweep does before it compares the answers with who is in.

            EXAMPLES
              perennial bench segments
              perennial bench segments --queries --data /tmp/bench
              perennial bench segments --sweep --definitions 200 --data /tmp/bench
            """)

    @OptionGroup var options: PlatformOptions
    @Option(help: "How many definitions one person is held against.")
    var definitions = 200
    @Option(help: "How many people are decided.")
    var people = 2_000
    @Flag(help: "Measure the queries on the base in the data folder instead.")
    var queries = false
    @Flag(help: "Measure the queries of a sweep of so many definitions on the base instead.")
    var sweep = false
    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    private static let names = ["Page Viewed", "Product Viewed", "Product Added", "Order Completed"]
    private static let stages = ["introduction", "growth", "maturity", "decline", "churn"]
    private static let runs = 3

    func validate() throws {
        guard definitions < 1 || people < 1 else { return }
        throw ValidationError("--definitions and --people must be at least 1.")
    }

    func run() async throws {
        if sweep { return try await options.withPlatform { try await compare($0) } }
        guard queries else { return try decide() }
        try await options.withPlatform { try await ask($0) }
    }

    private struct Decision: Encodable {
        var people: Int
        var definitions: Int
        var members: Int
        var microsecondsMedian: Double
        var microseconds95: Double
    }

    private struct Query: Encodable {
        var people: Int64
        var exactSeconds: Double
        var estimateSeconds: Double
        var byHandSeconds: Double
    }
}

// MARK: One person, many definitions

extension BenchSegments {
    /// Two traits and two behaviours, which differ from one to the next.
    private func definition(_ number: Int) throws -> Criteria {
        let city = BasePerson.cities[number % BasePerson.cities.count]
        let (first, second) = (Self.names[number % 4], Self.names[(number + 1) % 4])
        return try Criteria(
            parsing: """
                {"where":{"kind":"all","of":[
                 {"kind":"trait","name":"city","is":"equals","values":["\(city)","上海"]},
                 {"kind":"trait","name":"birthday","is":"anniversary_in_days","days":\(1 + number % 60)},
                 {"kind":"did","event":{"names":["\(first)"]},"compare":{"is":"at_least","value":\(number % 9 + 1)},
                  "within":{"last_days":\(30 + number)}},
                 {"kind":"did","event":{"names":["\(second)"]},"compare":{"is":"at_most","value":\(number % 20 + 5)},
                  "within":{"last_days":90}}]}}
                """)
    }

    private func decide() throws {
        let all = try (0..<definitions).map(definition)
        let features = Set(all.flatMap(\.features))
        let now = Timestamp(milliseconds: 1_790_000_000_000)
        let calendar = LocalCalendar.utc
        let clock = CriteriaClock(now: now, calendar: calendar)
        let subjects = try (1...people).map { number -> CriteriaSubject in
            let person = BasePerson(Int64(number), end: now.milliseconds)
            let row = Profile(
                id: Int64(number), at: Timestamp(milliseconds: person.firstSeenMS), createdAt: now, sourceID: 1)
            var subject = CriteriaSubject(row, try ProfileState(parsing: person.state), calendar)
            let events = (0..<120).map { place in
                CriteriaEvent(
                    position: Int64(place), name: Self.names[(place * 7 + number) % 4],
                    time: now.adding(milliseconds: -Int64((place * 3 + number % 3) * 86_400_000)),
                    properties: FlatValues())
            }
            for feature in features { subject.features[feature] = FeatureState(feature, events: events, calendar) }
            return subject
        }
        var times: [Double] = []
        var members = 0
        let ticking = ContinuousClock()
        for subject in subjects {
            let start = ticking.now
            for criteria in all where criteria.holds(for: subject, clock) { members += 1 }
            let took = ticking.now - start
            times.append(Double(took.components.attoseconds) / 1e12 + Double(took.components.seconds) * 1e6)
        }
        times.sort()
        let figures = Decision(
            people: people, definitions: definitions, members: members, microsecondsMedian: times[times.count / 2],
            microseconds95: times[times.count * 95 / 100])
        if json {
            print(try StoredDocument.text(figures))
        } else {
            print(
                """
                \(people) people × \(definitions) definitions, \(members) memberships
                one person: median \(figures.microsecondsMedian) µs, 95 of 100 below \(figures.microseconds95) µs
                """)
        }
    }
}

// MARK: One definition, everybody

extension BenchSegments {
    private static let asked = """
        {"where":{"kind":"all","of":[
         {"kind":"stage","values":["growth","maturity"]},
         {"kind":"order_figure","figure":"count","is":"at_least","value":2},
         {"kind":"did","event":{"names":["Page Viewed"]},"compare":{"is":"at_least","value":2},"within":{"last_days":90}},
         {"kind":"did","event":{"names":["Product Added"]},"compare":{"is":"exactly","value":0},"within":{"last_days":7}}]}}
        """

    private func seconds(_ body: () async throws -> Int64) async throws -> (seconds: Double, answer: Int64) {
        var (best, answer) = (Double.infinity, Int64(0))
        let ticking = ContinuousClock()
        for _ in 0..<Self.runs {
            let start = ticking.now
            answer = try await body()
            let took = ticking.now - start
            best = min(best, Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18)
        }
        return (best, answer)
    }

    private func ask(_ platform: Platform) async throws {
        let workspace = try await platform.store.read { try Workspace.load($0) }
        let clock = CriteriaClock(now: platform.effects.now(), calendar: workspace.calendar)
        let criteria = try Criteria(parsing: Self.asked)
        func count(_ statement: AnalyticsSQL) async throws -> Int64 {
            try await platform.analytics.query(statement, limits: QueryLimits(seconds: 300)).ints(0).first ?? 0
        }
        _ = try await count("SELECT count() AS c FROM events")
        let exact = try await seconds { try await count(CriteriaQuery(criteria, clock).count) }
        let guess = try await seconds { try await count(CriteriaQuery(criteria, clock, scope: .part(of: 32)).count) }
        let byHand = try await seconds { try await count(hand(clock)) }
        guard exact.answer == byHand.answer else {
            throw CommandFailure(
                "The two answers differ: \(exact.answer) and \(byHand.answer).",
                remedy: "Report it with the base's size.")
        }
        let figures = Query(
            people: exact.answer, exactSeconds: exact.seconds, estimateSeconds: guess.seconds,
            byHandSeconds: byHand.seconds)
        if json {
            print(try StoredDocument.text(figures))
        } else {
            print(
                """
                \(figures.people) people
                exact \(figures.exactSeconds) s, estimate \(figures.estimateSeconds) s, by hand \(figures.byHandSeconds) s, \
                ratio \(figures.exactSeconds / figures.byHandSeconds)
                """)
        }
    }

    /// The same question as one would write it: events of merged people count for whom they became.
    private func hand(_ clock: CriteriaClock) -> AnalyticsSQL {
        let quarter = clock.calendar.start(ofDay: clock.today - 89).milliseconds
        let week = clock.calendar.start(ofDay: clock.today - 6).milliseconds
        return """
            SELECT count() AS c FROM (
                SELECT pid, sum(alive) AS a, sum(v) AS views, sum(p) AS adds FROM (
                    SELECT profile_id AS pid, toInt64(1) AS alive, toInt64(0) AS v, toInt64(0) AS p FROM profiles FINAL
                    WHERE is_deleted = 0 AND stage IN ('growth', 'maturity') AND order_count >= 2
                    UNION ALL
                    SELECT if(winner_id = 0, profile_id, winner_id) AS pid, toInt64(0) AS alive, v, p FROM (
                        SELECT profile_id, toInt64(countIf(name = 'Page Viewed')) AS v,
                            toInt64(countIf(name = 'Product Added' AND ts_ms >= \(week))) AS p
                        FROM events WHERE name IN ('Page Viewed', 'Product Added') AND ts_ms >= \(quarter)
                            AND kind != 'system' GROUP BY profile_id) AS e
                    ANY LEFT JOIN (SELECT profile_id, winner_id FROM profile_aliases FINAL) AS x USING profile_id
                ) GROUP BY pid HAVING a = 1 AND views >= 2 AND adds = 0)
            """
    }
}

// MARK: Everybody, many definitions

extension BenchSegments {
    private struct Sweep: Encodable {
        var definitions: Int
        var members: Int
        var seconds: Double
    }

    /// Stage, orders and two behaviours, which differ from one to the next.
    private func kept(_ number: Int) throws -> Criteria {
        let (first, second) = (Self.names[number % 3], Self.names[(number + 1) % 3])
        return try Criteria(
            parsing: """
                {"where":{"kind":"all","of":[
                 {"kind":"stage","values":["\(Self.stages[number % Self.stages.count])"]},
                 {"kind":"order_figure","figure":"count","is":"at_least","value":\(1 + number % 3)},
                 {"kind":"did","event":{"names":["\(first)"]},"compare":{"is":"at_least","value":1},
                  "within":{"last_days":\(20 + number % 71)}},
                 {"kind":"did","event":{"names":["\(second)"]},"compare":{"is":"at_most","value":\(number % 7)},
                  "within":{"last_days":30}}]}}
                """)
    }

    private func compare(_ platform: Platform) async throws {
        let workspace = try await platform.store.read { try Workspace.load($0) }
        let clock = CriteriaClock(now: platform.effects.now(), calendar: workspace.calendar)
        let ticking = ContinuousClock()
        let start = ticking.now
        var members = 0
        for number in 0..<definitions {
            let query = CriteriaQuery(try kept(number), clock)
            members += try await platform.analytics.query(
                "SELECT pid FROM (\(query.matching)) ORDER BY pid", limits: QueryLimits(seconds: 300, rows: 20_000_000)
            ).ints(0).count
        }
        let seconds = (ticking.now - start) / .seconds(1)
        let figures = Sweep(definitions: definitions, members: members, seconds: seconds)
        print(
            json
                ? try StoredDocument.text(figures)
                : "\(figures.definitions) definitions, \(figures.members) memberships: \(figures.seconds) s")
    }
}
