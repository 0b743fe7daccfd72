import Engine

extension Problem {
    static func score(_ error: ScoreError) -> Problem {
        switch error {
        case .notFound: return .notFound("score model")
        case .nameMissing: return Problem(.unprocessableContent, "bad_name", "A model needs a name.")
        case .nameTooLong(let limit): return Problem(.unprocessableContent, "too_long", "At most \(limit) characters.")
        case .nameTaken(let name): return Problem(.conflict, "name_taken", "There is a model “\(name)” already.")
        case .tooMany(let limit): return Problem(.unprocessableContent, "too_many", "At most \(limit) models.")
        case .invalid(let error):
            return Problem(
                .unprocessableContent, "invalid_definition", "The definition cannot be used.",
                flaws: error.issues.map { Flaw("definition.\($0.path)", $0.text(.english)) })
        case .usedBy(let uses):
            return Problem(
                .conflict, "score_in_use", "Definitions ask for the score; change them first.",
                flaws: uses.map { Flaw("\($0.kind).\($0.id)", "uses it: \($0.name)") })
        }
    }
}
