import Storage
import TestSupport
import Testing

@testable import Engine

/// The two evaluators agree: what memory says of each person is what the analytics store says of all.
@Suite("Criteria agree in memory and in the analytics store")
struct CriteriaAgreementTests {
    private static let seeds: [UInt64] = [1, 2, 3]
    private static let people = 60
    private static let definitions = 40

    struct Case: Sendable, CustomStringConvertible {
        var kind: AnalyticsKind
        var zone: String
        /// Months apart: a leap February, a change of clocks, an ordinary day.
        var now: String
        var seed: UInt64

        var description: String { "\(kind) \(zone) \(now) seed \(seed)" }
    }

    static let cases = AnalyticsKind.allCases.flatMap { kind in
        [
            Case(kind: kind, zone: "Asia/Shanghai", now: "2026-11-25T09:30:00+08:00", seed: 1),
            Case(kind: kind, zone: "America/New_York", now: "2026-11-03T23:30:00-05:00", seed: 2),
            Case(kind: kind, zone: "Europe/Berlin", now: "2026-02-27T00:00:00+01:00", seed: 3),
        ]
    }

    @Test("for random definitions and random people", arguments: cases)
    func agreement(_ trial: Case) async throws {
        let calendar = try #require(LocalCalendar(timeZone: trial.zone))
        let now = try #require(Timestamp(iso8601: trial.now))
        var random = RandomCriteria(seed: trial.seed, calendar: calendar, now: now)
        let clock = CriteriaClock(now: now, calendar: calendar)
        try await TestAnalytics.with(trial.kind) { store in
            let world = try await CriteriaPopulation(&random, people: Self.people, store)
            for round in 0..<Self.definitions {
                let criteria = random.criteria()
                let again = try Criteria(parsing: criteria.text)
                #expect(again.text == criteria.text)
                for language in CriteriaLanguage.allCases {
                    #expect(!criteria.words(CriteriaPhrases(language)).isEmpty)
                }
                let expected = world.subjects(for: criteria, calendar).filter { criteria.holds(for: $0, clock) }
                    .map(\.profile.id).sorted()
                let query = CriteriaQuery(criteria, clock)
                let found = try await store.query(query.matching).ints(0).sorted()
                #expect(found == expected, "round \(round) of \(trial): \(criteria.text)\n\(query.matching.text)")
                if found != expected { return }
            }
        }
    }
}

/// People with their events and orders, in memory and in the analytics store. Two in ten were merged into another.
struct CriteriaPopulation {
    private(set) var profiles: [ArchivedProfile] = []
    private(set) var events: [Int64: [CriteriaEvent]] = [:]
    private var orders: [Int64: [CriteriaOrder]] = [:]

    init() {}

    mutating func add(_ person: ArchivedProfile, _ done: [CriteriaEvent]) {
        profiles.append(person)
        events[person.row.id] = done
    }

    init(_ random: inout RandomCriteria, people: Int, _ store: any AnalyticsStore) async throws {
        var rows: [ArchivedProfile] = []
        var aliases: [(Int64, Int64)] = []
        var eventRows: [(Int64, CriteriaEvent)] = []
        var orderRows: [(Int64, CriteriaOrder, Int64)] = []
        for number in 0..<people {
            // Ids as they are: large, and not near to each other.
            let id = Int64(number + 1) * 1_000_003_000_019
            var (person, ownEvents, ownOrders) = random.person(id)
            var owner = id
            if number > 10, random.chance(20) {
                owner = Int64(random.number(1...5)) * 1_000_003_000_019
                person.row.mergedInto = owner
                aliases.append((id, owner))
            }
            if owner == id { profiles.append(person) }
            rows.append(person)
            events[owner, default: []] += ownEvents
            eventRows += ownEvents.map { (id, $0) }
            // Orders move with the person.
            orders[owner, default: []] += ownOrders.map(\.order)
            orderRows += ownOrders.map { (owner, $0.order, $0.key) }
        }
        try await store.insert(ArchiveProfiles.block(rows, random.calendar), token: "profiles")
        try await store.insert(Self.events(eventRows, random.calendar), token: "events")
        try await store.insert(Self.orders(orderRows, random.calendar), token: "orders")
        try await store.insert(
            AnalyticsBlock(
                table: "profile_aliases",
                columns: [
                    ("profile_id", .uint64(aliases.map { UInt64($0.0) })), ("ver", .uint64(aliases.map { _ in 1 })),
                    ("winner_id", .uint64(aliases.map { UInt64($0.1) })),
                ]), token: "aliases")
    }

