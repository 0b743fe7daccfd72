import Engine
import Storage

/// The tags of one person, on their page: chips, giving and taking, and the history with its causes.
struct PersonTagsModel: PageModel {
    struct Chip: Encodable, Sendable {
        var id: String
        var href: String
        var path: String
        var colour: String
        var since: String
        /// Whether it can be taken by hand.
        var take: String?
    }

    struct Line: Encodable, Sendable {
        var text: String
        var colour: String
        var time: String
        var cause: String
    }

    var person: String
    var chips: [Chip]
    var isEmpty: Bool
    var offered: [Choice]
    var mayGive: Bool
    var lines: [Line]
    var hasLines: Bool
}

/// Selected people on the way to a tag.
struct TagGiveModel: PageModel {
    var ids: [String]
    var lead: String
    var tags: [Choice]
    var hasTags: Bool
}

enum PersonTags {
    private static let historyLines = 30

    static func panel(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        let (held, tags, world, changes) = try await request.platform.store.read { connection in
            (
                try Tags.of(id, connection), try Tags.list(connection).map(\.tag), try CriteriaWorld.load(connection),
                try Tags.changes(of: id, limit: historyLines, connection)
            )
        }
        let mayManage = request.user.role.may(.manageSegments)
        let own = Set(held.map(\.tag.id))
        let offered = tags.filter { $0.kind == .manual && !own.contains($0.id) }
        func day(_ milliseconds: Int64) -> String {
            request.wording.shortDate(Timestamp(milliseconds: milliseconds), now: request.now)
        }
        return .panel(
            template: "tags/person",
            model: PersonTagsModel(
                person: String(id),
                chips: held.map { entry in
                    PersonTagsModel.Chip(
                        id: String(entry.tag.id), href: "/tags/\(entry.tag.id)", path: entry.path,
                        colour: entry.tag.colour.rawValue,
                        since: request.text("tag.since", ["day": day(entry.sinceMS)]),
                        take: mayManage && entry.tag.kind == .manual
                            ? request.text("tag.take_from", ["name": entry.tag.name]) : nil)
                }, isEmpty: held.isEmpty,
                offered: offered.map { Choice(String($0.id), world.tags.path(of: $0.id), chosen: "") },
                mayGive: mayManage && !offered.isEmpty,
                lines: changes.map { change in
                    PersonTagsModel.Line(
                        text: request.text(
                            change.isGiven ? "tag.was_given" : "tag.was_taken", ["name": change.name]),
                        colour: change.colour.rawValue, time: day(change.atMS),
                        cause: TagWords.cause(change.cause, world.tags, request))
                }, hasLines: !changes.isEmpty))
    }

    static func change(_ request: PageRequest) async throws -> Reply {
        let (person, form) = (try request.id("person"), request.form)
        try await move([person], form.int("tag") ?? 0, isTaking: form.text("verb") == "take", .hand, request)
        return .redirect(to: "/people/\(person)", notice: "tag.changed")
    }

    /// Selected people: asks for the tag first, then gives or takes it.
    static func selected(_ request: PageRequest) async throws -> Reply {
        let form = request.form
        let ids = form.all("id").compactMap { Int64($0) }
        guard !ids.isEmpty else { return .redirect(to: "/people") }
        if let tag = form.int("tag") {
            try await move(ids, tag, isTaking: form.text("verb") == "take", .bulk, request)
            return .redirect(to: "/people?tag=\(tag)", notice: "tag.changed")
        }
        let (tags, tree) = try await request.platform.store.read {
            (try Tags.list($0).map(\.tag).filter { $0.kind == .manual }, try TagTree.load($0))
        }
        let model = TagGiveModel(
            ids: ids.map { String($0) }, lead: request.text("tag.give_lead", count: Int64(ids.count)),
            tags: tags.map { Choice(String($0.id), tree.path(of: $0.id), chosen: "") }, hasTags: !tags.isEmpty)
        return .page(
            Page(
                "tags/give", title: request.text("tag.give_title"),
                crumbs: [Crumb(request.text("people.title"), "/people")],
                model: model))
    }

    private static func move(
        _ ids: [Int64], _ tag: Int64, isTaking: Bool, _ kind: TagCause.Kind, _ request: PageRequest
    ) async throws {
        let (effects, actor) = (request.platform.effects, request.actor)
        let cause = TagCause(kind, request.user.name)
        do {
            try await request.platform.store.write { connection in
                let found = try Tags.get(tag, connection)
                _ =
                    isTaking
                    ? try Tags.take(tag, from: ids, cause, effects: effects, connection)
                    : try Tags.give(tag, to: ids, cause, effects: effects, connection)
                try AuditLog.append(
                    actor: actor, action: isTaking ? "tag.take" : "tag.give", subject: "tag:\(tag)",
                    detail: "\(found.name): \(ids.count)", connection, at: effects.now())
            }
        } catch is TagError {
            throw PageFailure.notFound
        }
    }
}
