import Engine

extension Problem {
    static func program(_ error: ProgramError) -> Problem {
        func unusable(_ code: String, _ text: String) -> Problem { Problem(.unprocessableContent, code, text) }
        switch error {
        case .notFound: return .notFound("version")
        case .titleMissing: return unusable("title_missing", "A version has a title.")
        case .titleTooLong(let limit): return unusable("title_too_long", "A title has at most \(limit) characters.")
        case .noteTooLong(let limit): return unusable("note_too_long", "A note has at most \(limit) characters.")
        case .tooMany(let limit): return Problem(.conflict, "too_many", "At most \(limit) versions.")
        case .invalid(let error):
            return Problem(
                .unprocessableContent, "invalid_program", "What the program says does not hold together.",
                flaws: error.issues.map { Flaw($0.path, $0.text(.english)) })
        case .status(let status, let verb):
            return Problem(
                .conflict, "wrong_status",
                "To \(verb.rawValue) a version is not possible while it is “\(status.rawValue)”.")
        case .trialMissing:
            return Problem(
                .conflict, "trial_missing", "Try what it says on history first, beside the version in force.")
        case .trialLapsed:
            return Problem(
                .conflict, "trial_lapsed", "History has moved on since it was tried; try and approve it anew.")
        case .sameActor:
            return Problem(
                .conflict, "same_actor",
                "Whoever submitted or last edited a version does not approve it."
            )
        }
    }
}
