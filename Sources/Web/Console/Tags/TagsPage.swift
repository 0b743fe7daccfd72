import Engine
import Storage

/// The tree of tags.
struct TagsModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var colour: String
        /// From 1.
        var level: String
        var kind: String
        var words: String
        var size: String
        var isBuilding: Bool
        var isExclusive: Bool
        var updated: String
    }

    var rows: [Row]
    var isEmpty: Bool
    /// Whether the list looks again by itself: some of it is being filled.
    var isFilling: Bool
    var mayManage: Bool
}

/// One tag: what it means, who has it, who asks for it.
struct TagModel: PageModel {
    struct Link: Encodable, Sendable {
        var href: String
        var name: String
        var colour: String
    }

    var id: String
    var name: String
    var colour: String
    var kind: String
    var description: String?
    var words: String?
    var isExclusive: Bool
    var isManual: Bool
    var isBuilding: Bool
    /// Whether the rule has just come to its end, as the panel alone can tell.
    var isFilled = false
    var figures: [FigureModel]
    var children: [Link]
    var hasChildren: Bool
    var uses: [Link]
    var hasUses: Bool
    var segments: [Choice]
    var hasSegments: Bool
    var others: [Choice]
    var hasOthers: Bool
    var mayManage: Bool
    var problem: String?
}

/// How many have it, asked again while its rule is being filled.
struct TagStandingModel: PageModel {
    var id: String
    var isBuilding: Bool
    var isFilled: Bool
    var figures: [FigureModel]
}

/// A page of those who have it.
struct TagPeopleModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var initial: String
        var since: String
    }

    var rows: [Row]
    var isEmpty: Bool
    var isFirst: Bool
    var next: String?
}

enum TagsPage {
    private static let rows = 20

    static func show(_ request: PageRequest) async throws -> Reply {
        let (tags, world, parents) = try await request.platform.store.read {
            (try Tags.list($0), try CriteriaWorld.load($0), try Tags.countsOfParents($0))
        }
        let isParent = Set(tags.map(\.tag.parentID))
        let phrases = CriteriaPhrases(CriteriaLanguage(request.wording.language), world)
        let model = TagsModel(
            rows: tags.map { tag, level in
                TagsModel.Row(
                    href: "/tags/\(tag.id)", name: tag.name, colour: tag.colour.rawValue, level: String(level + 1),
                    kind: request.text("tag.kind_\(tag.kind.rawValue)"),
                    words: tag.criteriaTree?.words(phrases) ?? tag.description,
                    size: request.wording.number(isParent.contains(tag.id) ? parents[tag.id] ?? 0 : tag.size),
                    isBuilding: tag.isBuilding, isExclusive: tag.isExclusive,
                    updated: request.wording.shortDate(Timestamp(milliseconds: tag.updatedMS), now: request.now))
            }, isEmpty: tags.isEmpty, isFilling: tags.contains { $0.tag.isBuilding },
            mayManage: request.user.role.may(.manageSegments))
        return .page(Page("tags/page", title: request.text("tag.title"), model: model))
    }

    static func one(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try request.id("tag")
        let (tag, uses, world, tags, segments, size) = try await found {
            try await request.platform.store.read { connection in
                let world = try CriteriaWorld.load(connection)
                return (
                    try Tags.get(id, connection), try Tags.usedBy(id, connection), world,
                    try Tags.list(connection).map(\.tag), try Segments.list(connection),
                    try Tags.count(anyOf: world.tags.below(id), connection)
                )
            }
        }
        let (wording, tree) = (request.wording, world.tags)
        let phrases = CriteriaPhrases(CriteriaLanguage(wording.language), world)
        let children = tags.filter { $0.parentID == id }
        let others = tags.filter { $0.id != id && $0.kind == .manual && tag.kind == .manual }
        let model = TagModel(
            id: String(id), name: tag.name, colour: tag.colour.rawValue,
            kind: request.text("tag.kind_\(tag.kind.rawValue)"),
            description: tag.description.isEmpty ? nil : tag.description, words: tag.criteriaTree?.words(phrases),
            isExclusive: tag.isExclusive, isManual: tag.kind == .manual, isBuilding: tag.isBuilding,
            figures: figures(tag, size, request),
            children: children.map { TagModel.Link(href: "/tags/\($0.id)", name: $0.name, colour: $0.colour.rawValue) },
            hasChildren: !children.isEmpty,
            uses: uses.map { use in
                TagModel.Link(
                    href: use.kind == "tag" ? "/tags/\(use.id)" : "/segments/\(use.id)", name: use.name, colour: "")
            }, hasUses: !uses.isEmpty, segments: segments.map { Choice(String($0.id), $0.name, chosen: "") },
            hasSegments: !segments.isEmpty,
            others: others.map { Choice(String($0.id), tree.path(of: $0.id), chosen: "") }, hasOthers: !others.isEmpty,
            mayManage: request.user.role.may(.manageSegments), problem: problem)
        var crumbs = [Crumb(request.text("tag.title"), "/tags")]
        for above in tree.ancestry(id).dropLast() {
            if let node = tree.nodes[above] { crumbs.append(Crumb(node.name, "/tags/\(above)")) }
        }
        return .page(
            Page(
                "tags/one", title: tag.name, crumbs: crumbs, model: model, status: problem == nil ? .ok : .conflict))
    }

