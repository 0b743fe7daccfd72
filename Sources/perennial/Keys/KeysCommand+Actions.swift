import ArgumentParser
import Engine
import Storage

extension KeysCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List sources, write keys and secret keys.")

        @OptionGroup var options: PlatformOptions

        func run() async throws {
            let (sources, writeKeys, secrets) = try await options.withPlatform(analytics: .none) { platform in
                try await platform.store.read { (try Sources.list($0), try WriteKeys.all($0), try APIKeys.list($0)) }
            }
            var table = TextTable("SOURCE", "ID", "KIND", "WRITE KEY", "STATE", "LAST USED")
            for source in sources {
                let keys = writeKeys.filter { $0.sourceID == source.id }
                for key in keys {
                    let state = key.revokedAt == nil ? "live" : "revoked"
                    table.add(
                        source.name, String(source.id), source.kind.rawValue, key.key, state, used(key.lastUsedAt))
                }
                if keys.isEmpty { table.add(source.name, String(source.id), source.kind.rawValue, "none", "", "") }
            }
            table.print()
            print()
            var secretTable = TextTable("SECRET KEY", "ID", "NAME", "STATE", "LAST USED", "SCOPES")
            for key in secrets {
                let scopes = key.scopes.map(\.rawValue).sorted().joined(separator: " ")
                let state = key.revokedAt == nil ? "live" : "revoked"
                secretTable.add(key.prefix + "…", String(key.id), key.name, state, used(key.lastUsedAt), scopes)
            }
            secretTable.print()
        }

        private func used(_ moment: Timestamp?) -> String { moment?.iso8601 ?? "never" }
    }

    struct NewSource: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "source", abstract: "Add a source and print its first write key.")

        @OptionGroup var options: PlatformOptions
        @Argument(help: "What to call it.")
        var name: String
        @Option(help: ArgumentHelp(SourceKind.allCases.map(\.rawValue).joined(separator: ", ") + "."))
        var kind: String = "server"

        func run() async throws {
            guard let kind = SourceKind(rawValue: kind) else {
                throw CommandFailure(
                    "“\(kind)” is not a kind of source.",
                    remedy: "Kinds are \(SourceKind.allCases.map(\.rawValue).joined(separator: ", ")).")
            }
            let key = try await options.withPlatform(analytics: .none) { platform in
                try await explained {
                    try await platform.store.write { connection in
                        try Sources.create(
                            name: name, kind: kind, by: commandLineActor, connection, platform.effects
                        ).key
                    }
                }
            }
            print(key.key)
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a further write key of a source; the ones it has stay valid until they are revoked.")

        @OptionGroup var options: PlatformOptions
        @Argument(help: "The source's name or id.")
        var source: String

        func run() async throws {
            let key = try await options.withPlatform(analytics: .none) { platform in
                try await explained {
                    try await platform.store.write { connection in
                        let found = try Sources.find(name: source, connection)
                        guard let id = found?.id ?? Int64(source) else {
                            throw CommandFailure(
                                "There is no source “\(source)”.", remedy: "`perennial keys list` shows them.")
                        }
                        return try WriteKeys.issue(
                            sourceID: id, by: commandLineActor, connection, platform.effects)
                    }
                }
            }
            print(key.key)
        }
    }

    struct NewAPIKey: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "api", abstract: "Make a secret key of the API and print it, once.")

        @OptionGroup var options: PlatformOptions
        @Argument(help: "What it is for.")
        var name: String
        @Option(
            name: .customLong("scope"), help: "A scope such as profiles:read; repeatable. All scopes when left out.")
        var scopes: [String] = []

        func run() async throws {
            let wanted = try scopes.map { word in
                guard let scope = APIScope(rawValue: word) else {
                    throw CommandFailure(
                        "“\(word)” is not a scope.",
                        remedy: "Scopes are \(APIScope.allCases.map(\.rawValue).joined(separator: ", ")).")
                }
                return scope
            }
            let secret = try await options.withPlatform(analytics: .none) { platform in
                try await explained {
                    try await platform.store.write { connection in
                        try APIKeys.create(
                            name: name, scopes: wanted.isEmpty ? Set(APIScope.allCases) : Set(wanted),
                            by: commandLineActor, connection, platform.effects
                        ).secret
                    }
                }
            }
            print(secret)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a write key (wk_…) or a secret key (by the id that `list` shows).")

        @OptionGroup var options: PlatformOptions
        @Argument(help: "wk_… or the id of a secret key.")
        var key: String

        func run() async throws {
            try await options.withPlatform(analytics: .none) { platform in
                let now = platform.effects.now()
                try await explained {
                    try await platform.store.write { connection in
                        if let id = Int64(key) {
                            try APIKeys.revoke(id: id, by: commandLineActor, connection, at: now)
                        } else {
                            try WriteKeys.revoke(key: key, by: commandLineActor, connection, at: now)
                        }
                    }
                }
            }
            print("Revoked.")
        }
    }
}

/// Says an error about sources and keys in words for the terminal.
private func explained<T>(_ body: () async throws -> T) async throws -> T {
    let list = "`perennial keys list` shows them."
    do {
        return try await body()
    } catch let error as SourceError {
        switch error {
        case .badName:
            throw CommandFailure(
                "The name is empty or too long.", remedy: "Use 1 to \(SourceLimits.nameCharacters) characters.")
        case .notFound(let id):
            throw CommandFailure("There is no source \(id).", remedy: list)
        case .archived(let id):
            throw CommandFailure("The source \(id) is archived.", remedy: "Add a new source.")
        case .unknownWriteKey:
            throw CommandFailure("This write key is not known.", remedy: list)
        case .tooManyKeys:
            throw CommandFailure("The source has \(SourceLimits.liveKeys) live keys.", remedy: "Revoke one first.")
        default:
            throw CommandFailure("The change was refused: \(error).", remedy: "See `perennial help keys`.")
        }
    } catch let error as APIKeyError {
        switch error {
        case .badName:
            throw CommandFailure(
                "The name is empty or too long.", remedy: "Use 1 to \(APIKeys.nameCharacters) characters.")
        case .noScopes:
            throw CommandFailure("A key needs a scope.", remedy: "Name one with --scope.")
        case .notFound(let id):
            throw CommandFailure("There is no secret key \(id).", remedy: list)
        }
    }
}
