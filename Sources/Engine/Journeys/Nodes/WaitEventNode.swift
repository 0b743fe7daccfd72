/// Waits until one of several events happens, each with a way of its own, and no longer than a while.
struct WaitEventNode: SpanNode {
    static let kind = "wait_event"
    static let fork = JourneyFork.events
    static let waits = true
    static let form = CriteriaForm(
        "time", "等待某件事发生", "Wait for an event", JourneyForms.span("最多等", "for at most"))

    var span: JourneySpan

    func words(_ phrases: JourneyPhrases) -> String {
        let text = span.words(phrases.language)
        return phrases.language("等待事件，最多 \(text)", "Wait for an event, for at most \(text)")
    }

    func arrive(_ visit: JourneyVisit) -> JourneyMove {
        decided(visit) ?? .wait(until: visit.now.adding(milliseconds: span.milliseconds))
    }

    func wake(_ visit: JourneyVisit) -> JourneyMove {
        decided(visit) ?? (visit.isDue ? .path(nil, note: "timeout") : .wait(until: visit.timer))
    }

    private func decided(_ visit: JourneyVisit) -> JourneyMove? {
        let calendar = visit.facts.clock.calendar
        for event in visit.news {
            if let place = visit.step.paths.firstIndex(where: { $0.event?.matches(event, calendar) ?? false }) {
                return .path(place, seen: event.position, note: event.name)
            }
        }
        return nil
    }
}
