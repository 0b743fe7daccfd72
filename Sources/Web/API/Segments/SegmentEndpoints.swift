import Engine
import Storage

/// Segments: definitions, people, explanations, and what a definition would come to before it is saved.
enum SegmentEndpoints {
    private static let tag = "Segments"
    private static let kinds = SegmentKind.allCases.map(\.rawValue)
    private static let criteria = APISchema.object(
        [
            .optional("version", .integer(1...1)),
            APIField("where", .object([], isOpen: true), "A tree of conditions; see docs/criteria.md."),
        ])

    private static let segment = APISchema.named(
        "Segment",
        .object([
            APIField("id", .id), APIField("name", .string()), APIField("description", .string()),
            APIField("kind", .words(kinds)), APIField("criteria", .nullable(criteria)),
            APIField("words", .string(), "The definition in the workspace's language."),
            APIField("version", .integer()), APIField("building", .boolean, "It is being filled."),
            APIField("size", .integer(), "As last counted."), APIField("created_at", .timestamp),
            APIField("updated_at", .timestamp), APIField("swept_at", .nullable(.timestamp)),
            APIField("revision", .string(), "Of name, description and definition, for `If-Match`."),
        ]))

    private static let draft = APISchema.object([
        APIField("name", .string(min: 1, max: 80)), .optional("description", .string(max: 500)),
        .optional("kind", .words(kinds), "dynamic unless told."),
        .optional("criteria", criteria, "Not of a static segment."),
        .optional("cap", .integer(0...2_000_000), "Snapshots: people at the most."),
        .optional("parts", .integer(1...SegmentCut.partsLimit), "Snapshots: in how many equal draws."),
        .optional("part", .integer(0...(SegmentCut.partsLimit - 1)), "Which of them, from 0."),
        .optional("seed", .string(max: 100), "Draws with the same seed do not overlap."),
    ])
    private static let use = APISchema.object([
        APIField("kind", .string()), APIField("id", .string()), APIField("name", .string()),
    ])
    private static let preview = APISchema.object([
        APIField("people", .integer()), APIField("everybody", .integer()), APIField("is_estimate", .boolean),
        APIField("sample", .array(.id)), APIField("words", .string()),
        APIField(
            "warnings",
            .array(
                .object([APIField("place", .string()), APIField("code", .string()), APIField("message", .string())])),
            "What may be saved and is hardly meant, such as conditions that exclude each other."),
    ])
    private static let member = APISchema.object([APIField("profile_id", .id), APIField("entered_at", .timestamp)])
    private static let profileIDs = APISchema.object([
        APIField("profile_ids", .array(.id, count: 1...SegmentLists.requestLimit))
    ])
    private static let composition = APISchema.object([
        APIField("people", .integer()), APIField("everybody", .integer()),
        APIField(
            "items",
            .array(
                .object([
                    APIField("dimension", .string(), "`stage`, `rfm_class`, `source`, `tag`, `trait`."),
                    APIField("criteria", criteria), APIField("words", .string()), APIField("people", .integer()),
                    APIField("share", .number), APIField("share_of_all", .number), APIField("lift", .number),
                    APIField("z", .number, "Standard deviations away from what chance gives."),
                ]))),
    ])
    private static let explanation = APISchema.named(
        "SegmentExplanation",
        .object([
            APIField("words", .string()), APIField("holds", .boolean), APIField("finding", .string()),
            APIField("kind", .string()), APIField("parts", .array(.object([], isOpen: true))),
        ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/segments", "listSegments", tag: tag, "All segments, by name.", access: .scope(.segmentsRead),
            response: .object([APIField("items", .array(segment))]), handler: list),
        APIRoute(
            .post, "/api/v1/segments", "createSegment", tag: tag, "Add a segment; its people follow in the background.",
            access: .scope(.segmentsWrite), body: .json(draft), status: .created, response: segment, handler: create),
        APIRoute(
            .post, "/api/v1/segments/preview", "previewSegment", tag: tag,
            "What a definition comes to, without saving it.", access: .scope(.segmentsRead),
            body: .json(
                .object([
                    APIField("criteria", criteria), .optional("exact", .boolean, "false: a quick estimate may do."),
                ])), response: preview, handler: preview),
        APIRoute(
            .get, "/api/v1/segments/overlap", "overlapSegments", tag: tag,
            "How two to five segments overlap: people in exactly each combination.", access: .scope(.segmentsRead),
            parameters: [.query("ids", .string(min: 1, max: 200), "Two to five ids, with commas.", required: true)],
            response: .object([
                APIField(
                    "parts",
                    .array(.object([APIField("segments", .array(.id)), APIField("people", .integer())])))
            ]), handler: overlap),
        APIRoute(
            .get, "/api/v1/segments/{id}", "getSegment", tag: tag, "One segment.", access: .scope(.segmentsRead),
            parameters: [.path("id")], response: segment, isRevised: true, handler: get),
        APIRoute(
            .put, "/api/v1/segments/{id}", "updateSegment", tag: tag,
            "Change name, description and, of a dynamic segment, the definition.", access: .scope(.segmentsWrite),
            parameters: [.path("id")], body: .json(draft), response: segment, isRevised: true,
            handler: update),
        APIRoute(
            .delete, "/api/v1/segments/{id}", "deleteSegment", tag: tag, "Delete a segment that nobody uses.",
            access: .scope(.segmentsWrite), parameters: [.path("id")], response: .object([]), isRevised: true,
            handler: delete),
        APIRoute(
            .get, "/api/v1/segments/{id}/uses", "listSegmentUses", tag: tag, "Who uses a segment.",
            access: .scope(.segmentsRead), parameters: [.path("id")],
            response: .object([APIField("items", .array(use))]), handler: uses),
        APIRoute(
            .get, "/api/v1/segments/{id}/members", "listSegmentMembers", tag: tag, "The people of a segment, by id.",
            access: .scope(.segmentsRead), parameters: [.path("id")] + APIParameter.paging,
            response: .page(of: member), handler: members),
        APIRoute(
            .post, "/api/v1/segments/{id}/members", "addSegmentMembers", tag: tag,
            "Put people on a static segment.", access: .scope(.segmentsWrite), parameters: [.path("id")],
            body: .json(profileIDs), response: .object([APIField("changed", .integer())]), handler: put),
        APIRoute(
            .delete, "/api/v1/segments/{id}/members/{profile_id}", "removeSegmentMember", tag: tag,
            "Take a person off a static segment.", access: .scope(.segmentsWrite),
            parameters: [.path("id"), .path("profile_id")], response: .object([APIField("changed", .integer())]),
            handler: take),
        APIRoute(
            .get, "/api/v1/segments/{id}/sizes", "listSegmentSizes", tag: tag, "Size by day, oldest first.",
            access: .scope(.segmentsRead), parameters: [.path("id"), .query("days", .integer(1...1_100))],
            response: .object([
                APIField("items", .array(.object([APIField("day", .day), APIField("size", .integer())])))
            ]), handler: sizes),
        APIRoute(
            .get, "/api/v1/segments/{id}/movement", "listSegmentMovement", tag: tag,
            "Who came and went by day, oldest first.", access: .scope(.segmentsRead),
            parameters: [.path("id"), .query("days", .integer(1...400))],
            response: .object([
                APIField(
                    "items",
                    .array(
                        .object([
                            APIField("day", .day), APIField("entered", .integer()), APIField("left", .integer()),
                        ])))
            ]), handler: movement),
        APIRoute(
            .get, "/api/v1/segments/{id}/composition", "getSegmentComposition", tag: tag,
            "What is more common among its people than among all, and what is rarer.", access: .scope(.segmentsRead),
            parameters: [.path("id")], response: composition, handler: composition),
        APIRoute(
            .get, "/api/v1/segments/{id}/explanations/{profile_id}", "explainSegment", tag: tag,
            "Why a person is in a segment or not, condition by condition.", access: .scope(.segmentsRead),
            parameters: [.path("id"), .path("profile_id")], response: explanation, handler: explain),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (segments, phrases) = try await context.platform.store.read {
            (try Segments.list($0), try speech($0))
        }
        return APIResponse(["items": .array(try segments.map { try json($0, phrases) })])
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (draft, effects, actor) = (draft(request.body), context.platform.effects, request.caller.actor)
        guard draft.cut.part < draft.cut.parts else {
            throw Problem(
                .unprocessableContent, "bad_cut", "“part” counts from 0 and lies below “parts”.",
                flaws: [Problem.Flaw("body.part", "is not below parts")])
        }
        return try await answer(context) { connection in
            let segment = try Segments.create(draft, effects: effects, connection)
            try note("create", segment, actor, effects.now(), connection)
            return segment
        }
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, draft, effects) = (try request.id("id"), draft(request.body), context.platform.effects)
        let actor = request.caller.actor
        return try await answer(context) { connection in
            try request.match(try Segments.get(id, connection).revision)
            let segment = try Segments.update(id, draft, effects: effects, connection)
            try note("update", segment, actor, effects.now(), connection)
            return segment
        }
    }

