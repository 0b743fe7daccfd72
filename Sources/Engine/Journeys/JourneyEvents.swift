/// What journeys say happened.
package enum JourneyEvents {
    package static let entered = "Journey Entered"
    package static let left = "Journey Left"
    package static let goal = "Journey Goal Reached"
    package static let names = [entered, left, goal]

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
        if stride.reachedGoal { events.append(said(goal, stride.run, journey, at: now)) }
        if stride.run.status == .ended { events.append(said(left, stride.run, journey, at: now)) }
        return events
    }
}
