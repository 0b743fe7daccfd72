import Engine
import Storage

/// Where events come from.
struct SourcesModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var kind: String
        var tone: String
        var state: String
    }

    var rows: [Row]
    var isEmpty: Bool
    var kinds: [Choice]
    var mayManage: Bool
    var name: String
    var problem: String?
}

/// One source with its keys, and how to point a client at it.
struct SourceModel: PageModel {
    struct Key: Encodable, Sendable {
        var key: String
        var since: String
        var used: String
        var isRevoked: Bool
    }

    struct Snippet: Encodable, Sendable {
        var id: String
        var title: String
        var code: String
    }

    var id: String
    var kind: String
    var keys: [Key]
    var snippets: [Snippet]
    var isArchived: Bool
    var mayManage: Bool
    var problem: String?
}

/// Whether the first event has come.
struct ArrivalModel: PageModel {
    var id: String
    var isWaiting: Bool
    var text: String
}

enum SourcesPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let (form, actor, effects) = (request.form, request.actor, request.platform.effects)
        let kind = SourceKind(rawValue: form.text("kind")) ?? .web
        do {
            let id = try await request.platform.store.write { connection in
                try Sources.create(name: form.text("name"), kind: kind, by: actor, connection, effects).source.id
            }
            return .redirect(to: "/sources/\(id)", notice: "sources.created")
        } catch SourceError.badName {
            return try await answer(request, problem: request.text("sources.bad_name"))
        }
    }

    static func one(_ request: PageRequest) async throws -> Reply {
        try await answerOne(request)
    }

    static func arrival(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("source")
        let source = try await source(id, request)
        let text = source.lastEventAt.map {
            request.text("sources.last_event", ["when": request.wording.ago($0, now: request.now)])
        }
        return .panel(
            template: "sources/arrival",
            model: ArrivalModel(
                id: String(id), isWaiting: text == nil, text: text ?? request.text("sources.waiting")))
    }

    static func issueKey(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("source")
        let (actor, effects) = (request.actor, request.platform.effects)
        do {
            try await request.platform.store.write {
                _ = try WriteKeys.issue(sourceID: id, by: actor, $0, effects)
            }
        } catch SourceError.tooManyKeys {
            return try await answerOne(request, problem: request.text("sources.too_many_keys"))
        } catch is SourceError {
            throw PageFailure.notFound
        }
        return .redirect(to: "/sources/\(id)", notice: "sources.key_issued")
    }

    static func revokeKey(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("source")
        let (actor, now, key) = (request.actor, request.now, request.form.text("key"))
        do {
            try await request.platform.store.write { connection in
                guard try WriteKeys.list(sourceID: id, connection).contains(where: { $0.key == key }) else {
                    throw SourceError.unknownWriteKey
                }
                try WriteKeys.revoke(key: key, by: actor, connection, at: now)
            }
        } catch is SourceError {
            throw PageFailure.notFound
        }
        return .redirect(to: "/sources/\(id)", notice: "sources.key_revoked")
    }

    private static func source(_ id: Int64, _ request: PageRequest) async throws -> Source {
        do {
            return try await request.platform.store.read { try Sources.get(id: id, $0) }
        } catch SourceError.notFound {
            throw PageFailure.notFound
        }
    }

    private static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let sources = try await request.platform.store.read { try Sources.list($0) }
        let wording = request.wording
        let model = SourcesModel(
            rows: sources.map { source in
                SourcesModel.Row(
                    href: "/sources/\(source.id)", name: source.name,
                    kind: wording.text("sources.kind_\(source.kind.rawValue)"),
                    tone: source.archivedAt != nil ? "bad" : source.lastEventAt == nil ? "warn" : "good",
                    state: source.archivedAt != nil
                        ? wording.text("sources.archived")
                        : source.lastEventAt.map {
                            wording.text("sources.last_event", ["when": wording.ago($0, now: request.now)])
                        } ?? wording.text("sources.waiting"))
            },
            isEmpty: sources.isEmpty,
            kinds: SourceKind.allCases.filter { $0 != .import && $0 != .platform }.map {
                Choice($0.rawValue, wording.text("sources.kind_\($0.rawValue)"), chosen: request.form.text("kind"))
            },
            mayManage: request.user.role.may(.manageSources), name: request.form.text("name"), problem: problem)
        return .page(
            Page(
                "sources/page", title: request.text("sources.title"), model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }

    private static func answerOne(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try request.id("source")
        let source = try await source(id, request)
        let keys = try await request.platform.store.read { try WriteKeys.list(sourceID: id, $0) }
        let live = keys.first { $0.revokedAt == nil }?.key ?? "WRITE_KEY"
        let model = SourceModel(
            id: String(id), kind: request.text("sources.kind_\(source.kind.rawValue)"),
            keys: keys.map { key in
                SourceModel.Key(
                    key: key.key,
                    since: request.text(
                        "sources.key_since", ["when": request.wording.shortDate(key.createdAt, now: request.now)]),
                    used: key.lastUsedAt.map {
                        request.text("sources.key_used", ["when": request.wording.ago($0, now: request.now)])
                    } ?? request.text("sources.key_unused"),
                    isRevoked: key.revokedAt != nil)
            },
            snippets: SourceSnippets.all(key: live, address: request.address),
            isArchived: source.archivedAt != nil, mayManage: request.user.role.may(.manageSources), problem: problem)
        return .page(
            Page(
                "sources/one", title: source.name, crumbs: [Crumb(request.text("sources.title"), "/sources")],
                model: model, status: problem == nil ? .ok : .unprocessableContent))
    }
}
