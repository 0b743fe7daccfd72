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
        case .badPriority:
            return Problem(
                .unprocessableContent, "bad_priority", "A priority is 1 to 9.", flaws: [Flaw("body.priority", "1 to 9")]
            )
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
            return Problem(
                .conflict, "journey_in_use",
                "\(EnglishCount.text(people, "person is", "people are")) on their way. End the journey first.")
        case .editedMeanwhile:
            return Problem(.preconditionFailed, "edited_meanwhile", "Somebody else saved the journey since.")
        case .unknownNode(let node):
            return Problem(
                .unprocessableContent, "unknown_node", "The new version has no node “\(node)”.",
                flaws: [Flaw("body.nodes", "there is no node “\(node)”")])
        case .notByRequest:
            return Problem(.conflict, "not_by_request", "People do not come into this journey by request.")
        case .nothingToUndo:
            return Problem(.conflict, "nothing_to_undo", "There is no publishing that could be taken back.")
        case .tooLateToUndo(let hours):
            return Problem(
                .conflict, "too_late_to_undo",
                "A publishing can be taken back for \(hours) hours. Publish another version.")
        case .notRetryable:
            return Problem(.conflict, "not_retryable", "Only a run that was set aside can be tried again.")
        }
    }

    static func staffTask(_ error: StaffTaskError) -> Problem {
        switch error {
        case .notFound: return .notFound("task")
        case .closed(let state):
            return Problem(.conflict, "task_closed", "The task is “\(state.rawValue)” already.")
        case .noteTooLong(let limit):
            return Problem(.unprocessableContent, "too_long", "A note has at most \(limit) bytes.")
        }
    }

    static func reach(_ error: ReachError) -> Problem {
        switch error {
        case .unknownChannel(let name):
            return Problem(
                .unprocessableContent, "unknown_channel",
                "“\(name)” is none of \(ChannelCatalog.names.joined(separator: ", ")).")
        case .badCost(let channel, let most):
            return Problem(
                .unprocessableContent, "bad_cost", "A thousand messages cost 0 to \(most) minor units.",
                flaws: [Flaw("body.per_thousand.\(channel)", "is out of range")])
        case .badDays(let limit): return Problem(.unprocessableContent, "bad_days", "1 to \(limit) days.")
        case .unknownBenefit: return .notFound("benefit")
        }
    }
}
