import Engine
import Storage

/// Trackable links and QR codes, the sites they may lead to, and what came by them.
enum ChannelCodeEndpoints {
    private static let tag = "Channel codes"
    private static let kinds = ChannelCodeKind.allCases.map(\.rawValue)
    private static let word = APISchema.string(max: ChannelCodeLimits.nameCharacters)

    private static let code = APISchema.named(
        "ChannelCode",
        .object([
            APIField("id", .id), APIField("code", .string()),
            APIField("path", .string(), "Below the server's address."),
            APIField("name", .string()), APIField("kind", .words(kinds)), APIField("owner", .string()),
            APIField("target", .string()),
            APIField(
                "campaign",
                .object([
                    APIField("source", .string()), APIField("medium", .string()), APIField("name", .string()),
                ])),
            APIField("created_at", .timestamp), APIField("archived_at", .nullable(.timestamp)),
        ]))

    private static let draft = APISchema.object([
        APIField("name", .string(min: 1, max: ChannelCodeLimits.nameCharacters)), APIField("kind", .words(kinds)),
        APIField("target", .string(min: 1, max: ChannelCodeLimits.targetCharacters), "An address on an allowed host."),
        .optional("owner", word, "The store, member of staff or place."),
        .optional("code", .string(max: 40), "3 to 40 letters, digits, - and _; made up unless told."),
        .optional(
            "campaign",
            .object([
                .optional("source", word), .optional("medium", word), .optional("name", word),
            ]), "Becomes utm_source, utm_medium and utm_campaign."),
    ])

    private static let row = APISchema.object([
        APIField("code", .string()), APIField("scans", .integer()), APIField("sessions", .integer()),
        APIField("people", .integer()), APIField("identified", .integer()), APIField("orders", .integer()),
        APIField("revenue", .integer(), "Net, in minor units."),
    ])

