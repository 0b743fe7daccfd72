import Engine
import Foundation
import HTTPTypes
import Hummingbird

/// Tells who calls, by `Authorization: Bearer pk_…`, or by a write key where an endpoint takes events.
struct APIAuthentication: Sendable {
    let context: APIContext

    /// Throws: `Problem` 401 for no or an unknown key, 403 for a key without the scope.
    func caller(of request: Request, for access: APIRoute.Access) async throws -> APICaller {
        switch access {
        case .open: return .nobody
        case .scope(let scope): return try await key(request, scope)
        case .scopes(let one, let other): return try await key(request, one, other)
        case .scopeOrWriteKey(let scope):
            guard let credential = Self.credential(request) else { throw Self.missing }
            if credential.hasPrefix("pk_") { return try await key(request, scope) }
            guard let source = try await context.writeKeys.source(of: credential) else { throw Self.unknown }
            return .source(source)
        }
    }

    private func key(_ request: Request, _ scopes: APIScope...) async throws -> APICaller {
        guard let secret = Self.credential(request) else { throw Self.missing }
        guard let key = try await APIKeys.authenticate(secret: secret, platform: context.platform) else {
            throw Self.unknown
        }
        for scope in scopes where !key.scopes.contains(scope) { throw Self.missing(scope) }
        return .key(key)
    }

    static func missing(_ scope: APIScope) -> Problem {
        Problem(.forbidden, "missing_scope", "This key may not do that: it needs the scope \(scope.rawValue).")
    }

    /// The token of `Bearer`, or the user name of `Basic` (RFC 7617), as SDKs send their write key.
    static func credential(_ request: Request) -> String? {
        guard let header = request.headers[.authorization], let space = header.firstIndex(of: " ") else { return nil }
        let token = header[header.index(after: space)...].drop { $0 == " " }
        switch header[..<space].lowercased() {
        case "bearer": return token.isEmpty ? nil : String(token)
        case "basic":
            guard let data = Data(base64Encoded: String(token)) else { return nil }
            let user = String(decoding: data, as: UTF8.self).prefix { $0 != ":" }
            return user.isEmpty ? nil : String(user)
        default: return nil
        }
    }

    private static let challenge: HTTPFields = [.wwwAuthenticate: "Bearer realm=\"perennial\""]
    private static let missing = Problem(
        .unauthorized, "unauthorized", "Send a key: Authorization: Bearer pk_….", headers: challenge)
    private static let unknown = Problem(
        .unauthorized, "unauthorized", "The key is unknown or revoked.", headers: challenge)
}