    private static func figures(_ tag: Tag, _ size: Int64, _ request: PageRequest) -> [FigureModel] {
        [
            FigureModel(request.text("tag.people"), request.wording.number(size), href: "/people?tag=\(tag.id)"),
            FigureModel(
                request.text("tag.updated"),
                request.wording.shortDate(Timestamp(milliseconds: tag.updatedMS), now: request.now)),
        ]
    }

    /// The figures alone, for a page that waits for its rule; with them the people, once all are there.
    static func standing(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("tag")
        let (tag, size) = try await found {
            try await request.platform.store.read { connection in
                let ids = try TagTree.load(connection).below(id)
                return (try Tags.get(id, connection), try Tags.count(anyOf: ids, connection))
            }
        }
        return .panel(
            template: "tags/standing",
            model: TagStandingModel(
                id: String(id), isBuilding: tag.isBuilding, isFilled: !tag.isBuilding,
                figures: figures(tag, size, request)))
    }

    static func people(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("tag")
        let after = request.query.int("after") ?? 0
        let (holders, people) = try await request.platform.store.read { connection in
            let ids = try TagTree.load(connection).below(id)
            let holders = try Tags.holders(anyOf: ids, after: after, limit: rows + 1, connection)
            return (holders, try PeopleByID.load(holders.prefix(rows).map(\.profileID), connection))
        }
        let since = Dictionary(holders.map { ($0.profileID, $0.sinceMS) }) { first, _ in first }
        let model = TagPeopleModel(
            rows: people.map { person in
                let name = PersonName(person, request.wording)
                return TagPeopleModel.Row(
                    href: "/people/\(person.id)", name: name.text, initial: name.initial,
                    since: request.wording.shortDate(
                        Timestamp(milliseconds: since[person.id] ?? 0), now: request.now))
            }, isEmpty: holders.isEmpty, isFirst: after == 0,
            next: holders.count > rows ? people.last.map { "/tags/\(id)/people?after=\($0.id)" } : nil)
        return .panel(template: "tags/people", model: model)
    }

    static func delete(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("tag")
        return try await change(request, "delete", to: "/tags", notice: "tag.deleted") { effects, connection in
            try Tags.delete(id, effects: effects, connection)
        }
    }

    static func merge(_ request: PageRequest) async throws -> Reply {
        let (id, other) = (try request.id("tag"), request.form.int("into") ?? 0)
        return try await change(request, "merge", to: "/tags/\(other)", notice: "tag.merged") { effects, connection in
            _ = try Tags.merge(id, into: other, effects: effects, connection)
        }
    }

    /// Gives everybody in a segment the tag, or takes it from them, in the background.
    static func bulk(_ request: PageRequest) async throws -> Reply {
        let (id, form, actor) = (try request.id("tag"), request.form, request.actor)
        return try await change(request, "bulk", to: "/tags/\(id)", notice: "tag.bulk_started") { effects, connection in
            try TagBulk.enqueue(
                tag: id, segment: form.int("segment") ?? 0, isTaking: form.text("verb") == "take", by: actor,
                effects: effects, connection)
        }
    }

    private static func change(
        _ request: PageRequest, _ verb: String, to path: String, notice: String,
        _ body: @escaping @Sendable (Effects, any SQLConnection) throws -> Void
    ) async throws -> Reply {
        let (id, effects, actor, now) = (
            try request.id("tag"), request.platform.effects, request.actor, request.now
        )
        do {
            try await request.platform.store.write { connection in
                let tag = try Tags.get(id, connection)
                try body(effects, connection)
                try AuditLog.append(
                    actor: actor, action: "tag.\(verb)", subject: "tag:\(id)", detail: tag.name, connection, at: now)
            }
        } catch TagError.notFound {
            throw PageFailure.notFound
        } catch let error as TagError {
            return try await answer(request, problem: TagWords.say(error, request))
        } catch is SegmentError {
            throw PageFailure.notFound
        }
        return .redirect(to: path, notice: notice)
    }

    static func found<T>(_ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch TagError.notFound { throw PageFailure.notFound }
    }
}

/// What is wrong with a tag, in words.
enum TagWords {
    static func say(_ error: TagError, _ request: PageRequest) -> String {
        switch error {
        case .nameMissing: request.text("tag.name_missing")
        case .nameHasStroke: request.text("tag.name_stroke")
        case .nameTooLong: request.text("tag.name_too_long")
        case .nameTaken: request.text("tag.name_taken")
        case .parentIsBelow, .parentNotFound: request.text("tag.parent_wrong")
        case .tooDeep(let limit): request.text("tag.too_deep", ["limit": String(limit)])
        case .invalid: request.text("segment.invalid")
        case .mixedGroup: request.text("tag.mixed")
        case .circle: request.text("tag.circle")
        case .hasChildren: request.text("tag.has_children")
        case .usedBy(let uses): SegmentPage.inUse(uses, request)
        case .wrongKind(.rule): request.text("tag.rule_keeps")
        case .wrongKind, .notFound, .mergeIntoItself: request.text("tag.not_possible")
        case .tooMany, .tooManyPeople: request.text("tag.too_many")
        }
    }

    static func cause(_ cause: TagCause, _ tree: TagTree, _ request: PageRequest) -> String {
        let detail: String
        switch cause.kind {
        case .exclusive, .tagsMerged: detail = Int64(cause.detail).flatMap { tree.name(of: $0) } ?? cause.detail
        default: detail = cause.detail
        }
        return request.text("tag.cause_\(cause.kind.rawValue)", ["detail": detail])
    }
}
