import Engine

extension Problem {
    static func view(_ error: ViewError) -> Problem {
        switch error {
        case .notFound: return .notFound("view")
        case .changed(let view):
            return Problem(
                .conflict, "view_changed",
                "Somebody changed the view since; it is at version \(view.version) now. Read it, then send that version."
            )
        case .badName:
            return Problem(
                .unprocessableContent, "bad_name", "A view's name has 1 to \(SavedViews.nameCharacters) characters.")
        case .badQuery:
            return Problem(
                .unprocessableContent, "bad_query", "A view's query has at most \(SavedViews.queryBytes) bytes.")
        case .tooMany(let limit):
            return Problem(.conflict, "too_many_views", "One list has at most \(limit) views of one owner.")
        }
    }

    static func export(_ error: ExportError) -> Problem {
        switch error {
        case .notFound: return .notFound("export")
        case .unknownColumn(let name):
            return Problem(.unprocessableContent, "unknown_column", "“\(name)” is no column of this list.")
        case .tooMany(let limit):
            return Problem(
                .conflict, "too_many_exports", "At most \(limit) exports run at once. Wait for one, or cancel it.")
        case .notFinished:
            return Problem(
                .conflict, "not_finished", "The file is still being written.", headers: [.retryAfter: "2"])
        case .damaged:
            return Problem(.internalServerError, "damaged", "The file in the store is damaged. Export again.")
        }
    }

    /// A word of a query that the list cannot use. Throws nothing; nil when all can be used.
    static func ignored(_ words: [String], place: String) -> Problem? {
        guard !words.isEmpty else { return nil }
        return Problem(
            .unprocessableContent, "bad_query", "The query cannot be used.",
            flaws: words.map { Flaw("\(place).\($0)", "cannot be used") })
    }
}
