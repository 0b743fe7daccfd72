import Engine
import Storage

/// The first steps of a workspace in which nothing was ever collected, in place of panels that would all be empty.
struct StartModel: Encodable, Sendable {
    var mayImport: Bool
    var mayConnect: Bool

    /// Nil where something was collected. Throws: `StorageError`.
    static func load(for role: Role, _ connection: any SQLConnection) throws -> StartModel? {
        guard try EventLog.isUntouched(connection) else { return nil }
        return StartModel(mayImport: role.may(.importData), mayConnect: role.may(.readSources))
    }
}
