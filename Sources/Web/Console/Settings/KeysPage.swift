import Engine
import Storage

/// The secret keys of the API.
struct KeysModel: PageModel {
    struct Row: Encodable, Sendable {
        var id: String
        var name: String
        var prefix: String
        var scopes: String
        var since: String
        var used: String
        var isRevoked: Bool
    }

    struct Scope: Encodable, Sendable {
        var value: String
        var checked: String?
    }

    var rows: [Row]
    var isEmpty: Bool
    var scopes: [Scope]
    var name: String
    var problem: String?
    /// A secret just made, shown this once.
    var secret: String?
}

enum KeysPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        try await answer(request)
    }

    static func create(_ request: PageRequest) async throws -> Reply {
        let (form, actor, effects) = (request.form, request.actor, request.platform.effects)
        let scopes = Set(form.all("scope").compactMap(APIScope.init(rawValue:)))
        do {
            let secret = try await request.platform.store.write { connection in
                try APIKeys.create(name: form.text("name"), scopes: scopes, by: actor, connection, effects).secret
            }
            return try await answer(request, secret: secret)
        } catch APIKeyError.noScopes {
            return try await answer(request, problem: request.text("settings.key_no_scopes"))
        } catch APIKeyError.badName {
            return try await answer(request, problem: request.text("settings.key_bad_name"))
        }
    }

    static func rotate(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("key")
        let (actor, effects) = (request.actor, request.platform.effects)
        do {
            let secret = try await request.platform.store.write {
                try APIKeys.rotate(id: id, by: actor, $0, effects).secret
            }
            return try await answer(request, secret: secret)
        } catch APIKeyError.notFound {
            throw PageFailure.notFound
        }
    }

    static func revoke(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("key")
        let (actor, now) = (request.actor, request.now)
        do {
            _ = try await request.platform.store.write { try APIKeys.revoke(id: id, by: actor, $0, at: now) }
        } catch APIKeyError.notFound {
            throw PageFailure.notFound
        }
        return .redirect(to: "/settings/keys", notice: "sources.key_revoked")
    }

    private static func answer(
        _ request: PageRequest, problem: String? = nil, secret: String? = nil
    ) async throws -> Reply {
        let keys = try await request.platform.store.read { try APIKeys.list($0) }
        let wording = request.wording
        let asked = secret == nil ? Set(request.form.all("scope")) : []
        let model = KeysModel(
            rows: keys.map { key in
                KeysModel.Row(
                    id: String(key.id), name: key.name, prefix: key.prefix + "…",
                    scopes: key.scopes.map(\.rawValue).sorted().joined(separator: " "),
                    since: wording.shortDate(key.createdAt, now: request.now),
                    used: key.lastUsedAt.map { wording.ago($0, now: request.now) } ?? wording.text("settings.never"),
                    isRevoked: key.revokedAt != nil)
            },
            isEmpty: keys.isEmpty,
            scopes: APIScope.allCases.map {
                KeysModel.Scope(value: $0.rawValue, checked: asked.contains($0.rawValue) ? "checked" : nil)
            },
            name: secret == nil ? request.form.text("name") : "", problem: problem, secret: secret)
        return .page(
            Page(
                "settings/keys", title: request.text("settings.keys"),
                crumbs: [Crumb(request.text("settings.title"), "/settings")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }
}
