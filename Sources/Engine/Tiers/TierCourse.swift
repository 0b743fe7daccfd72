/// A tier that was lost at the end of a period, with the days that counted (the first, and the first after).
package struct TierLapse: Sendable, Equatable {
    /// Of the change.
    package var number: Int64
    package var tier: String
    package var from: Int64
    package var to: Int64

    package init(number: Int64, tier: String, from: Int64, to: Int64) {
        self.number = number
        self.tier = tier
        self.from = from
        self.to = to
    }
}

/// A member's way through the pyramid as a pure state machine: facts, ladder, state and time in; changes and notices out.
///
/// Invariants: a tier that rules gave is lost at the end of a period, or of the grace after it, and at no other time; up
/// goes at once; each change follows on the one before, numbered without a gap; doing the same again does nothing; time
/// that was missed is caught up step by step, each dated when it was due, and gives what it would have given then.
package struct TierCourse: Sendable {
    package let ladder: TierLadder
    private(set) var facts: TierFacts
    let calendar: LocalCalendar
    package private(set) var state: TierState
    package private(set) var changes: [TierChange] = []
    package private(set) var notices: [TierNotice] = []

    package init(_ ladder: TierLadder, _ facts: TierFacts, _ state: TierState, _ calendar: LocalCalendar) {
        self.ladder = ladder
        self.facts = facts
        self.calendar = calendar
        self.state = state
    }

    /// The state of who has just become a member.
    package static func enrol(
        _ ladder: TierLadder, _ facts: TierFacts, _ calendar: LocalCalendar, at now: Timestamp
    ) -> TierCourse {
        let day = calendar.day(of: now)
        var state = TierState(base: ladder.base.code, at: now, day: day)
        let period = ladder.period.containing(day, joined: calendar.day(of: facts.joined))
        (state.periodStart, state.periodEnd) = period
        var course = TierCourse(ladder, facts, state, calendar)
        course.state.changes = 1
        course.changes.append(
            TierChange(
                number: 1, at: now, from: nil, to: ladder.base.code, cause: .enrolled, isUp: true,
                evidence: TierEvidence()))
        return course
    }

    /// Something more is known of the member.
    mutating func learn(_ body: (inout TierFacts) -> Void) { body(&facts) }

    private var joined: Int64 { calendar.day(of: facts.joined) }
    var earnedIndex: Int { ladder.index(state.earned) ?? 0 }

    // MARK: Time

    private enum Step {
        case notice(Int64)
        case periodEnd
        case graceEnd
        case grantEnd

        var rank: Int {
            switch self {
            case .grantEnd: return 0
            case .periodEnd, .graceEnd: return 1
            case .notice: return 2
            }
        }
    }

    /// Brings the member to a moment. Does nothing twice.
    package mutating func advance(to now: Timestamp) {
        for _ in 0..<TierLimits.stepsMax {
            guard let (at, step) = next(), at <= now else { return }
            perform(step, at: at, now: now)
        }
    }

    /// When time has something to do next; nil: never.
    package var due: Timestamp? { next()?.at }

    /// The first day on which the tier may be lost; nil: it cannot be lost by time.
    var deadline: Int64? {
        guard ladder.quota == nil, earnedIndex > 0 else { return nil }
        return state.graceEnd ?? state.periodEnd
    }

    private func next() -> (at: Timestamp, step: Step)? {
        var steps: [(at: Timestamp, step: Step)] = []
        if let until = state.grant?.until { steps.append((until, .grantEnd)) }
        if let deadline {
            steps.append((calendar.start(ofDay: deadline), state.graceEnd == nil ? .periodEnd : .graceEnd))
            let days = ladder.noticeDays.map { deadline - Int64($0) }
            if let day = days.filter({ $0 > state.noticedTo && $0 < deadline }).min() {
                steps.append((calendar.start(ofDay: day), .notice(day)))
            }
        }
        return steps.min { ($0.at, $0.step.rank) < ($1.at, $1.step.rank) }
    }

    private mutating func perform(_ step: Step, at moment: Timestamp, now: Timestamp) {
        switch step {
        case .grantEnd: endGrant(at: moment)
        case .periodEnd: endPeriod(at: moment, now: now)
        case .graceEnd: endGrace(at: moment)
        case .notice(let day):
            state.noticedTo = day
            guard let deadline else { return }
            // What was missed and is overtaken by the next notice, or by the end itself, is not told any more.
            let today = calendar.day(of: now)
            let later = ladder.noticeDays.map { deadline - Int64($0) }.filter { $0 > day } + [deadline]
            guard later.allSatisfy({ $0 > today }) else { return }
            notice(at: moment, day: day, deadline)
        }
    }

    private mutating func notice(at moment: Timestamp, day: Int64, _ deadline: Int64) {
        let tier = ladder.tiers[earnedIndex]
        // Later facts are not there yet when the notice falls due.
        let window = TierWindow(from: keepingStart, to: moment)
        guard let rule = tier.keeping, !rule.reading(facts, window).holds else { return }
        notices.append(
            TierNotice(
                at: moment, tier: tier.code, days: deadline - day, isGrace: state.graceEnd != nil,
                counterfactual: TierCounterfactual(tier.code, rule, facts, window, lastDay: deadline - 1, calendar)))
    }

    /// From when facts count for keeping the tier at the end of the period.
    private var keepingStart: Timestamp {
        let day =
            ladder.period.kind == .rolling
            ? TierPeriod.adding(-ladder.period.months, to: state.periodEnd) : state.periodStart
        return calendar.start(ofDay: day)
    }

    /// The window that decides whether the tier is kept at the next end.
    var keepingWindow: TierWindow { TierWindow(from: keepingStart, to: TierWindow.open) }

    private mutating func endPeriod(at moment: Timestamp, now: Timestamp) {
        let window = TierWindow(from: keepingStart, to: moment)
        if keeps(earnedIndex, window) {
            beginPeriod()
        } else if ladder.graceDays > 0 {
            let end = state.periodEnd + Int64(ladder.graceDays)
            state.graceEnd = end
            state.noticedTo = state.periodEnd
            if calendar.day(of: now) < end { notice(at: moment, day: state.periodEnd, end) }
        } else {
            fall(window, at: moment)
        }
    }

    private mutating func endGrace(at moment: Timestamp) {
        let window = TierWindow(from: keepingStart, to: moment)
        if keeps(earnedIndex, window) { beginPeriod() } else { fall(window, at: moment) }
    }

    private func keeps(_ index: Int, _ window: TierWindow) -> Bool {
        index == 0 || ladder.tiers[index].keeping?.reading(facts, window).holds ?? false
    }

    /// The next period follows on the one that has ended, grace or not.
    private mutating func beginPeriod() {
        let start = state.periodEnd
        let next = ladder.period.containing(start, joined: joined)
        (state.periodStart, state.periodEnd) = (start, next.end)
        state.graceEnd = nil
        state.noticedTo = start
    }

    private mutating func fall(_ window: TierWindow, at moment: Timestamp) {
        let lost = ladder.tiers[earnedIndex]
        let next = ladder.below(earnedIndex)
        let target = ladder.isSoft ? next : ladder.earnable.last { $0 <= next && keeps($0, window) } ?? 0
        let lastDay = (state.graceEnd ?? state.periodEnd) - 1
        var evidence = evidence(lost.code, window, lost.keeping)
        evidence.to = lastDay + 1
        let counterfactual = lost.keeping.map {
            TierCounterfactual(lost.code, $0, facts, window, lastDay: lastDay, calendar)
        }
        beginPeriod()
        state.earned = ladder.tiers[target].code
        settle(.periodEnd, at: moment, evidence, counterfactual)
    }

    // MARK: Deeds

    /// Facts of a period that has ended arrived late: who would have kept the tier with them has it again, as if it had
    /// been kept, as long as the period that followed lasts and nothing else has changed since. `lapse`: what the newest
    /// change says was lost.
    package mutating func restore(_ lapse: TierLapse, at now: Timestamp) {
        guard ladder.quota == nil, lapse.number == state.changes, calendar.day(of: now) < state.periodEnd,
            let index = ladder.index(lapse.tier), index > earnedIndex
        else { return }
        let window = TierWindow(from: calendar.start(ofDay: lapse.from), to: calendar.start(ofDay: lapse.to))
        guard keeps(index, window) else { return }
        state.earned = lapse.tier
        settle(.activity, at: now, evidence(lapse.tier, window, ladder.tiers[index].keeping), nil)
    }

    /// Something happened that may lift the member. Time comes first: call `advance` before.
    package mutating func review(_ cause: TierChange.Cause = .activity, at now: Timestamp) {
        guard ladder.quota == nil else { return }
        if state.graceEnd != nil, keeps(earnedIndex, TierWindow(from: keepingStart, to: TierWindow.open)) {
            beginPeriod()
        }
        let window = enteringWindow(at: now)
        let reached = ladder.earnable.reversed().first { index in
            index > earnedIndex && ladder.tiers[index].rule?.reading(facts, window).holds ?? false
        }
        guard let reached else { return }
        let tier = ladder.tiers[reached]
        rise(to: tier.code, on: calendar.day(of: now))
        settle(cause, at: now, evidence(tier.code, window, tier.rule), nil)
    }

    private mutating func rise(to code: String, on day: Int64) {
        state.earned = code
        (state.periodStart, state.periodEnd) = ladder.period.containing(day, joined: joined)
        state.graceEnd = nil
        state.noticedTo = day
    }

    /// What counts for getting in now.
    func enteringWindow(at now: Timestamp) -> TierWindow {
        let day = calendar.day(of: now)
        var start =
            ladder.period.kind == .rolling
            ? TierPeriod.adding(-ladder.period.months, to: day + 1)
            : ladder.period.containing(day, joined: joined).start
        if state.graceEnd != nil { start = min(start, state.periodStart) }
        return TierWindow(from: calendar.start(ofDay: start), to: TierWindow.open)
    }

    /// A place in a ranking that was frozen.
    package mutating func take(_ place: TierPlace, periodEnd: Int64, at moment: Timestamp) {
        guard ladder.quota != nil else { return }
        let attained = place.tier
        let target = attained >= earnedIndex || !ladder.isSoft ? attained : max(attained, ladder.below(earnedIndex))
        var evidence = TierEvidence()
        evidence.tier = ladder.tiers[attained].code
        (evidence.place, evidence.ranked, evidence.value) = (place.place, place.ranked, place.value)
        var counterfactual: TierCounterfactual?
        if target < earnedIndex, let by = ladder.quota?.by {
            counterfactual = TierCounterfactual(
                tier: state.earned, lastDay: periodEnd - 1,
                missing: place.needed.map { [.init(indicator: by, amount: max($0 - place.value, 1))] } ?? [],
                isEither: false, returns: [], returnsDecided: false)
        }
        state.earned = ladder.tiers[target].code
        (state.periodStart, state.periodEnd) = ladder.period.containing(periodEnd, joined: joined)
        settle(.ranking, at: moment, evidence, counterfactual)
    }

    /// A tier by hand, in place of one that was given before.
    package mutating func give(_ grant: TierGrant, _ cause: TierChange.Cause = .grant, at now: Timestamp) {
        state.grant = grant
        settle(cause, at: now, reference(grant.id), nil)
    }

    package mutating func endGrant(at now: Timestamp) {
        guard let grant = state.grant else { return }
        state.grant = nil
        settle(.grantEnded, at: now, reference(grant.id), nil)
    }

    /// Two people are one: what is higher stays.
    package mutating func join(_ other: TierState, merge: Int64, at now: Timestamp) {
        if let theirs = ladder.index(other.earned), theirs > earnedIndex {
            state.earned = other.earned
            (state.periodStart, state.periodEnd) = (other.periodStart, other.periodEnd)
            (state.graceEnd, state.noticedTo) = (other.graceEnd, other.noticedTo)
        }
        if let grant = other.grant, let theirs = ladder.index(grant.tier) {
            let own = state.grant.flatMap { ladder.index($0.tier) } ?? -1
            if theirs > own { state.grant = grant }
        }
        settle(.merge, at: now, reference(merge), nil, always: true)
    }

    /// They are two again: back to what the member had by itself.
    package mutating func part(_ before: TierState, merge: Int64, at now: Timestamp) {
        (state.earned, state.grant) = (before.earned, before.grant)
        (state.periodStart, state.periodEnd) = (before.periodStart, before.periodEnd)
        (state.graceEnd, state.noticedTo) = (before.graceEnd, before.noticedTo)
        settle(.unmerge, at: now, reference(merge), nil, always: true)
    }

    /// Another ladder holds from now on: nobody falls by it, unless the tier is no longer there.
    package mutating func adopt(at now: Timestamp) {
        let day = calendar.day(of: now)
        if ladder.index(state.earned) == nil { state.earned = ladder.base.code }
        if let grant = state.grant, ladder.index(grant.tier) == nil { state.grant = nil }
        let period = ladder.period.containing(day, joined: joined)
        if ladder.period.kind != .rolling, state.graceEnd == nil {
            (state.periodStart, state.periodEnd) = period
        } else if state.periodEnd <= day, state.graceEnd == nil {
            state.periodEnd = period.end
        }
        settle(.ladder, at: now, TierEvidence(), nil)
        review(.ladder, at: now)
    }

    // MARK: What follows

    private mutating func settle(
        _ cause: TierChange.Cause, at now: Timestamp, _ evidence: TierEvidence, _ counterfactual: TierCounterfactual?,
        always: Bool = false
    ) {
        let granted = state.grant.flatMap { ladder.index($0.tier) } ?? 0
        let index = max(earnedIndex, granted)
        let code = ladder.tiers[index].code
        guard code != state.tier || always else { return }
        let before = ladder.index(state.tier)
        state.changes += 1
        changes.append(
            TierChange(
                number: state.changes, at: now, from: state.tier, to: code, cause: cause,
                isUp: before.map { index >= $0 } ?? false, evidence: evidence, counterfactual: counterfactual))
        if code != state.tier { state.since = now }
        state.tier = code
    }

    private func evidence(_ tier: String, _ window: TierWindow, _ rule: TierRule?) -> TierEvidence {
        var evidence = TierEvidence()
        evidence.tier = tier
        evidence.from = calendar.day(of: window.from)
        if window.to < TierWindow.open { evidence.to = calendar.day(of: window.to) }
        evidence.reading = rule?.reading(facts, window)
        return evidence
    }

    private func reference(_ id: Int64) -> TierEvidence {
        var evidence = TierEvidence()
        evidence.reference = id
        return evidence
    }
}
