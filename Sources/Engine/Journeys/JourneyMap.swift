/// A definition as the runtime walks it: every node by id, and which comes behind it.
struct JourneyMap: Sendable {
    let definition: JourneyDefinition
    private(set) var steps: [String: JourneyStep] = [:]
    /// In the order in which they are written.
    private(set) var order: [String] = []
    /// Where each node leads when it has one way, or when the way taken is at its end; missing: the end of the journey.
    private(set) var next: [String: String] = [:]
    private(set) var names: Set<String> = []
    private(set) var experiments: Set<Int64> = []
    /// Whether something may end the journey that no event of its own tells: then every event of a person counts.
    let watches: Bool
    /// Whether that may come true by time alone.
    let watchesTime: Bool
    private(set) var asksTeam = false
    let first: String?

    init(_ definition: JourneyDefinition) {
        self.definition = definition
        first = definition.steps.first?.id
        names = definition.entry.names
        let watched = [definition.goal, definition.exit].compactMap { $0?.criteria }
        watches = !watched.isEmpty
        watchesTime = watched.contains(where: \.dependsOnTime)
        for aim in [definition.goal, definition.exit] { names.formUnion(aim?.event?.names ?? []) }
        link(definition.steps, behind: nil)
    }

    private mutating func link(_ list: [JourneyStep], behind: String?) {
        for (index, step) in list.enumerated() {
            let after = index + 1 < list.count ? list[index + 1].id : behind
            if steps[step.id] == nil { order.append(step.id) }
            steps[step.id] = step
            next[step.id] = after
            for path in step.paths {
                names.formUnion(path.event?.names ?? [])
                link(path.steps, behind: after)
            }
            if let node = step.node as? ExperimentNode { experiments.insert(node.experiment) }
            if step.node is TaskNode { asksTeam = true }
            if step.node is MessageNode { names.formUnion(MessageEvents.told) }
            switch type(of: step.node).fork {
            case .outcomes: names.formUnion(JourneyOutcome.names)
            case .answers: names.formUnion(JourneyAnswers.names)
            default: break
            }
            link(step.otherwise, behind: after)
        }
    }

    /// The first node of a way; where the way is empty, what comes behind the fork.
    func target(of step: JourneyStep, path: Int?) -> String? {
        let steps = path.map { step.paths[$0].steps } ?? step.otherwise
        return steps.first?.id ?? next[step.id]
    }

    /// Whether a run asks for this event: by its node, or by what ends it early. Pure.
    func asks(for event: CriteriaEvent, run: JourneyRun, _ calendar: LocalCalendar) -> Bool {
        for aim in [definition.goal, definition.exit] {
            if let filter = aim?.event, filter.matches(event, calendar) { return true }
        }
        let isOutcome = JourneyOutcome.names.contains(event.name) || JourneyAnswers.names.contains(event.name)
        if isOutcome, event.properties.first("run_id")?.text == String(run.id) { return true }
        return order.contains { id in
            steps[id]?.paths.contains { $0.event?.matches(event, calendar) ?? false } ?? false
        }
    }
}
