import Engine
import Storage

/// Sources and their write keys.
enum SourceEndpoints {
    private static let tag = "Sources"

    private static let writeKey = APISchema.named(
        "WriteKey",
        .object([
            APIField("key", .string()), APIField("created_at", .timestamp),
            APIField("revoked_at", .nullable(.timestamp)),
            APIField("last_used_at", .nullable(.timestamp), "To the minute; null before the first use."),
        ]))

    private static let source = APISchema.named(
        "Source",
        .object([
            APIField("id", .id), APIField("name", .string()), APIField("kind", .words(kinds)),
            APIField("created_at", .timestamp), APIField("archived_at", .nullable(.timestamp)),
            APIField("first_event_at", .nullable(.timestamp)), APIField("last_event_at", .nullable(.timestamp)),
            APIField("write_keys", .array(writeKey)), APIField("revision", .string(), "Of its name, for `If-Match`."),
        ]))

    private static let kinds = SourceKind.allCases.map(\.rawValue)
    private static let name = APIField("name", .string(min: 1, max: SourceLimits.nameCharacters))

    static let routes: [APIRoute] = [
        APIRoute(
            .get, "/api/v1/sources", "listSources", tag: tag, "All sources with their write keys.",
            access: .scope(.sourcesRead), response: .object([APIField("items", .array(source))]), handler: list),
        APIRoute(
            .post, "/api/v1/sources", "createSource", tag: tag, "Add a source; it gets a first write key.",
            access: .scope(.sourcesWrite), body: .json(.object([name, APIField("kind", .words(kinds))])),
            status: .created, response: source, handler: create),
        APIRoute(
            .get, "/api/v1/sources/{id}", "getSource", tag: tag, "One source.", access: .scope(.sourcesRead),
            parameters: [.path("id")], response: source, isRevised: true, handler: get),
        APIRoute(
            .patch, "/api/v1/sources/{id}", "renameSource", tag: tag, "Give a source another name.",
            access: .scope(.sourcesWrite), parameters: [.path("id")], body: .json(.object([name])), response: source,
            isRevised: true, handler: rename),
        APIRoute(
            .delete, "/api/v1/sources/{id}", "archiveSource", tag: tag,
            "Archive a source: its keys are revoked, its events stay.", access: .scope(.sourcesWrite),
            parameters: [.path("id")], response: source, handler: archive),
        APIRoute(
            .post, "/api/v1/sources/{id}/write-keys", "issueWriteKey", tag: tag,
            "Issue a further write key; the others stay valid until they are revoked.", access: .scope(.sourcesWrite),
            parameters: [.path("id")], status: .created, response: writeKey, handler: issue),
        APIRoute(
            .delete, "/api/v1/write-keys/{key}", "revokeWriteKey", tag: tag, "Revoke a write key within seconds.",
            access: .scope(.sourcesWrite), parameters: [.path("key", .string(min: 1, max: 100))], response: writeKey,
            handler: revoke),
    ]

    @Sendable private static func list(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (sources, keys) = try await context.platform.store.read {
            (try Sources.list($0), Dictionary(grouping: try WriteKeys.all($0), by: \.sourceID))
        }
        return APIResponse(["items": .array(try sources.map { try json($0, keys[$0.id] ?? []) })])
    }

    @Sendable private static func create(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let name = request.body["name"]?.stringValue ?? ""
        let word = request.body["kind"]?.stringValue ?? ""
        guard let kind = SourceKind(rawValue: word) else { throw SourceError.unknownKind(word) }
        let (effects, actor) = (context.platform.effects, request.caller.actor)
        let (source, key) = try await context.platform.store.write {
            try Sources.create(name: name, kind: kind, by: actor, $0, effects)
        }
        return APIResponse(try json(source, [key]))
    }

    @Sendable private static func get(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let id = try request.id("id")
        return try await answer(context) { try Sources.get(id: id, $0) }
    }

    @Sendable private static func rename(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        let name = request.body["name"]?.stringValue ?? ""
        _ = try await context.platform.store.write { connection in
            try request.match(try Sources.get(id: id, connection).revision)
            return try Sources.rename(id: id, to: name, by: actor, connection, at: now)
        }
        return try await answer(context) { try Sources.get(id: id, $0) }
    }

    @Sendable private static func archive(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, now) = (try request.id("id"), request.caller.actor, context.platform.effects.now())
        _ = try await context.platform.store.write { try Sources.archive(id: id, by: actor, $0, at: now) }
        return try await answer(context) { try Sources.get(id: id, $0) }
    }

    @Sendable private static func issue(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (id, actor, effects) = (try request.id("id"), request.caller.actor, context.platform.effects)
        let key = try await context.platform.store.write {
            try WriteKeys.issue(sourceID: id, by: actor, $0, effects)
        }
        return APIResponse(json(key))
    }

    @Sendable private static func revoke(_ request: APIRequest, _ context: APIContext) async throws -> APIResponse {
        let (key, actor, now) = (request.string("key") ?? "", request.caller.actor, context.platform.effects.now())
        let revoked = try await context.platform.store.write {
            try WriteKeys.revoke(key: key, by: actor, $0, at: now)
        }
        return APIResponse(json(revoked))
    }

    private static func answer(
        _ context: APIContext, _ find: @escaping @Sendable (any SQLConnection) throws -> Source
    ) async throws -> APIResponse {
        let (source, keys) = try await context.platform.store.read { connection in
            let source = try find(connection)
            return (source, try WriteKeys.list(sourceID: source.id, connection))
        }
        return APIResponse(try json(source, keys), at: try source.revision)
    }

    private static func json(_ source: Source, _ keys: [WriteKey]) throws -> JSONValue {
        [
            "id": JSONValue(id: source.id), "name": .string(source.name), "kind": .string(source.kind.rawValue),
            "created_at": JSONValue(source.createdAt), "archived_at": JSONValue(source.archivedAt),
            "first_event_at": JSONValue(source.firstEventAt), "last_event_at": JSONValue(source.lastEventAt),
            "write_keys": .array(keys.map(json)), "revision": .string(try source.revision.text),
        ]
    }

    private static func json(_ key: WriteKey) -> JSONValue {
        [
            "key": .string(key.key), "created_at": JSONValue(key.createdAt), "revoked_at": JSONValue(key.revokedAt),
            "last_used_at": JSONValue(key.lastUsedAt),
        ]
    }
}
