/// One step of one person through a journey: `(run, facts, definition) -> (run, effects)`. Pure.
///
/// A step goes on until somebody has to wait, the journey ends, or `nodesPerStep` nodes were passed. Goal and exit are
/// asked before the first node and behind every other one.
struct JourneyMachine {
    let map: JourneyMap

    /// What a step comes to.
    struct Stride: Sendable, Equatable {
        var run: JourneyRun
        var effects: [JourneyEffect] = []
        var visits: [JourneyVisitRecord] = []
        /// Whether the goal was reached in this step.
        var reachedGoal = false
        /// Holdouts that the person came to.
        var drawn: [Drawn] = []
    }

    struct Drawn: Sendable, Equatable {
        var node: String
        var isHeld: Bool
    }

    func step(_ run: JourneyRun, _ facts: JourneyFacts) -> Stride {
        var stride = Stride(run: run)
        guard run.status == .active else { return stride }
        if let ending = early(&stride, facts) { return end(&stride, ending, facts, note: "") }
        for _ in 0..<JourneyLimits.nodesPerStep {
            guard let step = map.steps[stride.run.node] else { return end(&stride, .finished, facts, note: "") }
            guard advance(&stride, step, facts) else { return settled(&stride, facts) }
            if stride.run.status == .active, let ending = early(&stride, facts) {
                return end(&stride, ending, facts, note: "")
            }
            if stride.run.status != .active { return stride }
        }
        stride.run.due = facts.now
        return stride
    }

    /// Decides at one node. Returns whether the run stands before another one.
    private func advance(_ stride: inout Stride, _ step: JourneyStep, _ facts: JourneyFacts) -> Bool {
        let isArrival = !stride.run.isWaiting
        if isArrival {
            stride.run.visit += 1
            stride.run.arrivedAt = facts.now
            stride.run.timer = nil
        }
        let visit = JourneyVisit(
            step: step, run: stride.run, facts: facts, refusal: facts.refusals[stride.run.key(stride.run.journeyID)])
        let move = isArrival ? step.node.arrive(visit) : step.node.wake(visit)
        if step.node is HoldoutNode {
            let isHeld = if case .end = move { true } else { false }
            stride.drawn.append(Drawn(node: step.id, isHeld: isHeld))
        }
        switch move {
        case .next(let effects, let note):
            stride.effects += effects
            go(to: map.next[step.id], &stride, facts, path: "", note: note)
        case .path(let place, let effects, let seen, let note):
            stride.effects += effects
            let name = place.map { step.paths[$0].name } ?? (step.paths.isEmpty ? "" : "otherwise")
            go(to: map.target(of: step, path: place), &stride, facts, path: name, note: note)
            if let seen { stride.run.seen = max(stride.run.seen, seen) }
        case .wait(let until, let effects):
            stride.effects += effects
            stride.run.isWaiting = true
            stride.run.timer = until
            return false
        case .goal:
            reach(&stride, facts)
            go(to: map.next[step.id], &stride, facts, path: "", note: "goal")
        case .jump(let id): go(to: id, &stride, facts, path: "", note: "")
        case .end(let ending): _ = end(&stride, ending, facts, note: ending.rawValue)
        }
        return true
    }

    /// When the wait of somebody who stands at a node ends by time alone, had it begun now; nil: never.
    func timer(of run: JourneyRun, _ facts: JourneyFacts) -> Timestamp? {
        guard let step = map.steps[run.node] else { return facts.now }
        var run = run
        (run.arrivedAt, run.timer) = (facts.now, nil)
        // What the node did as they came is done: only the wait counts.
        let move = step.node.arrive(JourneyVisit(step: step, run: run, facts: facts, refusal: nil))
        guard case .wait(let until, _) = move else { return facts.now }
        return until
    }

    private func go(
        to node: String?, _ stride: inout Stride, _ facts: JourneyFacts, path: String, note: String
    ) {
        leave(&stride, facts, path: path, note: note)
        if stride.run.isWaiting {
            // What happened during a wait that time ended is past; a later wait is for something later.
            stride.run.seen = max(stride.run.seen, path.isEmpty ? facts.inputs.last?.position ?? 0 : 0)
            stride.run.isWaiting = false
        }
        stride.run.timer = nil
        stride.run.node = node ?? ""
    }

    private func leave(_ stride: inout Stride, _ facts: JourneyFacts, path: String, note: String) {
        stride.visits.append(
            JourneyVisitRecord(
                visit: stride.run.visit, node: stride.run.node, arrivedAt: stride.run.arrivedAt, leftAt: facts.now,
                path: path, note: note))
    }

    private func settled(_ stride: inout Stride, _ facts: JourneyFacts) -> Stride {
        stride.run.due = stride.run.timer
        return stride
    }

    private func end(
        _ stride: inout Stride, _ ending: JourneyRun.Ending, _ facts: JourneyFacts, note: String
    ) -> Stride {
        if map.steps[stride.run.node] != nil, stride.run.isWaiting || !note.isEmpty {
            leave(&stride, facts, path: "", note: note.isEmpty ? ending.rawValue : note)
        }
        stride.run.status = .ended
        stride.run.ending = ending
        stride.run.endedAt = facts.now
        stride.run.isWaiting = false
        stride.run.timer = nil
        stride.run.due = nil
        return stride
    }

    private func reach(_ stride: inout Stride, _ facts: JourneyFacts) {
        guard stride.run.goalAt == nil else { return }
        stride.run.goalAt = facts.now
        stride.reachedGoal = true
    }

    /// Whether goal or exit ends the journey now.
    private func early(_ stride: inout Stride, _ facts: JourneyFacts) -> JourneyRun.Ending? {
        if let goal = map.definition.goal, isMet(goal, facts, since: stride.run) {
            reach(&stride, facts)
            return .goal
        }
        if let exit = map.definition.exit, isMet(exit, facts, since: stride.run) { return .condition }
        return nil
    }

    /// Every event since the entry counts, also one that a wait has taken.
    private func isMet(_ aim: JourneyAim, _ facts: JourneyFacts, since run: JourneyRun) -> Bool {
        if let filter = aim.event, facts.inputs.contains(where: { filter.matches($0, facts.clock.calendar) }) {
            return true
        }
        guard let criteria = aim.criteria, let subject = facts.subject else { return false }
        return criteria.holds(for: subject, facts.clock)
    }
}
