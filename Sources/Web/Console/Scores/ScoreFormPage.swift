import Engine
import Storage

/// A model being written: rules as sentences, what they share, and the JSON underneath, which stays the truth.
struct ScoreFormModel: PageModel {
    var action: String
    var name: String
    var description: String
    var definition: String
    /// What the editor may offer, as JSON for a script element.
    var offer: String
    var problem: String?
    var problems: [String]
    var back: String
    var revision: String
}

enum ScoreFormPage {
    /// A purchase outweighs a cart, a cart a favourite, a favourite a view.
    private static let usual = """
        {"version":1,"half_life_days":30,
         "groups":[{"name":"browsing","cap_per_day":10}],
         "grades":{"a":80,"b":50,"c":20},
         "thresholds":[{"name":"hot","at":80}],
         "rules":[
          {"id":"order","kind":"order","points":30},
          {"id":"cart","kind":"event","points":5,"group":"browsing","event":{"names":["Product Added"]}},
          {"id":"favourite","kind":"event","points":3,"group":"browsing","event":{"names":["Product Added to Wishlist"]}},
          {"id":"view","kind":"event","points":1,"group":"browsing","event":{"names":["Product Viewed"]}}]}
        """

    private struct Asked: Sendable {
        var name = ""
        var description = ""
        var definition = usual

        var draft: ScoreDraft { ScoreDraft(name: name, description: description, definition: definition) }
    }

    static func new(_ request: PageRequest) async throws -> Reply { try await answer(request, Asked(), of: nil) }

    static func edit(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("score")
        let model = try await ScoresPage.found {
            try await request.platform.store.read { try ScoreModels.get(id, $0) }
        }
        return try await answer(
            request, Asked(name: model.name, description: model.description, definition: model.definition), of: id)
    }

    private static func asked(_ form: Fields) -> Asked {
        Asked(name: form.text("name"), description: form.text("description"), definition: form.text("definition"))
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let (asked, effects, actor) = (asked(request.form), request.platform.effects, request.actor)
        return try await save(request, asked, of: nil) { connection in
            let model = try ScoreModels.create(asked.draft, effects: effects, connection)
            try AuditLog.append(
                actor: actor, action: "score.create", subject: "score:\(model.id)", detail: model.name, connection,
                at: effects.now())
            return model.id
        }
    }

    static func update(_ request: PageRequest) async throws -> Reply {
        let (id, effects, actor) = (try request.id("score"), request.platform.effects, request.actor)
        let (asked, seen) = (asked(request.form), request.form.int("revision"))
        return try await save(request, asked, of: id) { connection in
            guard try seen == nil || seen == ScoreModels.get(id, connection).updatedMS else {
                throw ScoreEditedMeanwhile()
            }
            let model = try ScoreModels.update(id, asked.draft, effects: effects, connection)
            try AuditLog.append(
                actor: actor, action: "score.update", subject: "score:\(id)", detail: model.name, connection,
                at: effects.now())
            return id
        }
    }

    /// Somebody else saved the model since the form was shown.
    private struct ScoreEditedMeanwhile: Error {}

    private static func save(
        _ request: PageRequest, _ asked: Asked, of id: Int64?,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Int64
    ) async throws -> Reply {
        func again(_ problem: String, _ problems: [String] = []) async throws -> Reply {
            try await answer(request, asked, of: id, problem: request.text(problem), problems: problems)
        }
        do {
            return .redirect(to: "/scores/\(try await request.platform.store.write(body))", notice: "score.saved")
        } catch is ScoreEditedMeanwhile {
            return try await again("tag.edited_meanwhile")
        } catch SegmentError.tooManyFeatures {
            return try await again("segment.too_many_behaviours")
        } catch let error as ScoreError {
            switch error {
            case .notFound: throw PageFailure.notFound
            case .invalid(let error):
                return try await again(
                    "score.invalid", FormPlace(asked.definition, request.wording).lines(error))
            case .nameMissing: return try await again("score.name_missing")
            case .nameTooLong: return try await again("tag.name_too_long")
            case .nameTaken: return try await again("score.name_taken")
            case .tooMany, .usedBy: return try await again("score.too_many")
            }
        }
    }

    private static func answer(
        _ request: PageRequest, _ asked: Asked, of id: Int64?, problem: String? = nil, problems: [String] = []
    ) async throws -> Reply {
        let (world, stored) = try await request.platform.store.read { connection in
            (try CriteriaWorld.load(connection), try id.map { try ScoreModels.get($0, connection) })
        }
        let model = ScoreFormModel(
            action: id.map { "/scores/\($0)" } ?? "/scores", name: asked.name, description: asked.description,
            definition: asked.definition, offer: ScoreOffer.text(world, request), problem: problem,
            problems: problems, back: id.map { "/scores/\($0)" } ?? "/scores",
            revision: stored.map { String($0.updatedMS) } ?? "")
        var crumbs = [Crumb(request.text("score.title"), "/scores")]
        if let id, let stored { crumbs.append(Crumb(stored.name, "/scores/\(id)")) }
        return .page(
            Page(
                "scores/form", title: request.text(id == nil ? "score.new" : "score.edit"), crumbs: crumbs,
                model: model, status: problem == nil ? .ok : .unprocessableContent))
    }
}

/// What the editor may offer: kinds of rules with their parts, and all that the segment builder has, for conditions.
enum ScoreOffer {
    private static let said = [
        "rule", "points", "dimension", "dimension_fit", "dimension_engagement", "group", "no_group", "cap_per_day",
        "cap",
        "add_rule", "add_group", "add_threshold", "half_life", "half_life_hint", "grades", "thresholds", "groups",
        "rules", "rule_name", "threshold_name", "group_name", "at",
    ]

    static func text(_ world: CriteriaWorld, _ request: PageRequest) -> String {
        let language = CriteriaLanguage(request.wording.language)
        let rules = ScoreRuleCatalog.all.map { SegmentOffer.kind($0.kind, $0.form, language) }
        let words = Dictionary(
            uniqueKeysWithValues: said.map { ($0, JSONValue.string(request.text("score.edit_\($0)"))) })
        return SegmentOffer.text(
            world, segment: nil, request, more: ["rules": .array(rules), "score_words": .object(words)])
    }
}
