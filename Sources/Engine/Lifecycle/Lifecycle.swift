import Science
import Storage

/// Lifecycle keeps everybody's stage: introduction, growth, maturity, decline, churn.
///
/// Invariants of this room:
/// - The stage is a function of the person's order facts, the day and the current model, nothing else.
/// - It changes in the transaction that changes an order fact, or when `stage_due_ms` has come (`StageSweep`), or when
///   a new model is published (`LifecycleRefresh`). Every change is a row of `stage_history` and a `Stage Changed`
///   event, written in that same transaction. Everybody begins in introduction; beginning is not a change.
/// - Days are those of the workspace's time zone. Several orders on one day are one purchase, here as in the model.
package enum Lifecycle {
    /// Where the person stands at `now`, and the change if that is a new stage. Pure.
    package static func step(
        _ facts: StageFacts, _ state: StageState, cause: StageCause, at now: Timestamp, _ current: CurrentLifecycle
    ) -> (state: StageState, change: StageChange?) {
        let calendar = current.calendar
        let firstSeenDay = calendar.day(of: facts.firstSeen)
        let assessment = current.model.assess(
            orderCount: facts.purchaseDays, lastOrderDay: facts.lastOrder.map(calendar.day(of:)),
            firstSeenDay: firstSeenDay, on: calendar.day(of: now))
        let due = assessment.nextChangeDay.map(calendar.start(ofDay:))
        guard assessment.stage != state.stage else {
            return (StageState(stage: state.stage, since: state.since, due: due), nil)
        }
        if state.stage == nil, assessment.stage == .introduction {
            return (StageState(stage: .introduction, since: facts.firstSeen, due: due), nil)
        }
        // A later change has a later time, also when several happen within one millisecond.
        let at = max(now, state.since.map { $0.adding(milliseconds: 1) } ?? now)
        let evidence = StageEvidence(
            orders: facts.purchaseDays, recencyDays: assessment.recencyDays, q80: assessment.q80, q90: assessment.q90,
            maturityOrders: current.model.maturityOrders)
        let change = StageChange(
            profileID: facts.profileID, at: at, from: state.stage, to: assessment.stage, cause: cause,
            modelVersion: current.version, evidence: evidence)
        return (StageState(stage: assessment.stage, since: at, due: due), change)
    }

    /// All that time alone did to a person up to `now`, in order, each change at its own moment. Pure.
    package static func catchUp(
        _ facts: StageFacts, _ state: StageState, through now: Timestamp, _ current: CurrentLifecycle
    ) -> (state: StageState, changes: [StageChange]) {
        var state = state
        var changes: [StageChange] = []
        for _ in 0..<LifecycleStage.allCases.count {
            guard let due = state.due, due <= now else { break }
            let (next, change) = step(facts, state, cause: .time, at: due, current)
            state = next
            if let change { changes.append(change) }
        }
        return (state, changes)
    }
}