    private static let hosts = APISchema.object([APIField("items", .array(.string()))])
    private static let hostBody = APISchema.object([
        APIField("host", .string(min: 1, max: 254), "shop.example.com, or .example.com for all below it.")
    ])

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/channel-codes", "listChannelCodes", tag: tag, "All codes, the newest first.",
            access: .scope(.sourcesRead), parameters: APIParameter.paging,
            response: .page(of: code), handler: list),
        APIRoute(
            .post, "/api/v1/channel-codes", "createChannelCode", tag: tag,
            "Make a trackable link. Its address is /q/CODE, which is what its QR code says.",
            access: .scope(.sourcesWrite), body: .json(draft), status: .created, response: code, handler: create),
        APIRoute(
            .get, "/api/v1/channel-codes/report", "reportChannelCodes", tag: tag,
            "Scans, people and their orders by code, over the last days.", access: .scope(.insightsRead),
            parameters: [.query("days", .integer(1...730), "30 unless told.")],
            response: .object([APIField("from", .day), APIField("to", .day), APIField("items", .array(row))]),
            handler: report),
        APIRoute(
            .get, "/api/v1/channel-codes/{id}", "getChannelCode", tag: tag, "One code.", access: .scope(.sourcesRead),
            parameters: [.path("id")], response: code, handler: get),
        APIRoute(
            .delete, "/api/v1/channel-codes/{id}", "archiveChannelCode", tag: tag,
            "End a code: it leads nowhere any more, its history stays.", access: .scope(.sourcesWrite),
            parameters: [.path("id")], response: code, handler: archive),
        APIRoute(
            .get, "/api/v1/channel-targets", "listChannelTargets", tag: tag, "The hosts that codes may lead to.",
            access: .scope(.sourcesRead), response: hosts, handler: targets),
        APIRoute(
            .post, "/api/v1/channel-targets", "allowChannelTarget", tag: tag, "Allow a host.",
            access: .scope(.sourcesWrite), body: .json(hostBody), response: hosts, handler: allow),
        APIRoute(
            .delete, "/api/v1/channel-targets/{host}", "forbidChannelTarget", tag: tag,
            "Take a host off the list: codes that lead there stop within seconds.", access: .scope(.sourcesWrite),
            parameters: [.path("host", .string(min: 1, max: 254))], response: hosts, handler: forbid),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (before, limit) = (try request.cursorID(), request.limit)
        let codes = try await context.platform.store.read {
            try ChannelCodes.list(before: before, limit: Int64(limit) + 1, $0)
        }
        let page = Array(codes.prefix(limit))
        let next = codes.count > limit ? page.last.map { JSONValue.integer($0.id) } : nil
        return APIResponse(page: page, next: next, json)
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let body = request.body
        let campaign = ChannelCode.Campaign(
            source: body["campaign"]?["source"]?.stringValue ?? "",
            medium: body["campaign"]?["medium"]?.stringValue ?? "", name: body["campaign"]?["name"]?.stringValue ?? "")
        let draft = ChannelCodes.Draft(
            name: body["name"]?.stringValue ?? "",
            kind: body["kind"]?.stringValue.flatMap(ChannelCodeKind.init(rawValue:)) ?? .other,
            owner: body["owner"]?.stringValue ?? "", target: body["target"]?.stringValue ?? "",
            code: body["code"]?.stringValue, campaign: campaign)
        let (actor, effects) = (request.caller.actor, context.platform.effects)
        return APIResponse(
            json(try await context.platform.store.write { try ChannelCodes.create(draft, by: actor, $0, effects) }))
    }

    @Sendable private static func report(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let now = context.platform.effects.now()
        let calendar = try await context.platform.store.read { try Workspace.load($0).calendar }
        let period = ReportPeriod(days: Int(request.int("days") ?? 30), through: calendar.day(of: now))
        let report = try await ChannelCodeReport.load(period, context.platform.analytics)
        let rows = report.rows.map { row -> JSONValue in
            [
                "code": .string(row.code), "scans": .integer(row.scans), "sessions": .integer(row.sessions),
                "people": .integer(row.people), "identified": .integer(row.identified), "orders": .integer(row.orders),
                "revenue": .integer(row.revenue),
            ]
        }
        return APIResponse([
            "from": .string(period.firstText), "to": .string(period.lastText), "items": .array(rows),
        ])
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return APIResponse(json(try await context.platform.store.read { try ChannelCodes.get(id: id, $0) }))
    }

    @Sendable private static func archive(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        return APIResponse(
            json(try await context.platform.store.write { try ChannelCodes.archive(id: id, by: actor, $0, at: now) }))
    }

    @Sendable private static func targets(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        try await hosts(context)
    }

    @Sendable private static func allow(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (actor, now) = (request.caller.actor, context.platform.effects.now())
        let host = request.body["host"]?.stringValue ?? ""
        try await context.platform.store.write { try ChannelTargets.allow(host, by: actor, $0, at: now) }
        return try await hosts(context)
    }

    @Sendable private static func forbid(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (actor, now) = (request.caller.actor, context.platform.effects.now())
        let host = request.string("host") ?? ""
        try await context.platform.store.write { try ChannelTargets.forbid(host, by: actor, $0, at: now) }
        return try await hosts(context)
    }

    private static func hosts(_ context: APIContext) async throws -> APIResponse {
        let hosts = try await context.platform.store.read { try ChannelTargets.list($0) }
        return APIResponse(["items": .array(hosts.map { .string($0) })])
    }

    private static func json(_ code: ChannelCode) -> JSONValue {
        [
            "id": JSONValue(id: code.id), "code": .string(code.code), "path": .string("/q/" + code.code),
            "name": .string(code.name), "kind": .string(code.kind.rawValue), "owner": .string(code.owner),
            "target": .string(code.target),
            "campaign": [
                "source": .string(code.campaign.source), "medium": .string(code.campaign.medium),
                "name": .string(code.campaign.name),
            ],
            "created_at": JSONValue(code.createdAt), "archived_at": JSONValue(code.archivedAt),
        ]
    }
}
