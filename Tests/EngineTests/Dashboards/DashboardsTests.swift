import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Dashboards")
struct DashboardsTests {
    private static let panel = DashboardPanel(panel: "trend", query: "days=30&report=traffic&segment=5&step=week")

    @Test(
        "one's own is nobody else's, a copy tells nobody, and what is wrong is refused", arguments: StoreKind.allCases)
    func life(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let platform = Platform.testing(store)
            let (effects, now) = (platform.effects, platform.effects.now())
            let layout = DashboardLayout(
                panels: [Self.panel], days: 7, digest: DigestSchedule(cadence: .daily, recipients: ["a@shop.cn"]))
            let mine = try await store.write {
                try Dashboards.create(name: " Mine ", isShared: false, layout, by: 1, $0, effects)
            }
            #expect(mine.name == "Mine" && mine.layout == layout)
            #expect(try await store.read { try Dashboards.list(for: 2, $0) } == [])
            await #expect(throws: DashboardError.notFound(mine.id)) {
                try await store.write { try Dashboards.remove(mine.id, by: 2, $0) }
            }
            let copy = try await store.write {
                try Dashboards.duplicate(mine.id, name: "Copy", by: 1, $0, effects)
            }
            #expect(copy.layout.panels == layout.panels && copy.layout.digest == nil && !copy.isShared)
            let changed = try await store.write {
                try Dashboards.update(mine.id, name: "Ours", isShared: true, layout, by: 1, $0, at: now)
            }
            #expect(try changed.revision != mine.revision)
            #expect(try await store.read { try Dashboards.list(for: 2, $0) }.map(\.name) == ["Ours"])
            var bad = layout
            bad.digest?.recipients = ["nobody"]
            let (unaddressed, lost) = (bad, DashboardLayout(segment: 99))
            await #expect(throws: DashboardError.badSchedule(.address)) {
                try await store.write {
                    try Dashboards.update(mine.id, name: "x", isShared: true, unaddressed, by: 1, $0, at: now)
                }
            }
            await #expect(throws: DashboardError.unknownSegment) {
                try await store.write { try Dashboards.create(name: "x", isShared: true, lost, by: 1, $0, effects) }
            }
            try await store.write { try Dashboards.remove(mine.id, by: 2, $0) }
            #expect(try await store.read { try Dashboards.list(for: 1, $0) }.map(\.name) == ["Copy"])
        }
    }

    @Test("a segment that a shared dashboard shows cannot go; one's own holds up nobody", arguments: StoreKind.allCases)
    func uses(kind: StoreKind) async throws {
        try await TestDatabase.with(kind) { store in
            let effects = Platform.testing(store).effects
            let (whole, part) = try await store.write { connection in
                (
                    try Segments.create(SegmentDraft(name: "Whole", kind: .list), effects: effects, connection).id,
                    try Segments.create(SegmentDraft(name: "Part", kind: .list), effects: effects, connection).id
                )
            }
            let layout = DashboardLayout(
                panels: [DashboardPanel(panel: "trend", query: "days=30&report=traffic&segment=\(part)")],
                segment: whole)
            let made = try await store.write {
                try Dashboards.create(name: "Weekly", isShared: true, layout, by: 1, $0, effects)
            }
            let use = SegmentUse(kind: "dashboard", id: String(made.id), name: "Weekly")
            for segment in [whole, part] {
                #expect(try await store.read { try Segments.usedBy(segment, $0) } == [use])
                await #expect(throws: SegmentError.usedBy([use])) {
                    try await store.write { try Segments.delete(segment, effects: effects, $0) }
                }
            }
            _ = try await store.write {
                try Dashboards.update(made.id, name: "Weekly", isShared: false, layout, by: 1, $0, at: effects.now())
            }
            try await store.write { try Segments.delete(part, effects: effects, $0) }
            #expect(try await store.read { try Segments.usedBy(whole, $0) }.isEmpty)
        }
    }

    @Test("days and people of the dashboard stand in for those of its panels")
    func override() {
        let none = DashboardOverride(DashboardOverride(), otherwise: DashboardLayout())
        #expect(Self.panel.query(over: none) == Self.panel.query)
        let own = DashboardOverride(DashboardOverride(), otherwise: DashboardLayout(days: 7, segment: 8))
        #expect(Self.panel.query(over: own) == "report=traffic&step=week&days=7&segment=8")
        let asked = DashboardOverride(
            DashboardOverride(from: "2026-01-01", to: "2026-01-31"), otherwise: DashboardLayout(days: 7))
        #expect(
            Self.panel.query(over: asked) == "report=traffic&segment=5&step=week&from=2026-01-01&to=2026-01-31")
    }

    @Test("a digest falls due at the hour that clocks show, also when they are changed")
    func schedule() throws {
        let berlin = try #require(LocalCalendar(timeZone: "Europe/Berlin"))
        func next(_ schedule: DigestSchedule, after text: String) throws -> String {
            schedule.next(after: try #require(Timestamp(iso8601: text)), berlin).iso8601
        }
        let daily = DigestSchedule(cadence: .daily, hour: 8)
        #expect(try next(daily, after: "2026-03-28T07:00:00.000Z") == "2026-03-29T06:00:00.000Z")
        #expect(try next(daily, after: "2026-03-27T06:59:59.999Z") == "2026-03-27T07:00:00.000Z")
        // Two o'clock is skipped on this day.
        let skipped = DigestSchedule(cadence: .daily, hour: 2)
        #expect(try next(skipped, after: "2026-03-28T12:00:00.000Z") == "2026-03-29T01:00:00.000Z")
        let weekly = DigestSchedule(cadence: .weekly, hour: 9, weekday: 1)
        #expect(try next(weekly, after: "2026-11-29T12:00:00.000Z") == "2026-11-30T08:00:00.000Z")
        let monthly = DigestSchedule(cadence: .monthly, hour: 0, day: 28)
        #expect(try next(monthly, after: "2026-11-29T12:00:00.000Z") == "2026-12-27T23:00:00.000Z")
        let march = try #require(LocalCalendar.day(fromText: "2026-03-01"))
        let month = monthly.period(on: march)
        #expect(month.firstText == "2026-02-01" && month.lastText == "2026-02-28")
        #expect(weekly.period(on: march).firstText == "2026-02-22" && daily.period(on: march).days == 1)
    }

    @Test("panels are read for the days asked, and one that cannot be asked says so in its place")
    func reading() async throws {
        try await TestAnalytics.with(.embedded) { analytics in
            try await TestDatabase.with(.sqlite) { store in
                let platform = Platform(store: store, analytics: analytics)
                let whole = DashboardPanel(title: "=Sum, \"a\"", panel: "figures", query: "report=purchases")
                let layout = DashboardLayout(panels: [whole, Self.panel])
                let reading = try await DashboardReading.make(
                    layout, DashboardOverride(from: "2026-01-01", to: "2026-01-02"), platform)
                #expect(reading.parts[0].document?.from == "2026-01-01" && reading.parts[0].problem == nil)
                #expect(reading.parts[1].problem == .unknownSegment("5"))
                let csv = try reading.csv { $0.title }
                #expect(csv.hasPrefix("\"'=Sum, \"\"a\"\"\"\r\nfigure,value,before\r\n"))
                let one = try await DashboardReading.make(layout, DashboardOverride(), only: 0, platform)
                #expect(one.parts.count == 1)
                await #expect(throws: DashboardError.badPanel(2, .unknownSegment("5"))) {
                    try await Dashboards.check(layout, platform)
                }
                await #expect(throws: DashboardError.badPanel(1, .unknownPanel("x"))) {
                    try await Dashboards.check(
                        DashboardLayout(panels: [DashboardPanel(panel: "x", query: "report=traffic")]), platform)
                }
            }
        }
    }
}
