import Engine

extension Problem {
    static func experiment(_ error: ExperimentError) -> Problem {
        func unusable(_ code: String, _ text: String) -> Problem { Problem(.unprocessableContent, code, text) }
        func conflict(_ code: String, _ text: String) -> Problem { Problem(.conflict, code, text) }
        switch error {
        case .notFound: return .notFound("experiment")
        case .invalid(let field, let reason):
            return Problem(
                .unprocessableContent, "invalid_experiment", "“\(field)” \(reason).",
                flaws: [Flaw("body.\(field)", reason)])
        case .criteria(let error): return .criteria(error)
        case .tooMany(let limit): return unusable("too_many", "At most \(limit) experiments.")
        case .begun:
            return conflict(
                "experiment_begun", "It has begun: only its name and hypothesis may change, and it stays on record.")
        case .step(let from, let to):
            return conflict("bad_step", "An experiment that is \(from.rawValue) cannot become \(to.rawValue).")
        case .notRunning(let state):
            return conflict("not_running", "Nobody is given a variant of an experiment that is \(state.rawValue).")
        case .unknownVariant(let key): return unusable("unknown_variant", "It has no variant “\(key)”.")
        case .unknownMetric(let key): return unusable("unknown_metric", "It has no metric “\(key)”.")
        case .reasonMissing(let limit): return unusable("reason_missing", "A reason has 1 to \(limit) characters.")
        case .tooManyPeople(let limit): return unusable("too_many_people", "At most \(limit) people at once.")
        case .unknownDimension(let word):
            let known = ExperimentBreakdown.dimensions.joined(separator: ", ")
            return unusable("unknown_dimension", "“\(word)” is none of \(known).")
        }
    }
}
