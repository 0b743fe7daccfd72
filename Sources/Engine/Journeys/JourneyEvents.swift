/// What journeys say happened.
package enum JourneyEvents {
    package static let entered = "Journey Entered"
    package static let left = "Journey Left"
    package static let goal = "Journey Goal Reached"
    /// At a holdout: `group` says whether the person goes on (`reached`) or leaves (`held`).
    package static let drawn = "Journey Holdout Drawn"
    package static let names = [entered, left, goal, drawn]

    static func said(
        _ name: String, _ run: JourneyRun, _ journey: String, at now: Timestamp
    ) -> SystemEvent {
        var properties: [String: JSONValue] = [
            "journey_id": JSONValue(id: run.journeyID), "journey": .string(journey), "run_id": JSONValue(id: run.id),
            "version_id": JSONValue(id: run.versionID),
        ]
        if name == left { properties["ending"] = JSONValue(run.ending?.rawValue) }
        return SystemEvent(
            name: name, profileID: run.profileID, time: now, properties: JSONValue.object(properties).text())
    }

    /// Of one step.
    static func said(by stride: JourneyMachine.Stride, _ journey: String, at now: Timestamp) -> [SystemEvent] {
        var events: [SystemEvent] = []
        for drawn in stride.drawn {
            let properties: JSONValue = [
                "journey_id": JSONValue(id: stride.run.journeyID), "journey": .string(journey),
                "run_id": JSONValue(id: stride.run.id), "node": .string(drawn.node),
                "group": .string(drawn.isHeld ? "held" : "reached"),
            ]
            events.append(
                SystemEvent(
                    name: Self.drawn, profileID: stride.run.profileID, time: now, properties: properties.text()))
        }
        if stride.reachedGoal { events.append(said(goal, stride.run, journey, at: now)) }
        if stride.run.status == .ended { events.append(said(left, stride.run, journey, at: now)) }
        return events
    }
}
