import Storage
import Synchronization

/// The program in force, as whoever works by it needs it.
package struct PublishedProgram: Sendable {
    /// Of the version.
    package let number: Int64
    package let program: LoyaltyProgram
}

/// What a process remembers of the program in force between transactions; one reads one number when nothing changed.
package final class ProgramCache: Sendable {
    private struct Known {
        var change: Int64
        var published: PublishedProgram?
    }

    private let memory = Mutex<Known?>(nil)

    package init() {}

    private static let changeSetting = "program_change"

    /// The program in force as this transaction sees it; nil when there is none. Throws: `StorageError`.
    package func load(_ connection: any SQLConnection) throws -> PublishedProgram? {
        let change = try Settings.load(Int64.self, Self.changeSetting, connection) ?? 0
        if let known = memory.withLock({ $0 }), known.change == change { return known.published }
        let published = change == 0 ? nil : try Self.read(connection)
        memory.withLock { $0 = Known(change: change, published: published) }
        return published
    }

    /// The same without a memory. Throws: `StorageError`.
    package static func read(_ connection: any SQLConnection) throws -> PublishedProgram? {
        guard let version = try ProgramVersions.published(connection), let program = version.program else {
            return nil
        }
        return PublishedProgram(number: version.number, program: program)
    }

    /// Call it in every transaction that changes what is in force, or what the program is made ready with.
    /// Throws: `StorageError`.
    package static func invalidate(_ connection: any SQLConnection, at now: Timestamp) throws {
        try connection.lock(changeSetting)
        let change = try Settings.load(Int64.self, changeSetting, connection) ?? 0
        try Settings.save(change + 1, changeSetting, connection, at: now)
    }
}
