import Engine
import Storage

/// How the member centre looks and who signs its tokens. Keys are registered by who may also make keys of the API: whoever
/// signs tokens can stand for any member.
enum CentreSettingsEndpoints {
    private static let tag = "Member centre"
    private static let cause = APISchema.object([
        APIField("names", .map(.string(min: 1, max: CentreLimits.causeCharacters)), "By language: `en`, `zh-Hans`.")
    ])
    private static let fields: [APIField] = [
        .optional("on", .boolean, "Off unless told; turned off, nobody stays in."),
        .optional("brand_name", .string(max: CentreLimits.nameCharacters), "Empty: the workspace's."),
        .optional("colour", .string(min: 7, max: 7), "`#1b7350`."),
        .optional(
            "sections", .array(.words(CentreSection.allCases.map(\.rawValue)), count: 0...CentreSection.allCases.count),
            "What is there; all unless told."),
        .optional("causes", .array(cause, count: 0...CentreLimits.causes), "What points can be given to."),
        .optional("link_hours", .integer(1...Int64(CentreLimits.linkHours.upperBound)), "Of links unless told."),
        .optional("session_hours", .integer(1...Int64(CentreLimits.sessionHours.upperBound))),
        .optional("audience", .string(min: 1, max: CentreLimits.audienceBytes), "`aud` of the brand's tokens."),
    ]
    private static let key = APISchema.named(
        "CentreKey",
        .object([
            APIField("id", .string(), "`kid` of tokens."), APIField("name", .string()),
            APIField("algorithm", .words(CentreKey.Algorithm.allCases.map(\.rawValue))),
            APIField("created_at", .timestamp),
        ]))
    private static let settings = APISchema.named(
        "CentreSettings",
        .object(
            fields.map { APIField($0.name, $0.schema, $0.note) } + [
                APIField("keys", .array(key), "Without what they are made of."),
                APIField("revision", .string(), "For `If-Match`."),
            ]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/member-centre/settings", "getCentreSettings", tag: tag, "How the member centre is set up.",
            access: .scope(.loyaltyRead), response: settings, isRevised: true, handler: get),
        APIRoute(
            .put, "/api/v1/member-centre/settings", "updateCentreSettings", tag: tag,
            "Set it up: what is not told is as in a new one. Keys stay.", access: .scope(.loyaltyWrite),
            body: .json(.object(fields)), response: settings, isRevised: true, handler: update),
        APIRoute(
            .post, "/api/v1/member-centre/keys", "addCentreKey", tag: tag,
            "Register a key that signs the brand's own tokens: a secret, or a public key in PEM.",
            access: .scopes(.loyaltyWrite, .keysWrite),
            body: .json(
                .object([
                    APIField("name", .string(min: 1, max: CentreLimits.keyNameCharacters)),
                    APIField("algorithm", .words(CentreKey.Algorithm.allCases.map(\.rawValue))),
                    APIField(
                        "material", .string(min: 1, max: CentreLimits.pemBytes), "Kept sealed, never shown again."),
                ])), status: .created, response: key, handler: addKey),
        APIRoute(
            .delete, "/api/v1/member-centre/keys/{key_id}", "removeCentreKey", tag: tag,
            "Take a key away; who came in by it is out.", access: .scopes(.loyaltyWrite, .keysWrite),
            parameters: [.path("key_id", .string(min: 1, max: 64))], response: .object([]), handler: removeKey),
    ]

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        try answer(try await context.platform.store.read { try CentreSettings.load($0) })
    }

    @Sendable private static func update(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (wanted, actor, now) = (read(request.body), request.caller.actor, context.platform.effects.now())
        return try answer(
            try await context.platform.store.write { connection in
                try request.match(try CentreSettings.load(connection).revision)
                return try wanted.save(seen: nil, by: actor, connection, at: now)
            })
    }

    @Sendable private static func addKey(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (body, actor, platform) = (request.body, request.caller.actor, context.platform)
        let draft = CentreKey.Draft(
            name: body["name"]?.stringValue ?? "",
            algorithm: body["algorithm"]?.stringValue.flatMap(CentreKey.Algorithm.init(rawValue:)) ?? .hs256,
            material: body["material"]?.stringValue ?? "")
        let added = try await platform.store.write {
            try CentreSettings.add(draft, by: actor, platform.seal, platform.effects, $0)
        }
        return APIResponse(json(added))
    }

    @Sendable private static func removeKey(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (
            request.string("key_id") ?? "", request.caller.actor, context.platform.effects.now()
        )
        try await context.platform.store.write { try CentreSettings.remove(key: id, by: actor, $0, at: now) }
        return APIResponse([:])
    }

    private static func read(_ body: JSONValue) -> CentreSettings {
        var wanted = CentreSettings()
        wanted.isOn = body["on"]?.boolValue ?? wanted.isOn
        wanted.brandName = body["brand_name"]?.stringValue ?? wanted.brandName
        wanted.colour = body["colour"]?.stringValue?.lowercased() ?? wanted.colour
        if let sections = body["sections"]?.arrayValue {
            wanted.sections = sections.compactMap { $0.stringValue.flatMap(CentreSection.init(rawValue:)) }
        }
        wanted.causes = (body["causes"]?.arrayValue ?? []).map { cause in
            CentreCause(names: (cause["names"]?.objectValue ?? [:]).compactMapValues(\.stringValue))
        }
        wanted.linkHours = body["link_hours"]?.intValue.flatMap { Int(exactly: $0) } ?? wanted.linkHours
        wanted.sessionHours = body["session_hours"]?.intValue.flatMap { Int(exactly: $0) } ?? wanted.sessionHours
        wanted.audience = body["audience"]?.stringValue ?? wanted.audience
        return wanted
    }

    private static func answer(_ settings: CentreSettings) throws -> APIResponse {
        let revision = try settings.revision
        return APIResponse(
            [
                "on": .bool(settings.isOn), "brand_name": .string(settings.brandName),
                "colour": .string(settings.colour),
                "sections": .array(settings.sections.map { .string($0.rawValue) }),
                "causes": .array(
                    settings.causes.map { ["names": .object($0.names.mapValues { .string($0) })] }),
                "link_hours": .integer(Int64(settings.linkHours)),
                "session_hours": .integer(Int64(settings.sessionHours)), "audience": .string(settings.audience),
                "keys": .array(settings.keys.map(json)), "revision": .string(revision.text),
            ], at: revision)
    }

    private static func json(_ key: CentreKey) -> JSONValue {
        [
            "id": .string(key.id), "name": .string(key.name), "algorithm": .string(key.algorithm.rawValue),
            "created_at": JSONValue(milliseconds: key.createdMS),
        ]
    }
}
