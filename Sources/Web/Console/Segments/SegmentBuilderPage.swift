import Engine
import Storage

/// A segment being written: sentences of parts, a live count beside them.
struct SegmentBuilderModel: PageModel {
    var action: String
    var name: String
    var description: String
    var kinds: [Choice]
    var isNew: Bool
    var hasCriteria: Bool
    /// The definition as JSON, for the field that is posted.
    var criteria: String
    /// What the builder may offer, as JSON for a script element.
    var offer: String
    var cap: String
    var parts: String
    var part: String
    var problem: String?
    var problems: [String]
    var back: String
    /// Of what is edited; empty for a new one.
    var revision: String
}

enum SegmentBuilderPage {
    private static let everybody = #"{"version":1,"where":{"kind":"all","of":[]}}"#

    /// The builder with a definition in it, not yet saved: its people are counted and some of them shown.
    static func href(of node: JSONValue) -> String {
        "/segments/new?criteria=" + Fields.encoded(JSONValue.object(["version": 1, "where": node]).text())
    }

    static func new(_ request: PageRequest) async throws -> Reply {
        try await answer(request, Draft(criteria: request.query["criteria"] ?? everybody))
    }

    static func edit(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("segment")
        let segment = try await SegmentPage.found {
            try await request.platform.store.read { try Segments.get(id, $0) }
        }
        return try await answer(
            request,
            Draft(
                id: id, name: segment.name, description: segment.description, kind: segment.kind,
                criteria: segment.criteria, revision: try segment.revision.text))
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let (draft, effects, actor) = (Draft(request.form), request.platform.effects, request.actor)
        return try await save(request, draft) { connection in
            let segment = try Segments.create(draft.asked, effects: effects, connection)
            try AuditLog.append(
                actor: actor, action: "segment.create", subject: "segment:\(segment.id)", detail: segment.name,
                connection, at: effects.now())
            return segment.id
        }
    }

    static func update(_ request: PageRequest) async throws -> Reply {
        let (id, effects, actor) = (try request.id("segment"), request.platform.effects, request.actor)
        var draft = Draft(request.form)
        draft.id = id
        let asked = draft
        return try await save(request, draft) { connection in
            var asked = asked
            let current = try Segments.get(id, connection)
            try Revision.check(asked.revision, against: current.standing)
            asked.kind = current.kind
            let segment = try Segments.update(id, asked.asked, effects: effects, connection)
            try AuditLog.append(
                actor: actor, action: "segment.update", subject: "segment:\(id)", detail: segment.name, connection,
                at: effects.now())
            return id
        }
    }

    /// What a definition comes to: people, some of them, the words, and what is wrong where.
    static func preview(_ request: PageRequest) async throws -> Reply {
        let text = request.form.text("criteria")
        let language = CriteriaLanguage(request.wording.language)
        let world = try await request.platform.store.read { try CriteriaWorld.load($0) }
        let phrases = CriteriaPhrases(language, world)
        do {
            let criteria = try Criteria(parsing: text)
            let issues = criteria.issues(world, segment: request.form.int("segment"))
            guard issues.isEmpty else { throw CriteriaError(issues: issues) }
            let preview =
                request.form.text("exact") == "1"
                ? try await SegmentPreview.exact(text, request.platform)
                : try await SegmentPreview.estimate(text, request.platform)
            let people = try await request.platform.store.read { try PeopleByID.load(preview.sample, $0) }
            let share = preview.everybody > 0 ? Double(preview.people) / Double(preview.everybody) : 0
            return .json(
                JSONValue.object([
                    "people": .string(
                        (preview.isEstimate ? "≈ " : "") + request.wording.number(preview.people)),
                    "share": .string(request.wording.percent(share)), "estimate": .bool(preview.isEstimate),
                    "words": .string(criteria.words(phrases)),
                    "warnings": told(criteria.warnings(world, phrases), language),
                    "sample": .array(
                        people.map { person in
                            [
                                "name": .string(PersonName(person, request.wording).text),
                                "href": .string("/people/\(person.id)"),
                            ]
                        }),
                ]).text())
        } catch let error as CriteriaError {
            return .json(JSONValue.object(["issues": told(error.issues, language)]).text())
        } catch StorageError.timedOut(let seconds) {
            let problem = request.text("segment.count_too_slow", ["seconds": String(Int(seconds))])
            return .json(JSONValue.object(["problem": .string(problem)]).text())
        } catch is StorageError {
            return .json(JSONValue.object(["problem": .string(request.text("segment.no_count"))]).text())
        }
    }

