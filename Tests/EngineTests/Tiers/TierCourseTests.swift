import Testing

@testable import Engine

/// The pyramid's core as a state machine: who moves, when, and why.
@Suite("Tier course")
struct TierCourseTests {
    static let start = LocalCalendar.day(fromText: "2026-01-01") ?? 0
    static let calendar = LocalCalendar.utc

    static func moment(_ day: Int64, hour: Int64 = 12) -> Timestamp {
        calendar.start(ofDay: day).adding(milliseconds: hour * 3_600_000)
    }

    static func day(_ text: String) -> Int64 { LocalCalendar.day(fromText: text) ?? 0 }

    /// Silver from ¥500, gold from ¥2,000, black by invitation.
    static func ladder(
        _ period: TierPeriod = TierPeriod(kind: .calendar, months: 6), notices: [Int] = [30, 7], grace: Int = 0,
        soft: Bool = true
    ) -> TierLadder {
        TierLadder(
            tiers: [
                Tier(code: "member", names: ["en": "Member"]),
                Tier(code: "silver", names: ["en": "Silver"], rule: TierRule([TierIndicator("spend", 50_000)])),
                Tier(
                    code: "gold", names: ["en": "Gold", "zh-Hans": "金卡"],
                    rule: TierRule([TierIndicator("spend", 200_000)])),
                Tier(code: "black", names: ["en": "Black"], admission: .invitation),
            ], period: period, noticeDays: notices, graceDays: grace, isSoft: soft)
    }

    static func order(_ day: String, _ yuan: Int64, _ id: String = "o") -> TierOrder {
        TierOrder(id: id, at: moment(self.day(day)), gross: yuan * 100)
    }

    static func joined(
        _ ladder: TierLadder, _ orders: [TierOrder], from day: String = "2026-01-01"
    ) -> TierCourse {
        let at = moment(self.day(day), hour: 0)
        return TierCourse.enrol(ladder, TierFacts(joined: at, orders: orders), calendar, at: at)
    }

    @Test("up goes at once, as far as the facts reach, and never twice")
    func up() throws {
        var course = Self.joined(Self.ladder(), [Self.order("2026-02-01", 2_000)])
        course.review(at: Self.moment(Self.day("2026-02-01")))
        course.review(at: Self.moment(Self.day("2026-02-02")))
        #expect(course.state.tier == "gold")
        #expect(course.changes.map(\.cause) == [.enrolled, .activity])
        #expect(course.changes.last?.evidence.reading?.parts.first?.value == 200_000)
    }

    @Test("an invited tier is never reached by spending, and is given and ended by hand")
    func invited() {
        var course = Self.joined(Self.ladder(), [Self.order("2026-02-01", 900_000)])
        let now = Self.moment(Self.day("2026-02-02"))
        course.review(at: now)
        #expect(course.state.tier == "gold")
        course.give(TierGrant(id: 7, tier: "black", until: Self.moment(Self.day("2026-03-01"))), at: now)
        #expect(course.state.tier == "black")
        course.advance(to: Self.moment(Self.day("2026-03-02")))
        #expect(course.state.tier == "gold")
        #expect(course.changes.last?.cause == .grantEnded)
        #expect(course.changes.last?.at == Self.moment(Self.day("2026-03-01")))
    }

