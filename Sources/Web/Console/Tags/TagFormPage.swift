import Engine
import Storage

/// A tag being written: a name, its place, a colour, and of a rule the sentences of the segment builder.
struct TagFormModel: PageModel {
    struct Colour: Encodable, Sendable {
        var value: String
        var title: String
        var checked: String?
    }

    var action: String
    var name: String
    var description: String
    var parents: [Choice]
    var colours: [Colour]
    var kinds: [Choice]
    var rank: String
    var exclusive: String?
    var isNew: Bool
    var hasCriteria: Bool
    var criteria: String
    var offer: String
    var problem: String?
    var problems: [String]
    var back: String
    /// What was shown, to tell people who edit the same thing.
    var revision: String
}

enum TagFormPage {
    private static let everybody = #"{"version":1,"where":{"kind":"all","of":[]}}"#

    static func new(_ request: PageRequest) async throws -> Reply {
        var asked = TagDraft(name: "", criteria: everybody)
        asked.parentID = request.query.int("parent") ?? 0
        return try await answer(request, asked, of: nil)
    }

    static func edit(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("tag")
        let tag = try await TagsPage.found {
            try await request.platform.store.read { try Tags.get(id, $0) }
        }
        return try await answer(request, draft(of: tag), of: id, version: tag.updatedMS)
    }

    private static func draft(of tag: Tag) -> TagDraft {
        TagDraft(
            name: tag.name, description: tag.description, parentID: tag.parentID, colour: tag.colour, kind: tag.kind,
            criteria: tag.criteria, isExclusive: tag.isExclusive, rank: tag.rank)
    }

    private static func draft(_ form: Fields) -> TagDraft {
        TagDraft(
            name: form.text("name"), description: form.text("description"), parentID: form.int("parent") ?? 0,
            colour: TagColour(rawValue: form.text("colour")) ?? .grey,
            kind: TagKind(rawValue: form.text("kind")) ?? .manual, criteria: form.text("criteria"),
            isExclusive: form.text("exclusive") == "1", rank: form.int("rank").map { min(max($0, 0), 1_000_000) })
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let (asked, effects, actor) = (draft(request.form), request.platform.effects, request.actor)
        return try await save(request, asked, of: nil) { connection in
            try refuseEverybody(asked)
            let tag = try Tags.create(asked, effects: effects, connection)
            try AuditLog.append(
                actor: actor, action: "tag.create", subject: "tag:\(tag.id)", detail: tag.name, connection,
                at: effects.now())
            return tag.id
        }
    }

    static func update(_ request: PageRequest) async throws -> Reply {
        let (id, effects, actor) = (try request.id("tag"), request.platform.effects, request.actor)
        let asked = draft(request.form)
        let seen = request.form.int("revision")
        return try await save(request, asked, of: id) { connection in
            var asked = asked
            let before = try Tags.get(id, connection)
            guard seen == nil || seen == before.updatedMS else { throw TagEditedMeanwhile() }
            asked.kind = before.kind
            try refuseEverybody(asked)
            let tag = try Tags.update(id, asked, effects: effects, connection)
            try AuditLog.append(
                actor: actor, action: "tag.update", subject: "tag:\(id)", detail: tag.name, connection,
                at: effects.now())
            return id
        }
    }

    /// Somebody else saved the tag since the form was shown.
    private struct TagEditedMeanwhile: Error {}

    /// A rule without a condition, as the builder begins: hardly anybody means to tag everybody.
    private struct RuleOfEverybody: Error {}

    private static func refuseEverybody(_ asked: TagDraft) throws {
        guard asked.kind == .rule else { return }
        let criteria: Criteria
        // What cannot be read is told node by node when it is saved.
        do { criteria = try Criteria(parsing: asked.criteria) } catch { return }
        if case .all(let nodes) = criteria.root, nodes.isEmpty { throw RuleOfEverybody() }
    }

    private static func save(
        _ request: PageRequest, _ asked: TagDraft, of id: Int64?,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Int64
    ) async throws -> Reply {
        do {
            let id = try await request.platform.store.write(body)
            return .redirect(to: "/tags/\(id)", notice: "tag.saved")
        } catch TagError.notFound {
            throw PageFailure.notFound
        } catch is TagEditedMeanwhile {
            return try await answer(request, asked, of: id, problem: request.text("tag.edited_meanwhile"))
        } catch is RuleOfEverybody {
            return try await answer(request, asked, of: id, problem: request.text("tag.rule_of_everybody"))
        } catch TagError.invalid(let error) {
            let place = FormPlace(asked.criteria, request.wording, isAllConditions: true)
            return try await answer(
                request, asked, of: id, problem: request.text("segment.invalid"), problems: place.lines(error))
        } catch let error as TagError {
            return try await answer(request, asked, of: id, problem: TagWords.say(error, request))
        } catch SegmentError.tooManyFeatures {
            return try await answer(request, asked, of: id, problem: request.text("segment.too_many_behaviours"))
        }
    }

    private static func answer(
        _ request: PageRequest, _ asked: TagDraft, of id: Int64?, version: Int64? = nil, problem: String? = nil,
        problems: [String] = []
    ) async throws -> Reply {
        let (world, tags, stored) = try await request.platform.store.read { connection in
            (
                try CriteriaWorld.load(connection), try Tags.list(connection),
                try id.map { try Tags.get($0, connection) }
            )
        }
        let below = Set(id.map(world.tags.below) ?? [])
        let chosen = String(asked.parentID)
        let kind = stored?.kind ?? asked.kind
        let model = TagFormModel(
            action: id.map { "/tags/\($0)" } ?? "/tags", name: asked.name, description: asked.description,
            parents: [Choice("0", request.text("tag.first_level"), chosen: chosen)]
                + tags.filter { !below.contains($0.tag.id) && $0.level < Tags.depth - 1 }.map { tag, _ in
                    Choice(String(tag.id), world.tags.path(of: tag.id), chosen: chosen)
                },
            colours: TagColour.allCases.map {
                TagFormModel.Colour(
                    value: $0.rawValue, title: request.text("tag.colour_\($0.rawValue)"),
                    checked: $0 == asked.colour ? "checked" : nil)
            },
            kinds: TagKind.allCases.map {
                Choice($0.rawValue, request.text("tag.kind_\($0.rawValue)"), chosen: asked.kind.rawValue)
            },
            rank: asked.rank.map { String($0) } ?? "", exclusive: asked.isExclusive ? "checked" : nil,
            isNew: id == nil, hasCriteria: id == nil || kind == .rule,
            criteria: asked.criteria.isEmpty ? everybody : asked.criteria,
            offer: SegmentOffer.text(world, segment: id, request), problem: problem, problems: problems,
            back: id.map { "/tags/\($0)" } ?? "/tags",
            revision: problem == nil ? version.map { String($0) } ?? "" : stored.map { String($0.updatedMS) } ?? "")
        var crumbs = [Crumb(request.text("tag.title"), "/tags")]
        if let id, let stored { crumbs.append(Crumb(stored.name, "/tags/\(id)")) }
        return .page(
            Page(
                "tags/form", title: request.text(id == nil ? "tag.new" : "tag.edit"), crumbs: crumbs, model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}
