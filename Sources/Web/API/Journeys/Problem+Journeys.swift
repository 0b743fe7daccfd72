import Engine

extension Problem {
    static func journey(_ error: JourneyError) -> Problem {
        switch error {
        case .notFound: return .notFound("journey")
        case .versionNotFound: return .notFound("version of this journey")
        case .runNotFound: return .notFound("run")
        case .playbookNotFound: return .notFound("playbook")
        case .nameMissing:
            return Problem(
                .unprocessableContent, "name_missing", "A journey needs a name.",
                flaws: [Flaw("body.name", "is empty")])
        case .tooLong(let limit):
            return Problem(.unprocessableContent, "too_long", "At most \(limit) characters.")
        case .nameTaken(let name):
            return Problem(
                .conflict, "name_taken", "Another journey is called “\(name)”.",
                flaws: [Flaw("body.name", "is taken")])
        case .tooMany(let limit): return Problem(.conflict, "too_many", "At most \(limit) journeys.")
        case .invalid(let issues):
            return Problem(
                .unprocessableContent, "invalid_journey", "The journey cannot work like this.",
                flaws: issues.map { issue in
                    let place = [issue.node.isEmpty ? "journey" : "node:\(issue.node)", issue.path]
                    return Flaw(place.filter { !$0.isEmpty }.joined(separator: "."), issue.english)
                })
        case .noDraft: return Problem(.conflict, "no_draft", "There is no draft; everything is published.")
        case .notLive: return Problem(.conflict, "not_live", "The journey is not live.")
        case .notPaused: return Problem(.conflict, "not_paused", "The journey is not paused.")
        case .inUse(let people):
            return Problem(.conflict, "journey_in_use", "\(people) people are on their way. End the journey first.")
        case .editedMeanwhile:
            return Problem(.preconditionFailed, "edited_meanwhile", "Somebody else saved the journey since.")
        case .unknownNode(let node):
            return Problem(
                .unprocessableContent, "unknown_node", "The new version has no node “\(node)”.",
                flaws: [Flaw("body.nodes", "there is no node “\(node)”")])
        case .notByRequest:
            return Problem(.conflict, "not_by_request", "People do not come into this journey by request.")
        case .notRetryable:
            return Problem(.conflict, "not_retryable", "Only a run that was set aside can be tried again.")
        }
    }
}