    private static func told(_ issues: [CriteriaIssue], _ language: CriteriaLanguage) -> JSONValue {
        .array(issues.map { ["path": .string($0.path), "text": .string($0.asking(language))] })
    }

    private struct Draft: Sendable {
        var id: Int64?
        var name = ""
        var description = ""
        var kind = SegmentKind.dynamic
        var criteria = ""
        var cap: Int64 = 0
        var parts: Int64 = 1
        var part: Int64 = 1
        var revision = ""

        init(
            id: Int64? = nil, name: String = "", description: String = "", kind: SegmentKind = .dynamic,
            criteria: String, revision: String = ""
        ) {
            (self.id, self.name, self.description, self.kind) = (id, name, description, kind)
            (self.criteria, self.revision) = (criteria, revision)
        }

        init(_ form: Fields) {
            name = form.text("name")
            description = form.text("description")
            kind = SegmentKind(rawValue: form.text("kind")) ?? .dynamic
            criteria = form.text("criteria")
            revision = form.text("revision")
            cap = max(form.int("cap") ?? 0, 0)
            parts = min(max(form.int("parts") ?? 1, 1), SegmentCut.partsLimit)
            part = min(max(form.int("part") ?? 1, 1), parts)
        }

        var asked: SegmentDraft {
            SegmentDraft(
                name: name, description: description, kind: kind, criteria: kind == .list ? "" : criteria,
                cut: SegmentCut(cap: cap, parts: parts, part: part - 1, seed: parts > 1 ? "split" : ""))
        }
    }

    private static func save(
        _ request: PageRequest, _ draft: Draft,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Int64
    ) async throws -> Reply {
        do {
            let id = try await request.platform.store.write(body)
            return .redirect(to: "/segments/\(id)", notice: "segment.saved")
        } catch let conflict as EditConflict {
            return try await disagreement(request, draft, conflict)
        } catch SegmentError.notFound {
            throw PageFailure.notFound
        } catch SegmentError.invalid(let error) {
            let place = FormPlace(draft.criteria, request.wording, isAllConditions: true)
            return try await answer(
                request, draft, problem: request.text("segment.invalid"), problems: place.lines(error))
        } catch let error as SegmentError {
            return try await answer(request, draft, problem: say(error, request))
        }
    }

    /// Somebody else changed it meanwhile: both versions in words.
    private static func disagreement(
        _ request: PageRequest, _ mine: Draft, _ conflict: EditConflict
    ) async throws -> Reply {
        let id = try request.id("segment")
        let (theirs, world) = try await request.platform.store.read {
            (try Segments.get(id, $0), try CriteriaWorld.load($0))
        }
        let phrases = CriteriaPhrases(CriteriaLanguage(request.wording.language), world)
        func words(_ criteria: String) -> String {
            do { return try Criteria(parsing: criteria).words(phrases) } catch { return criteria }
        }
        return EditConflictPage.answer(
            request, conflict,
            rows: [
                (request.text("segment.name"), mine.name, theirs.name),
                (request.text("segment.description"), mine.description, theirs.description),
                (request.text("segment.who"), words(mine.criteria), words(theirs.criteria)),
            ], back: "/segments/\(id)/edit")
    }

    private static func say(_ error: SegmentError, _ request: PageRequest) -> String {
        switch error {
        case .nameMissing: request.text("segment.name_missing")
        case .nameTooLong: request.text("segment.name_too_long")
        case .nameTaken: request.text("segment.name_taken")
        case .tooManyFeatures: request.text("segment.too_many_behaviours")
        default: request.text("segment.too_many")
        }
    }

    private static func answer(
        _ request: PageRequest, _ draft: Draft, problem: String? = nil, problems: [String] = []
    ) async throws -> Reply {
        let world = try await request.platform.store.read { try CriteriaWorld.load($0) }
        let model = SegmentBuilderModel(
            action: draft.id.map { "/segments/\($0)" } ?? "/segments", name: draft.name,
            description: draft.description,
            kinds: SegmentKind.allCases.map {
                Choice($0.rawValue, request.text("segment.kind_\($0.rawValue)"), chosen: draft.kind.rawValue)
            },
            isNew: draft.id == nil, hasCriteria: draft.id == nil || draft.kind == .dynamic, criteria: draft.criteria,
            offer: SegmentOffer.text(world, segment: draft.id, request), cap: draft.cap > 0 ? String(draft.cap) : "",
            parts: String(draft.parts), part: String(draft.part), problem: problem, problems: problems,
            back: draft.id.map { "/segments/\($0)" } ?? "/segments", revision: draft.revision)
        var crumbs = [Crumb(request.text("segment.title"), "/segments")]
        if let id = draft.id { crumbs.append(Crumb(draft.name, "/segments/\(id)")) }
        return .page(
            Page(
                "segments/builder", title: request.text(draft.id == nil ? "segment.new" : "segment.edit"),
                crumbs: crumbs, model: model, status: problem == nil ? .ok : .unprocessableContent))
    }
}

