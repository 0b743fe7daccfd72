import Engine

extension Problem {
    static func segment(_ error: SegmentError) -> Problem {
        switch error {
        case .notFound: return .notFound("segment")
        case .nameMissing: return Problem(.unprocessableContent, "bad_name", "A segment needs a name.")
        case .nameTooLong(let limit):
            return Problem(.unprocessableContent, "too_long", "At most \(limit) characters.")
        case .nameTaken(let name):
            return Problem(.conflict, "name_taken", "There is a segment “\(name)” already.")
        case .invalid(let error): return .criteria(error)
        case .wrongKind(let kind):
            return Problem(.conflict, "wrong_kind", "This cannot be done with a \(kind.rawValue) segment.")
        case .usedBy(let uses):
            return Problem(
                .conflict, "segment_in_use", "Others use the segment; change them first.",
                flaws: uses.map { Flaw("\($0.kind).\($0.id)", "uses it: \($0.name)") })
        case .tooMany(let limit): return Problem(.unprocessableContent, "too_many", "At most \(limit).")
        case .tooManyFeatures(_, let limit):
            return Problem(
                .unprocessableContent, "too_many_behaviours",
                "All segments together may ask for \(limit) different behaviours.")
        case .tooManyPeople(_, let limit):
            return Problem(.unprocessableContent, "too_many_people", "At most \(limit) people.")
        case .tooFew(let what, let limit):
            return Problem(.unprocessableContent, "too_few", "At least \(limit) \(what).")
        }
    }

    static func criteria(_ error: CriteriaError) -> Problem {
        Problem(
            .unprocessableContent, "invalid_criteria", "The definition cannot be used.",
            flaws: error.issues.map { issue in
                Flaw(issue.path.isEmpty ? "criteria" : "criteria.\(issue.path)", issue.text(.english))
            })
    }
}
