import Testing

@testable import Engine

/// Random ladders, members and years: what must hold whatever happens.
@Suite("Tier properties")
struct TierPropertyTests {
    private struct World {
        let ladder: TierLadder
        let joined: Int64
        let facts: TierFacts
        let days: ClosedRange<Int64>

        init(seed: UInt64) {
            var generator = SeededGenerator(seed: seed)
            func roll(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &generator) }
            let kinds = TierPeriod.Kind.allCases
            let kind = kinds[Int(roll(0...2))]
            let months = [1, 3, 6, 12][Int(roll(0...3))]
            let combine: TierRule.Combination = roll(0...1) == 0 ? .all : .any
            func rule(_ spend: Int64, _ orders: Int64) -> TierRule {
                TierRule([TierIndicator("spend", spend), TierIndicator("orders", orders)], combine)
            }
            ladder = TierLadder(
                tiers: [
                    Tier(code: "a"), Tier(code: "b", rule: rule(300, 2)), Tier(code: "c", rule: rule(700, 4)),
                    Tier(code: "d", rule: rule(1_500, 7), keep: roll(0...1) == 0 ? rule(900, 4) : nil),
                ], period: TierPeriod(kind: kind, months: months, startMonth: Int(roll(1...12))),
                noticeDays: roll(0...1) == 0 ? [20, 5] : [], graceDays: roll(0...1) == 0 ? 0 : 9,
                isSoft: roll(0...1) == 0)
            joined = TierCourseTests.start + roll(0...60)
            days = joined...(joined + 900)
            var orders: [TierOrder] = []
            for number in 0..<roll(0...40) {
                let day = joined + roll(0...880)
                var order = TierOrder(
                    id: "o\(number)", at: TierCourseTests.moment(day, hour: roll(0...23)), gross: roll(10...600))
                if roll(0...4) == 0 {
                    let net = roll(0...1) == 0 ? 0 : order.gross / 2
                    order.returns = [
                        .init(at: order.at.adding(days: Int(roll(1...40))), net: net, counts: net > 0)
                    ]
                }
                orders.append(order)
            }
            facts = TierFacts(
                joined: TierCourseTests.moment(joined, hour: 0), orders: orders.sorted { $0.at < $1.at })
        }

        /// What was known at a moment.
        func known(_ now: Timestamp) -> TierFacts {
            var facts = facts
            facts.orders = facts.orders.filter { $0.at <= now }
            for index in facts.orders.indices {
                facts.orders[index].returns = facts.orders[index].returns.filter { $0.at <= now }
            }
            return facts
        }

        /// Lives through the days; `nightly`: the clock runs each of them, else only deeds and the last day bring time.
        func live(nightly: Bool) -> (state: TierState, changes: [TierChange]) {
            var course = TierCourse.enrol(ladder, known(facts.joined), TierCourseTests.calendar, at: facts.joined)
            var (state, changes) = (course.state, course.changes)
            for day in days {
                let end = TierCourseTests.moment(day, hour: 24)
                let deeds = facts.orders.map(\.at).filter { $0 >= TierCourseTests.moment(day, hour: 0) && $0 < end }
                for deed in deeds {
                    course = TierCourse(ladder, known(deed), state, TierCourseTests.calendar)
                    course.advance(to: deed)
                    course.review(at: deed)
                    // The same event again does nothing.
                    let once = (course.state, course.changes.count)
                    course.advance(to: deed)
                    course.review(at: deed)
                    #expect(course.state == once.0 && course.changes.count == once.1)
                    (state, changes) = (course.state, changes + course.changes)
                }
                guard nightly || day == days.upperBound else { continue }
                course = TierCourse(ladder, known(end), state, TierCourseTests.calendar)
                course.advance(to: end)
                (state, changes) = (course.state, changes + course.changes)
            }
            return (state, changes)
        }
    }

    @Test("a missed night is caught up in order: the same changes as if none had been missed", arguments: 1...60)
    func catchUp(seed: Int) {
        let world = World(seed: UInt64(seed))
        let (every, late) = (world.live(nightly: true), world.live(nightly: false))
        #expect(every.state.tier == late.state.tier)
        #expect(every.changes.map(\.at) == late.changes.map(\.at))
        #expect(every.changes.map(\.to) == late.changes.map(\.to))
    }

    @Test("history replays to the tier; down goes only at an end, by one where landing is soft", arguments: 1...60)
    func invariants(seed: Int) {
        let world = World(seed: UInt64(seed))
        let (state, changes) = world.live(nightly: true)
        #expect(changes.map(\.number) == (1...Int64(changes.count)).map { $0 })
        #expect(zip(changes, changes.dropFirst()).allSatisfy { $0.to == $1.from })
        #expect(changes.last?.to == state.tier)
        #expect(Set(changes.map { "\($0.cause) \($0.at)" }).count == changes.count, "never two changes for one cause")
        for change in changes.dropFirst() {
            let (from, to) = (world.ladder.index(change.from ?? ""), world.ladder.index(change.to))
            guard let from, let to, to < from else { continue }
            #expect(change.cause == .periodEnd)
            #expect(change.at == TierCourseTests.calendar.start(ofDay: TierCourseTests.calendar.day(of: change.at)))
            #expect(change.counterfactual != nil)
            if world.ladder.isSoft { #expect(from - to == 1) }
        }
    }
}