/// What the builder may offer: kinds of conditions with their parts, names of the workspace, and its words.
enum SegmentOffer {
    /// `more`: what other editors offer besides.
    static func text(
        _ world: CriteriaWorld, segment: Int64?, _ request: PageRequest, more: [String: JSONValue] = [:]
    ) -> String {
        let language = CriteriaLanguage(request.wording.language)
        let kinds = CriteriaCatalog.all.map { kind($0.kind, $0.form, language) }
        func named(_ names: [Int64: String]) -> JSONValue {
            .array(
                names.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map {
                    ["value": .string(String($0.key)), "title": .string($0.value)]
                })
        }
        var segments = world.segments.mapValues(\.name)
        var tags = world.tags.names
        if let segment {
            segments[segment] = nil
            tags[segment] = nil
        }
        let offer: [String: JSONValue] = [
            "kinds": .array(kinds), "traits": .array(world.traits.keys.sorted().map(JSONValue.string)),
            "events": .array(world.events.sorted().map(JSONValue.string)), "sources": named(world.sources),
            "segments": named(segments), "tags": named(tags),
            "tiers": .array(
                world.tierOrder.map { code in
                    let names = world.tiers[code] ?? [:]
                    return [
                        "value": .string(code),
                        "title": .string(names[language.rawValue] ?? names.min { $0.key < $1.key }?.value ?? code),
                    ]
                }),
            "currencies": .array(
                world.currencyOrder.map { code in
                    let names = world.currencies[code] ?? [:]
                    return [
                        "value": .string(code),
                        "title": .string(names[language.rawValue] ?? names.min { $0.key < $1.key }?.value ?? code),
                    ]
                }), "coupons": named(world.coupons),
            "models": named(world.scores.mapValues(\.name)), "segment": .string(segment.map { String($0) } ?? ""),
            "words": words(request),
        ]
        return JSONValue.object(offer.merging(more) { $1 }).scriptText
    }

    /// One kind of condition or rule, with its blanks.
    static func kind(_ word: String, _ form: CriteriaForm, _ language: CriteriaLanguage) -> JSONValue {
        func say(_ chinese: String, _ english: String) -> JSONValue {
            .string(language == .chinese ? chinese : english)
        }
        return [
            "kind": .string(word), "group": .string(form.group), "title": say(form.chinese, form.english),
            "parts": .array(
                form.parts.map { part in
                    [
                        "field": .string(part.field), "input": .string(part.input),
                        "label": say(part.chinese, part.english),
                        "choices": .array(
                            part.choices.map {
                                ["value": .string($0.value), "title": say($0.chinese, $0.english)]
                            }),
                    ]
                }),
        ]
    }

    private static let said: [String] =
        [
            "all", "any", "not", "remove", "add_condition", "add_group", "add_value", "add_step", "add_line",
            "add_filter",
            "equals", "contains", "starts_with", "at_least", "at_most", "more_than", "less_than", "exactly", "between",
            "set", "true", "false", "on", "before", "after", "between_dates", "in_last_days", "more_than_days_ago",
            "in_next_days", "anniversary_in_days", "and", "or", "to", "days", "hours", "minutes", "times", "ever",
            "last_days", "since", "count", "sum", "average", "min", "max", "distinct", "first", "last", "where",
            "property", "then", "did", "did_not", "within", "event", "value", "product", "sku", "name", "category",
            "brand",
            "group_profile", "group_standing", "group_orders", "group_behaviour", "everybody", "negate", "weekdays",
            "hour_from", "hour_list", "any_time", "unfinished", "counting", "people", "nobody", "trait", "any_coupon",
            "next_days",
        ] + (1...7).map { "weekday_\($0)" }

    private static func words(_ request: PageRequest) -> JSONValue {
        .object(
            Dictionary(uniqueKeysWithValues: said.map { ($0, JSONValue.string(request.text("builder.\($0)"))) }))
    }
}
