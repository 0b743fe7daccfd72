import Engine

/// People: listing, one with everything known, the timeline, the history of stages, erasure.
enum ProfileEndpoints {
    private static let tag = "Profiles"

    private static let event = APISchema.named(
        "TimelineEvent",
        .object([
            APIField("position", .string()), APIField("kind", .words(EventKind.allCases.map(\.rawValue))),
            APIField("name", .string()), APIField("time", .timestamp), APIField("received_at", .timestamp),
            APIField("source_id", .nullable(.id)), APIField("message_id", .string()), APIField("url", .string()),
            APIField("properties", .map(.any)), APIField("context", .map(.any)),
        ]))

    private static let stageChange = APISchema.named(
        "StageChange",
        .object([
            APIField("at", .timestamp), APIField("from", .nullable(.words(ProfileSchemas.stages))),
            APIField("to", .words(ProfileSchemas.stages)),
            APIField("cause", .words(StageCause.allCases.map(\.rawValue))), APIField("model_version", .integer()),
            APIField(
                "evidence",
                .object([
                    APIField("orders", .integer()), APIField("recency_days", .integer()), APIField("q80", .number),
                    APIField("q90", .number), APIField("maturity_orders", .integer()),
                ]), "What was compared with what."),
        ]))

    private static let filters: [APIParameter] =
        [
            .query(
                "search", .string(min: 1, max: 200), "An identity value, the beginning of one or of a name, or an id."),
            .query("stage", .words(ProfileSchemas.stages)),
            .query("rfm_class", .string(min: 1, max: 3), "Three digits 0 or 1: recency, frequency, monetary."),
            .query("source_id", .id), .query("is_identified", .boolean),
            .query("tag_id", .id, "Who has it, or one below it."), .query("segment_id", .id, "Who is in it now."),
            .query("first_seen_from", .timestamp), .query("first_seen_to", .timestamp, "Not included."),
            .query("last_seen_from", .timestamp), .query("last_seen_to", .timestamp, "Not included."),
            .query("spend_from", .integer(), "In minor units."), .query("spend_to", .integer(), "Not included."),
            .query("order", .words(ProfileOrder.allCases.map(\.rawValue)), "Greatest first; last_seen unless told."),
            .query("view", .id, "A saved view: its filters hold where no parameter says otherwise."),
        ] + Consent.channels.map { APIParameter.query("consent_" + $0, .words(ConsentState.allCases.map(\.rawValue))) }

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/profiles", "listProfiles", tag: tag, "People who meet every condition given.",
            access: .scope(.profilesRead), parameters: APIParameter.paging + filters,
            response: .page(of: ProfileSchemas.profile), handler: list),
        APIRoute(
            .get, "/api/v1/profiles/{id}", "getProfile", tag: tag,
            "One person with everything known; an id that was merged leads to the winner.",
            access: .scope(.profilesRead),
            parameters: [.path("id")], response: ProfileSchemas.detail, handler: get),
        APIRoute(
            .delete, "/api/v1/profiles/{id}", "eraseProfile", tag: tag,
            "Forget a person in every store, for good; tombstones keep late events from bringing them back.",
            access: .scope(.profilesWrite), parameters: [.path("id")],
            response: .object([APIField("id", .id), APIField("erased", .boolean)]), handler: erase),
        APIRoute(
            .get, "/api/v1/profiles/{id}/export", "exportProfile", tag: tag,
            "Everything that every store holds about a person, as one document; docs/privacy.md describes it.",
            access: .scope(.profilesRead), parameters: [.path("id")],
            response: .object([
                APIField("format", .string()), APIField("exported_at", .timestamp), APIField("workspace", .string()),
                APIField("currency", .string()), APIField("profile", .map(.any)), APIField("identities", .array(.any)),
                APIField("traits", .map(.any)), APIField("trait_history", .map(.any)), APIField("consent", .map(.any)),
                APIField("conflicts", .array(.any)), APIField("merges", .array(.any)),
                APIField("stages", .array(.any)), APIField("unlinks", .array(.any)), APIField("orders", .array(.any)),
                APIField("quarantine", .array(.any)), APIField("events", .array(.any)),
            ]), handler: export),
        APIRoute(
            .get, "/api/v1/profiles/{id}/erasure", "getProfileErasure", tag: tag,
            "How far the erasure of a person has come.", access: .scope(.profilesRead), parameters: [.path("id")],
            response: .object([
                APIField("requested_at", .timestamp),
                APIField("analytics_at", .nullable(.timestamp), "When the analytics store had forgotten."),
                APIField("searched_at", .nullable(.timestamp), "When every text and file had been searched."),
                APIField("is_failed", .boolean),
            ]), handler: erasure),
        APIRoute(
            .get, "/api/v1/profiles/{id}/events", "listProfileEvents", tag: tag, "What happened, newest first.",
            access: .scope(.profilesRead),
            parameters: [.path("id")] + APIParameter.paging + [
                .query("name", .string(min: 1, max: 200)), .query("kind", .words(EventKind.allCases.map(\.rawValue))),
            ],
            response: .object([
                APIField("items", .array(event)), APIField("next_cursor", .nullable(.string())),
                APIField("is_partial", .boolean, "The analytics store could not answer; older events are missing."),
            ]), handler: events),
        APIRoute(
            .get, "/api/v1/profiles/{id}/stages", "listProfileStages", tag: tag,
            "How the person moved through the stages, newest first, and why.", access: .scope(.profilesRead),
            parameters: [.path("id")], response: .object([APIField("items", .array(stageChange))]), handler: stages),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (filter, order) = try await asked(request, context)
        let (cursor, limit, wanted) = (try request.cursorText(), request.limit, filter)
        let page = try await context.platform.store.read {
            try ProfileList.load(wanted, order: order, cursor: cursor, limit: limit, $0)
        }
        return APIResponse(page: page.profiles, cursor: page.nextCursor) { .object(ProfileSchemas.json($0)) }
    }

    /// The parameters over the view's filters, if one is named. Throws: `ViewError.notFound`.
    private static func asked(
        _ request: APIRequest, _ context: APIContext
    ) async throws -> (ProfileFilter, ProfileOrder) {
        var query = ProfileQuery([], workspace: Workspace(), now: context.platform.effects.now())
        if let view = request.string("view").flatMap({ Int64($0) }) {
            let now = context.platform.effects.now()
            query = try await context.platform.store.read { connection in
                let found = try SavedViews.get(view, for: ViewEndpoints.owner, connection)
                guard found.list == .people else { throw ViewError.notFound(id: view) }
                return ProfileQuery(
                    Fields(encoded: found.query).pairs, workspace: try Workspace.load(connection), now: now)
            }
        }
        var filter = query.filter
        filter.search = request.string("search") ?? filter.search
        filter.stage = request.string("stage") ?? filter.stage
        filter.rfmClass = request.string("rfm_class") ?? filter.rfmClass
        filter.sourceID = request.string("source_id").flatMap { Int64($0) } ?? filter.sourceID
        filter.tagID = request.string("tag_id").flatMap { Int64($0) } ?? filter.tagID
        filter.segmentID = request.string("segment_id").flatMap { Int64($0) } ?? filter.segmentID
        filter.isIdentified = request.bool("is_identified") ?? filter.isIdentified
        filter.firstSeen = request.timeRange(from: "first_seen_from", to: "first_seen_to") ?? filter.firstSeen
        filter.lastSeen = request.timeRange(from: "last_seen_from", to: "last_seen_to") ?? filter.lastSeen
        let (low, high) = (request.int("spend_from"), request.int("spend_to"))
        if low != nil || high != nil {
            let start = low ?? Int64.min
            filter.spend = start..<max(start, high ?? .max)
        }
        for channel in Consent.channels {
            if let word = request.string("consent_" + channel) {
                filter.consent[channel] = ConsentState(rawValue: word)
            }
        }
        return (filter, request.string("order").flatMap(ProfileOrder.init(rawValue:)) ?? query.order)
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let (detail, classes) = try await context.platform.store.read {
            (try ProfileDetail.load(id, $0), try CatalogueList.traitClasses($0))
        }
        return APIResponse(ProfileSchemas.json(detail, classes: classes))
    }

    @Sendable private static func erase(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        try await Erasure.request(id, by: request.caller.actor, context.platform)
        return APIResponse(["id": JSONValue(id: id), "erased": true])
    }

    private static let exportBytesMax = 64 * 1024 * 1024

    @Sendable private static func export(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        do {
            return APIResponse(
                try await PersonExport(of: id, context.platform).document(
                    bytesMax: exportBytesMax, by: request.caller.actor))
        } catch PersonExportError.analyticsUnavailable {
            throw Problem.unavailable("The analytics store cannot be reached, and half an export is none. Try again.")
        } catch PersonExportError.tooLarge {
            throw Problem(
                .contentTooLarge, "export_too_large",
                "This person's export is larger than an answer may be; the console writes it to a file.")
        }
    }

    @Sendable private static func erasure(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let standing = try await context.platform.store.read { connection in
            try ErasureSweep.standing(of: try ProfileDetail.resolve(id, connection), connection)
        }
        guard let standing else { throw Problem.notFound("erasure") }
        let searched = standing.isSearching ? nil : standing.sweptAt ?? standing.requestedAt
        return APIResponse([
            "requested_at": JSONValue(standing.requestedAt),
            "analytics_at": JSONValue(milliseconds: standing.analyticsAt?.milliseconds),
            "searched_at": JSONValue(milliseconds: searched?.milliseconds), "is_failed": .bool(standing.isFailed),
        ])
    }

    @Sendable private static func events(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let filter = Timeline.Filter(
            names: request.string("name").map { [$0] } ?? [],
            kinds: request.string("kind").flatMap(EventKind.init(rawValue:)).map { [$0] } ?? [])
        let timeline = try await Timeline.load(
            of: request.id("id"), filter, cursor: request.cursorText(), limit: request.limit,
            platform: context.platform)
        return APIResponse([
            "items": .array(timeline.entries.map(json)),
            "next_cursor": JSONValue(timeline.nextCursor.map { APICursor.text(.string($0)) }),
            "is_partial": .bool(timeline.isPartial),
        ])
    }

    @Sendable private static func stages(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        let changes = try await context.platform.store.read { connection in
            try StageHistory.list(profileID: try ProfileDetail.resolve(id, connection), connection)
        }
        return APIResponse(["items": .array(changes.map(json))])
    }

    private static func json(_ entry: Timeline.Entry) -> JSONValue {
        [
            "position": .string(String(entry.position)), "kind": .string(entry.kind), "name": .string(entry.name),
            "time": JSONValue(milliseconds: entry.timeMS), "received_at": JSONValue(milliseconds: entry.receivedMS),
            "source_id": JSONValue(optionalID: entry.sourceID), "message_id": .string(entry.messageID),
            "url": .string(entry.url), "properties": JSONValue(document: entry.properties),
            "context": JSONValue(document: entry.context),
        ]
    }

    private static func json(_ change: StageChange) -> JSONValue {
        [
            "at": JSONValue(change.at), "from": JSONValue(change.from?.rawValue), "to": .string(change.to.rawValue),
            "cause": .string(change.cause.rawValue), "model_version": .integer(change.modelVersion),
            "evidence": [
                "orders": JSONValue(change.evidence.orders), "recency_days": .integer(change.evidence.recencyDays),
                "q80": .number(change.evidence.q80), "q90": .number(change.evidence.q90),
                "maturity_orders": JSONValue(change.evidence.maturityOrders),
            ],
        ]
    }
}
