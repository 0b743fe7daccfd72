import Engine

extension Problem {
    static func approval(_ error: ApprovalError) -> Problem {
        switch error {
        case .notFound: return .notFound("approval")
        case .decided(let state): return Problem(.conflict, "decided", "It is \(state.rawValue) already.")
        case .own: return Problem(.forbidden, "own_request", "Who asks does not decide.")
        case .notYours: return Problem(.forbidden, "not_yours", "Only who asked takes it back.")
        case .keyReused(let key):
            return Problem(.conflict, "key_reused", "The key “\(key)” stands for another request.")
        case .tooLong(let field, let limit):
            return Problem(
                .unprocessableContent, "too_long", "“\(field)” has 1 to \(limit) bytes.",
                flaws: [Flaw("body.\(field)", "has 1 to \(limit) bytes")])
        }
    }
}
