import Engine
import Storage

/// What those are called who do things: users and keys by their names.
struct ActorNames: Sendable {
    private let names: [String: String]

    /// Throws: `StorageError`.
    static func load(_ connection: any SQLConnection) throws -> ActorNames {
        let users = try Users.list(connection).map { ("user:\($0.id)", $0.name) }
        let keys = try APIKeys.list(connection).map { ($0.actor, $0.name) }
        return ActorNames(names: Dictionary(users + keys) { first, _ in first })
    }

    /// The name; whoever has none is called as the log has it.
    func name(_ actor: String) -> String { names[actor] ?? actor }
}
