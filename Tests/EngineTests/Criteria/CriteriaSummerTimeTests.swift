import Storage
import TestSupport
import Testing

@testable import Engine

/// Around both changes of the clocks: somebody for every half hour of four days, asked about days, weekdays and hours.
@Suite("Criteria where clocks change")
struct CriteriaSummerTimeTests {
    struct Change: Sendable, CustomStringConvertible {
        var kind: AnalyticsKind
        var zone: String
        /// The day on which clocks change, and how many hours it has.
        var day: String
        var hours: Double

        var description: String { "\(kind) \(zone) \(day)" }
    }

    /// Lord Howe's clocks move by half an hour.
    static let changes = AnalyticsKind.allCases.flatMap { kind in
        [
            Change(kind: kind, zone: "America/New_York", day: "2026-03-08", hours: 23),
            Change(kind: kind, zone: "America/New_York", day: "2026-11-01", hours: 25),
            Change(kind: kind, zone: "Australia/Lord_Howe", day: "2026-10-04", hours: 23.5),
            Change(kind: kind, zone: "Australia/Lord_Howe", day: "2026-04-05", hours: 24.5),
        ]
    }

    private static let stepMilliseconds: Int64 = 1_800_000

    @Test("memory and store agree about every half hour, and a day has as many as its clocks show", arguments: changes)
    func agreement(_ change: Change) async throws {
        let calendar = try #require(LocalCalendar(timeZone: change.zone))
        let day = try #require(LocalCalendar.day(fromText: change.day))
        let (start, end) = (calendar.start(ofDay: day - 2), calendar.start(ofDay: day + 2))
        // A minute past each half hour: between them lie the moments at which clocks change.
        let moments = stride(from: start.milliseconds, to: end.milliseconds, by: Int(Self.stepMilliseconds)).map {
            Timestamp(milliseconds: $0 + 60_000)
        }
        let population = CriteriaPopulation(moments: moments, calendar)
        try await TestAnalytics.with(change.kind) { store in
            try await population.load(into: store, calendar)
            for (now, dayOfNow) in [(end.adding(milliseconds: -1), day + 1), (calendar.start(ofDay: day + 1), day + 1)]
            {
                let clock = CriteriaClock(now: now, calendar: calendar)
                #expect(clock.today == dayOfNow)
                for text in Self.definitions(change.day, calendar.weekday(of: calendar.start(ofDay: day))) {
                    let criteria = try Criteria(parsing: #"{"where":\#(text)}"#)
                    let held = population.subjects(for: criteria, calendar).filter { criteria.holds(for: $0, clock) }
                    let query = CriteriaQuery(criteria, clock)
                    let found = try await store.query(query.matching).ints(0).sorted()
                    #expect(found == held.map(\.profile.id).sorted(), "\(text)")
                    #expect(!found.isEmpty, "\(text)")
                }
            }
            let clock = CriteriaClock(now: end, calendar: calendar)
            let whole = try Criteria(parsing: #"{"where":\#(Self.did("", change.day, change.day))}"#)
            let found = try await store.query(CriteriaQuery(whole, clock).matching).ints(0)
            #expect(Double(found.count) / 2 == change.hours)
        }
    }

    private static func did(_ filter: String, _ from: String, _ to: String) -> String {
        #"{"kind":"did","event":{"names":["viewed"]\#(filter)},"within":{"from":"\#(from)","to":"\#(to)"}}"#
    }

    private static func definitions(_ day: String, _ weekday: Int64) -> [String] {
        // 24 hours in three parts, so that the hour that is left out or comes twice lies in one of them.
        let hours = [[0, 1, 2, 3], Array(4...12), Array(13...23)].map { part in
            did(#","hours":[\#(part.map { String($0) }.joined(separator: ","))]"#, day, day)
        }
        return hours + [
            did(#","hours":[2],"weekdays":[\#(weekday % 7 + 1)]"#, "2026-01-01", "2026-12-31"),
            did(#","weekdays":[\#(weekday)]"#, "2026-01-01", "2026-12-31"),
            #"{"kind":"did","event":{"names":["viewed"]},"within":{"last_days":1}}"#,
            #"{"kind":"did","event":{"names":["viewed"]},"within":{"last_days":2}}"#,
            #"{"kind":"moment","moment":"first_seen","is":"on","date":"\#(day)"}"#,
            #"{"kind":"moment","moment":"first_seen","is":"in_last_days","days":2}"#,
            #"{"kind":"moment","moment":"first_seen","is":"more_than_days_ago","days":1}"#,
            #"{"kind":"trait","name":"at","is":"on","date":"\#(day)"}"#,
            #"{"kind":"trait","name":"at","is":"in_last_days","days":2}"#,
        ]
    }
}

extension CriteriaPopulation {
    /// Somebody for each moment: first seen then, who then viewed something and has it as a trait.
    init(moments: [Timestamp], _ calendar: LocalCalendar) {
        self.init()
        for (number, moment) in moments.enumerated() {
            let id = Int64(number + 1) * 1_000_003_000_019
            var row = Profile(id: id, at: moment, createdAt: moment, sourceID: 1)
            row.version = 1
            var (state, entry) = (ProfileState(), TraitEntry())
            entry.set(.string(moment.iso8601), at: 1)
            state.traits["at"] = entry
            let event = CriteriaEvent(
                position: Int64(number + 1), name: "viewed", time: moment, properties: FlatValues(), context: "{}")
            add(ArchivedProfile(row, state, []), [event])
        }
    }

    func load(into store: any AnalyticsStore, _ calendar: LocalCalendar) async throws {
        try await store.insert(ArchiveProfiles.block(profiles, calendar), token: "profiles")
        let rows = profiles.flatMap { person in (events[person.row.id] ?? []).map { (person.row.id, $0) } }
        try await store.insert(Self.events(rows, calendar), token: "events")
    }
}
