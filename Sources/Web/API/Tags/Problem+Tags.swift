import Engine

extension Problem {
    static func tag(_ error: TagError) -> Problem {
        func unusable(_ code: String, _ text: String) -> Problem { Problem(.unprocessableContent, code, text) }
        func conflict(_ code: String, _ text: String) -> Problem { Problem(.conflict, code, text) }
        switch error {
        case .notFound: return .notFound("tag")
        case .nameMissing: return unusable("bad_name", "A tag needs a name.")
        case .nameHasStroke: return unusable("bad_name", "A name has no “/”: it separates levels of a path.")
        case .nameTooLong(let limit): return unusable("too_long", "At most \(limit) characters.")
        case .nameTaken(let name): return conflict("name_taken", "The parent has a tag “\(name)” already.")
        case .parentNotFound: return unusable("unknown_parent", "There is no such parent.")
        case .parentIsBelow: return unusable("parent_is_below", "A tag cannot be below itself.")
        case .tooDeep(let limit): return unusable("too_deep", "A tree has at most \(limit) levels.")
        case .tooMany(let limit): return unusable("too_many", "At most \(limit) tags.")
        case .invalid(let error): return .criteria(error)
        case .wrongKind(let kind):
            return conflict("wrong_kind", "This cannot be done with a \(kind.rawValue) tag.")
        case .mixedGroup:
            return conflict("mixed_group", "Children of an exclusive tag are all manual, or all kept by rules.")
        case .circle: return unusable("circle", "Definitions would lead back to themselves.")
        case .hasChildren: return conflict("tag_has_children", "There are tags below it; move or delete them first.")
        case .usedBy(let uses):
            return Problem(
                .conflict, "tag_in_use", "Definitions ask for the tag; change them first.",
                flaws: uses.map { Flaw("\($0.kind).\($0.id)", "uses it: \($0.name)") })
        case .mergeIntoItself: return unusable("same_tag", "A tag cannot be merged into itself.")
        case .tooManyPeople(let limit): return unusable("too_many_people", "At most \(limit) people at once.")
        }
    }
}
