import Engine

/// Secret keys of this API.
enum APIKeyEndpoints {
    private static let tag = "API keys"
    private static let scopes = APISchema.array(.words(APIScope.allCases.map(\.rawValue)), count: 1...100)

    private static let fields = [
        APIField("id", .id), APIField("name", .string()), APIField("prefix", .string(), "How the secret begins."),
        APIField("scopes", scopes), APIField("created_at", .timestamp),
        APIField("last_used_at", .nullable(.timestamp)), APIField("revoked_at", .nullable(.timestamp)),
    ]
    private static let key = APISchema.named("APIKey", .object(fields))
    private static let newKey = APISchema.named(
        "NewAPIKey", .object(fields + [APIField("secret", .string(), "Shown this once.")]))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/api-keys", "listAPIKeys", tag: tag, "All secret keys, without their secrets.",
            access: .scope(.keysRead), response: .object([APIField("items", .array(key))]), handler: list),
        APIRoute(
            .post, "/api/v1/api-keys", "createAPIKey", tag: tag,
            "Make a secret key. It cannot have scopes that the calling key lacks.", access: .scope(.keysWrite),
            body: .json(
                .object([APIField("name", .string(min: 1, max: APIKeys.nameCharacters)), APIField("scopes", scopes)])),
            status: .created, response: newKey, isSecret: true, handler: create),
        APIRoute(
            .delete, "/api/v1/api-keys/{id}", "revokeAPIKey", tag: tag, "Revoke a secret key at once.",
            access: .scope(.keysWrite), parameters: [.path("id")], response: key, handler: revoke),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let keys = try await context.platform.store.read { try APIKeys.list($0) }
        return APIResponse(["items": .array(keys.map { .object(json($0)) })])
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let name = request.body["name"]?.stringValue ?? ""
        let words = request.body["scopes"]?.arrayValue ?? []
        let scopes = Set(words.compactMap { $0.stringValue.flatMap(APIScope.init(rawValue:)) })
        guard case .key(let own) = request.caller, scopes.isSubset(of: own.scopes) else {
            throw Problem(.forbidden, "missing_scope", "A key can only hand on scopes that it has itself.")
        }
        let (effects, actor) = (context.platform.effects, request.caller.actor)
        let (key, secret) = try await context.platform.store.write {
            try APIKeys.create(name: name, scopes: scopes, by: actor, $0, effects)
        }
        return APIResponse(.object(json(key).merging(["secret": .string(secret)]) { _, new in new }))
    }

    @Sendable private static func revoke(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        let key = try await context.platform.store.write { try APIKeys.revoke(id: id, by: actor, $0, at: now) }
        return APIResponse(.object(json(key)))
    }

    private static func json(_ key: APIKey) -> [String: JSONValue] {
        [
            "id": JSONValue(id: key.id), "name": .string(key.name), "prefix": .string(key.prefix),
            "scopes": .array(key.scopes.map(\.rawValue).sorted().map { .string($0) }),
            "created_at": JSONValue(key.createdAt), "last_used_at": JSONValue(key.lastUsedAt),
            "revoked_at": JSONValue(key.revokedAt),
        ]
    }
}
