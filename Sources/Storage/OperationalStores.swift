import Foundation

/// Opens the operational store that a URL names:
/// - `sqlite:///absolute/path.db` or `sqlite:relative/path.db`: a file, made when it is not there (its folder must be)
/// - `postgres://user:password@host:port/database?sslmode=require`: a server, with every option that libpq knows;
///   `postgres:///database?host=/var/run/postgresql` goes through a local socket
///
/// Throws: `StorageError.badAddress` for anything else, `.unavailable` or `.cannotWrite` when the store cannot be
/// opened. No message repeats a password.
package func openOperationalStore(
    _ url: String, options: OperationalStoreOptions = OperationalStoreOptions()
) async throws -> any OperationalStore {
    let scheme = url.prefix { $0 != ":" }
    switch scheme {
    case "sqlite":
        return try await SQLiteStore.open(path: try sqlitePath(in: url), options: options)
    case "postgres", "postgresql":
        return try await PostgreSQLStore.open(url: url, options: options)
    default:
        let named = scheme.count < url.count ? "the scheme '\(scheme)'" : "an address without a scheme"
        throw StorageError.badAddress(
            "\(named) names no operational store; write sqlite:///absolute/path.db, sqlite:relative/path.db "
                + "or postgres://user:password@host:port/database")
    }
}

private func sqlitePath(in url: String) throws -> String {
    let rest = url.dropFirst("sqlite:".count)
    let path = rest.hasPrefix("///") ? String(rest.dropFirst(2)) : String(rest)
    guard !path.isEmpty, !path.hasPrefix("//"), !path.hasSuffix("/") else {
        throw StorageError.badAddress(
            "\(url) names no file; write sqlite:///absolute/path.db or sqlite:relative/path.db")
    }
    return path
}