    @Sendable private static func delete(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, effects, actor) = (try request.id("id"), context.platform.effects, request.caller.actor)
        try await context.platform.store.write { connection in
            let segment = try Segments.get(id, connection)
            try request.match(try segment.revision)
            try Segments.delete(id, effects: effects, connection)
            try note("delete", segment, actor, effects.now(), connection)
        }
        return APIResponse([:])
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let (segment, phrases) = try await context.platform.store.read {
            (try Segments.get(id, $0), try speech($0))
        }
        return APIResponse(try json(segment, phrases), at: try segment.revision)
    }

    @Sendable private static func preview(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let text = (request.body["criteria"] ?? [:]).text()
        let preview =
            request.body["exact"]?.boolValue == false
            ? try await SegmentPreview.estimate(text, context.platform)
            : try await SegmentPreview.exact(text, context.platform)
        let criteria = try Criteria(parsing: text)
        let (phrases, world) = try await context.platform.store.read { (try speech($0), try CriteriaWorld.load($0)) }
        let warnings = criteria.warnings(world, phrases).map { warning -> JSONValue in
            [
                "place": .string("criteria." + warning.path), "code": .string(warning.code),
                "message": .string(warning.text(phrases.language)),
            ]
        }
        return APIResponse([
            "people": .integer(preview.people), "everybody": .integer(preview.everybody),
            "is_estimate": .bool(preview.isEstimate), "sample": .array(preview.sample.map { JSONValue(id: $0) }),
            "words": .string(criteria.words(phrases)), "warnings": .array(warnings),
        ])
    }

    @Sendable private static func overlap(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let ids = (request.string("ids") ?? "").split(separator: ",").compactMap { Int64($0) }
        let overlap = try await context.platform.store.read { try SegmentOverlap.load(ids, $0) }
        return APIResponse([
            "parts": .array(
                overlap.parts.map { part in
                    [
                        "segments": .array(part.members.map { JSONValue(id: overlap.segments[$0].id) }),
                        "people": .integer(part.people),
                    ]
                })
        ])
    }

    @Sendable private static func uses(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let uses = try await context.platform.store.read { connection in
            _ = try Segments.get(id, connection)
            return try Segments.usedBy(id, connection)
        }
        return APIResponse([
            "items": .array(
                uses.map { ["kind": .string($0.kind), "id": .string($0.id), "name": .string($0.name)] })
        ])
    }

    @Sendable private static func members(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, after, limit) = (try request.id("id"), try request.cursorID() ?? 0, request.limit)
        let members = try await context.platform.store.read { connection in
            _ = try Segments.get(id, connection)
            return try Segments.members(id, after: after, limit: limit + 1, connection)
        }
        let page = Array(members.prefix(limit))
        return APIResponse(
            page: page, next: members.count > limit ? page.last.map { .integer($0.profileID) } : nil
        ) { ["profile_id": JSONValue(id: $0.profileID), "entered_at": JSONValue(milliseconds: $0.enteredMS)] }
    }

    @Sendable private static func put(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let ids = (request.body["profile_ids"]?.arrayValue ?? []).compactMap { $0.stringValue.flatMap { Int64($0) } }
        return try await change(request, context) { segment, effects, connection in
            try SegmentLists.put(
                ids, in: segment.id, named: segment.name, at: effects.now(), effects: effects, connection)
        }
    }

    @Sendable private static func take(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("profile_id")
        return try await change(request, context) { segment, effects, connection in
            try SegmentLists.take(
                [id], from: segment.id, named: segment.name, at: effects.now(), effects: effects, connection)
        }
    }

    private static func change(
        _ request: APIRequest, _ context: APIContext,
        _ body: @escaping @Sendable (Segment, Effects, any SQLConnection) throws -> Int
    ) async throws -> APIResponse {
        let (id, effects) = (try request.id("id"), context.platform.effects)
        let changed = try await context.platform.store.write { connection in
            let segment = try Segments.get(id, connection)
            guard segment.kind == .list else { throw SegmentError.wrongKind(segment.kind) }
            let changed = try body(segment, effects, connection)
            // Whoever reads the list next finds how many are on it now, not at the last sweep.
            if changed > 0 { try SegmentLists.recount(id, at: effects.now(), connection) }
            return changed
        }
        return APIResponse(["changed": .integer(Int64(changed))])
    }

    @Sendable private static func sizes(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, days) = (try request.id("id"), request.int("days") ?? 90)
        let sizes = try await context.platform.store.read { connection in
            _ = try Segments.get(id, connection)
            return try Segments.sizes(id, days: days, connection)
        }
        return APIResponse([
            "items": .array(
                sizes.map { ["day": .string(LocalCalendar.text(ofDay: $0.day)), "size": .integer($0.size)] })
        ])
    }

    @Sendable private static func movement(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, days) = (try request.id("id"), request.int("days") ?? 90)
        let movement = try await SegmentMovement.load(id, days: days, context.platform)
        return APIResponse([
            "items": .array(
                movement.days.map { day in
                    [
                        "day": .string(LocalCalendar.text(ofDay: day.day)), "entered": .integer(day.entered),
                        "left": .integer(day.left),
                    ]
                })
        ])
    }

    @Sendable private static func composition(
        _ request: APIRequest, _ context: APIContext
    ) async throws -> APIResponse {
        let composition = try await SegmentComposition.load(try request.id("id"), context.platform)
        let phrases = try await context.platform.store.read { try speech($0) }
        return APIResponse([
            "people": .integer(composition.people), "everybody": .integer(composition.everybody),
            "items": .array(
                composition.rows.map { row in
                    [
                        "dimension": .string(row.dimension), "criteria": row.criteria.json,
                        "words": .string(row.criteria.words(phrases)), "people": .integer(row.people),
                        "share": .number(row.found.share), "share_of_all": .number(row.found.shareOfAll),
                        "lift": .number(row.found.lift), "z": .number(row.found.z),
                    ]
                }),
        ])
    }

    @Sendable private static func explain(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, person) = (try request.id("id"), try request.id("profile_id"))
        let workspace = try await context.platform.store.read { try Workspace.load($0) }
        return try APIResponse(
            report: try await SegmentExplanation.explain(
                person, in: id, CriteriaLanguage(workspace.language), context.platform))
    }

    private static func answer(
        _ context: APIContext, _ body: @escaping @Sendable (any SQLConnection) throws -> Segment
    ) async throws -> APIResponse {
        let (segment, phrases) = try await context.platform.store.write { (try body($0), try speech($0)) }
        return APIResponse(try json(segment, phrases), at: try segment.revision)
    }

    private static func note(
        _ verb: String, _ segment: Segment, _ actor: String, _ now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try AuditLog.append(
            actor: actor, action: "segment.\(verb)", subject: "segment:\(segment.id)", detail: segment.name, connection,
            at: now)
    }

    private static func draft(_ body: JSONValue) -> SegmentDraft {
        SegmentDraft(
            name: body["name"]?.stringValue ?? "", description: body["description"]?.stringValue ?? "",
            kind: body["kind"]?.stringValue.flatMap(SegmentKind.init(rawValue:)) ?? .dynamic,
            criteria: body["criteria"]?.text() ?? "",
            cut: SegmentCut(
                cap: body["cap"]?.intValue ?? 0, parts: body["parts"]?.intValue ?? 1,
                part: body["part"]?.intValue ?? 0, seed: body["seed"]?.stringValue ?? ""))
    }

    private static func speech(_ connection: any SQLConnection) throws -> CriteriaPhrases {
        CriteriaPhrases(
            CriteriaLanguage(try Workspace.load(connection).language), try CriteriaWorld.load(connection))
    }

    private static func json(_ segment: Segment, _ phrases: CriteriaPhrases) throws -> JSONValue {
        let criteria = segment.criteriaTree
        return [
            "id": JSONValue(id: segment.id), "name": .string(segment.name),
            "description": .string(segment.description), "kind": .string(segment.kind.rawValue),
            "criteria": criteria?.json ?? .null, "words": .string(criteria?.words(phrases) ?? ""),
            "version": .integer(segment.version), "building": .bool(segment.isBuilding),
            "size": .integer(segment.size), "created_at": JSONValue(milliseconds: segment.createdMS),
            "updated_at": JSONValue(milliseconds: segment.updatedMS),
            "swept_at": JSONValue(milliseconds: segment.sweptMS), "revision": .string(try segment.revision.text),
        ]
    }
}