    func subjects(for criteria: Criteria, _ calendar: LocalCalendar) -> [CriteriaSubject] {
        let features = criteria.features
        return profiles.map { person in
            var subject = CriteriaSubject(person.row, person.state, calendar)
            subject.lists = Set(person.segments)
            subject.tags = Set(person.tags)
            for score in person.scores { subject.scores[score.modelID] = score }
            subject.orders = orders[person.row.id] ?? []
            subject.holdings = person.holdings
            // As the processor does it: event by event, in any order, through the stored form.
            for feature in features {
                let state = FeatureState(feature, events: events[person.row.id] ?? [], calendar)
                subject.features[feature] = try? FeatureState(parsing: state.text)
            }
            return subject
        }
    }

    static func events(_ rows: [(Int64, CriteriaEvent)], _ calendar: LocalCalendar) -> AnalyticsBlock {
        func texts(_ text: (CriteriaEvent) -> String) -> AnalyticsColumn { .string(rows.map { text($0.1) }) }
        func times() -> AnalyticsColumn { .uint32(rows.map { $0.1.time.archived }) }
        let empty = texts { _ in "" }
        var days = ArchiveDays(calendar: calendar)
        return AnalyticsBlock(
            table: "events",
            columns: [
                ("position", .uint64(rows.map { UInt64($0.1.position) })),
                ("profile_id", .uint64(rows.map { UInt64($0.0) })), ("name", texts(\.name)),
                ("kind", texts { _ in "track" }), ("ts", times()),
                ("ts_ms", .int64(rows.map { $0.1.time.milliseconds })), ("received_ts", times()),
                ("source_id", .uint64(rows.map { _ in 1 })), ("message_id", empty), ("anonymous_id", empty),
                ("url", empty), ("referrer", empty), ("campaign_source", empty), ("campaign_medium", empty),
                ("campaign_name", empty), ("properties", empty), ("context", texts(\.context)),
                ("d", .uint16(rows.map { days.day(of: $0.1.time) })),
                ("prop_names", .strings(rows.map { $0.1.properties.names })),
                ("prop_texts", .strings(rows.map { $0.1.properties.values.map(\.text) })),
                ("prop_numbers", .int64s(rows.map { $0.1.properties.values.map(\.number) })),
            ])
    }

    private static func orders(_ rows: [(Int64, CriteriaOrder, Int64)], _ calendar: LocalCalendar) -> AnalyticsBlock {
        let orders = rows.map(\.1)
        func texts(_ text: (CriteriaOrder.Line) -> String) -> AnalyticsColumn {
            .strings(orders.map { $0.lines.map(text) })
        }
        let empty = AnalyticsColumn.string(orders.map { _ in "" })
        var days = ArchiveDays(calendar: calendar)
        return AnalyticsBlock(
            table: "orders",
            columns: [
                ("profile_id", .uint64(rows.map { UInt64($0.0) })), ("order_key", .uint64(rows.map { UInt64($0.2) })),
                ("ver", .uint64(rows.map { _ in 1 })), ("order_id", empty),
                ("status", .string(orders.map { _ in "completed" })),
                ("ts", .uint32(orders.map { Timestamp(milliseconds: $0.ms).archived })),
                ("d", .uint16(orders.map { days.day(of: Timestamp(milliseconds: $0.ms)) })), ("currency", empty),
                ("gross", .int64(orders.map(\.net))), ("refunded", .int64(orders.map { _ in 0 })),
                ("net", .int64(orders.map(\.net))), ("quantity", .int64(orders.map(\.quantity))),
                ("lines", .uint32(orders.map { UInt32($0.lines.count) })), ("store", empty), ("channel", empty),
                ("source_id", .uint64(orders.map { _ in 1 })), ("is_deleted", .uint8(orders.map { _ in 0 })),
                ("line_products", texts(\.product)), ("line_skus", texts(\.sku)), ("line_names", texts(\.name)),
                ("line_categories", texts(\.category)), ("line_brands", texts(\.brand)),
                ("line_amounts", .int64s(orders.map { $0.lines.map(\.amount) })),
                ("line_quantities", .int64s(orders.map { $0.lines.map(\.quantity) })),
            ])
    }
}