    @Test("down goes at the period's end by one tier, and says what would have kept it")
    func down() throws {
        var course = Self.joined(Self.ladder(), [Self.order("2026-02-01", 2_000)])
        course.review(at: Self.moment(Self.day("2026-02-01")))
        course.advance(to: Self.moment(Self.day("2026-07-02")))
        #expect(course.state.tier == "gold", "the period in which it was reached keeps it")
        let facts = TierFacts(
            joined: course.facts.joined,
            orders: course.facts.orders + [Self.order("2026-08-01", 1_680, "p")])
        var later = TierCourse(course.ladder, facts, course.state, Self.calendar)
        later.advance(to: Self.moment(Self.day("2027-03-01")))
        #expect(later.state.tier == "silver")
        let change = try #require(later.changes.first)
        #expect(change.at == Self.calendar.start(ofDay: Self.day("2027-01-01")))
        #expect(change.counterfactual?.missing == [.init(indicator: TierIndicator("spend", 200_000), amount: 32_000)])
        let words = TierWords(.english, currency: "CNY")
        #expect(
            try words.sentences(#require(change.counterfactual), later.ladder, isOver: true)
                == ["¥320 more by 31 December 2026 would have kept Gold."])
        let fact = try #require(change.counterfactual)
        #expect(words.lacking(fact, today: fact.lastDay) == "¥320 more by the end of today, 31 December 2026")
        #expect(words.lacking(fact, today: fact.lastDay - 1) == "¥320 more by 31 December 2026")
        #expect(
            words.sentences(fact, later.ladder, isOver: false, today: fact.lastDay)
                == ["¥320 more by the end of today, 31 December 2026, will keep Gold."])
        #expect(later.notices.isEmpty, "what is overtaken is not told")
    }

    @Test("a returned order counts at the period's end, and is named where it decided")
    func returned() throws {
        var order = Self.order("2026-02-01", 2_000, "A-17")
        var course = Self.joined(Self.ladder(), [order])
        course.review(at: Self.moment(Self.day("2026-02-01")))
        order.returns = [.init(at: Self.moment(Self.day("2026-03-01")), net: 150_000, counts: true)]
        let facts = TierFacts(joined: course.facts.joined, orders: [order])
        var later = TierCourse(course.ladder, facts, course.state, Self.calendar)
        later.review(at: Self.moment(Self.day("2026-03-01")))
        #expect(later.state.tier == "gold", "nobody goes down within a period")
        later.advance(to: Self.moment(Self.day("2026-07-01")))
        #expect(later.state.tier == "silver")
        let fact = try #require(later.changes.first?.counterfactual)
        #expect(fact.returnsDecided && fact.returns.map(\.order) == ["A-17"])
        let words = TierWords(.chinese, currency: "CNY")
        #expect(
            words.sentences(fact, later.ladder, isOver: true).last == "订单 A-17 退回了 ¥500；若没有退货，就能保住“金卡”。")
    }

    @Test("notices go out on their days to whom they concern, and grace can still keep the tier")
    func noticesAndGrace() throws {
        let ladder = Self.ladder(grace: 10)
        var course = Self.joined(ladder, [Self.order("2026-02-01", 2_000)])
        course.review(at: Self.moment(Self.day("2026-02-01")))
        var told: [Int64] = []
        for day in Self.day("2026-02-02")...Self.day("2027-01-05") {
            let before = course.notices.count
            course.advance(to: Self.moment(day))
            if course.notices.count > before { told.append(day) }
        }
        #expect(
            told.map(LocalCalendar.text(ofDay:)) == ["2026-12-02", "2026-12-25", "2027-01-01", "2027-01-04"])
        #expect(course.notices.map(\.isGrace) == [false, false, true, true])
        #expect(course.state.tier == "gold")
        let facts = TierFacts(
            joined: course.facts.joined, orders: course.facts.orders + [Self.order("2027-01-06", 2_000, "q")])
        var kept = TierCourse(ladder, facts, course.state, Self.calendar)
        kept.advance(to: Self.moment(Self.day("2027-01-06")))
        kept.review(at: Self.moment(Self.day("2027-01-06")))
        #expect(kept.state.tier == "gold" && kept.state.graceEnd == nil)
        var lost = course
        lost.advance(to: Self.moment(Self.day("2027-01-12")))
        #expect(lost.state.tier == "silver")
        #expect(lost.changes.last?.at == Self.calendar.start(ofDay: Self.day("2027-01-11")))
    }

    @Test("anniversary periods run from the day of joining, rolling ones from the day of the upgrade")
    func periods() {
        let anniversary = TierPeriod(kind: .anniversary, months: 12)
        #expect(
            anniversary.containing(Self.day("2026-05-30"), joined: Self.day("2024-02-29"))
                == (Self.day("2026-02-28"), Self.day("2027-02-28")))
        let fiscal = TierPeriod(kind: .calendar, months: 3, startMonth: 2)
        #expect(
            fiscal.containing(Self.day("2026-01-31"), joined: 0) == (Self.day("2025-11-01"), Self.day("2026-02-01")))
        var course = Self.joined(
            Self.ladder(TierPeriod(kind: .rolling, months: 12)), [Self.order("2026-02-10", 600)])
        course.review(at: Self.moment(Self.day("2026-02-10")))
        #expect(course.state.periodEnd == Self.day("2027-02-10"))
        course.advance(to: Self.moment(Self.day("2027-02-09")))
        #expect(course.state.tier == "silver")
        course.advance(to: Self.moment(Self.day("2027-02-10")))
        #expect(course.state.tier == "silver", "the order of the first day lies in the twelve months")
    }

    @Test("all, any and weighted rules say what alone would do")
    func combinations() {
        let facts = TierFacts(
            joined: Self.moment(0), orders: [Self.order("2026-02-01", 1_000), Self.order("2026-02-02", 500, "p")])
        let window = TierWindow(from: Self.moment(Self.start), to: TierWindow.open)
        let indicators = [TierIndicator("spend", 200_000), TierIndicator("orders", 2)]
        let all = TierRule(indicators).reading(facts, window)
        #expect(!all.holds && all.percent == 75)
        #expect(TierRule(indicators, .any).reading(facts, window).holds)
        let weighted = TierRule(
            [TierIndicator("spend", 200_000, weight: 60), TierIndicator("orders", 4, weight: 40)], .weighted,
            needed: 80)
        let reading = weighted.reading(facts, window)
        #expect(reading.score == 6_500)
        let (missing, isEither) = TierCounterfactual.missing(weighted, reading)
        #expect(isEither)
        #expect(missing.map(\.amount) == [50_000, 2])
        let spent = TierFacts(
            joined: Self.moment(0), orders: [Self.order("2026-02-01", 2_000), Self.order("2026-02-02", 0, "p")])
        #expect(weighted.reading(spent, window).holds)
    }

    @Test("tier by earned, not by balance: what was spent still counts")
    func earnedNotBalance() {
        let ladder = TierLadder(tiers: [
            Tier(code: "member"), Tier(code: "silver", rule: TierRule([TierIndicator("points", 100)])),
        ])
        let at = Self.moment(Self.start)
        let facts = TierFacts(joined: at, earnings: ["points": [TierEarning(at: at, amount: 120)]])
        var course = TierCourse.enrol(ladder, facts, Self.calendar, at: at)
        course.review(at: at)
        #expect(course.state.tier == "silver")
    }

    @Test("of two who turn out to be one the higher tier stays, and undoing it gives it back")
    func merge() {
        let ladder = Self.ladder()
        var gold = Self.joined(ladder, [Self.order("2026-02-01", 2_000)])
        let now = Self.moment(Self.day("2026-03-01"))
        gold.review(at: now)
        var low = Self.joined(ladder, [])
        let before = low.state
        low.join(gold.state, merge: 5, at: now)
        #expect(low.state.tier == "gold" && low.changes.last?.cause == .merge)
        low.part(before, merge: 5, at: now)
        #expect(low.state.tier == "member" && low.changes.last?.cause == .unmerge)
    }

    @Test("another ladder lifts at once and lets nobody fall before the period ends")
    func adopt() {
        var course = Self.joined(Self.ladder(), [Self.order("2026-02-01", 600)])
        let now = Self.moment(Self.day("2026-02-02"))
        course.review(at: now)
        var harder = Self.ladder()
        harder.tiers[1].rule = TierRule([TierIndicator("spend", 100_000)])
        var later = TierCourse(harder, course.facts, course.state, Self.calendar)
        later.adopt(at: now)
        #expect(later.state.tier == "silver")
        later.advance(to: Self.moment(Self.day("2026-07-01")))
        #expect(later.state.tier == "member")
        var easier = Self.ladder()
        easier.tiers[2].rule = TierRule([TierIndicator("spend", 60_000)])
        var lifted = TierCourse(easier, course.facts, course.state, Self.calendar)
        lifted.adopt(at: now)
        #expect(lifted.state.tier == "gold" && lifted.changes.last?.cause == .ladder)
    }
}
