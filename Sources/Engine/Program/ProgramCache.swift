import Storage
import Synchronization

/// The program in force, as whoever works by it needs it.
package struct PublishedProgram: Sendable {
    /// Of the version.
    package let number: Int64
    package let program: LoyaltyProgram
    /// The rules with the definitions of segments and tags in place of their names.
    package let rules: EarningRuleSet
    /// The rules of versions before, by number, of which something may still be judged again.
    private let before: [Int64: EarningRuleSet]

    package init(
        number: Int64, program: LoyaltyProgram, world: CriteriaWorld, before: [Int64: LoyaltyProgram] = [:]
    ) {
        self.number = number
        self.program = program
        rules = program.rules.expanded(world)
        self.before = before.mapValues { $0.rules.expanded(world) }
    }

    /// The rules of an earlier version; nil when it lies too far back.
    func earlier(_ number: Int64) -> EarningRuleSet? { before[number] }
}

/// What a process remembers of the program in force between transactions; one reads one number when nothing changed.
package final class ProgramCache: Sendable {
    /// Versions that are remembered besides the one in force.
    private static let earlierMax = 20

    private struct Known {
        var change: Change
        var published: PublishedProgram?
    }

    private let memory = Mutex<Known?>(nil)

    package init() {}

    private static let changeSetting = "program_change"

    /// Tells whether what was remembered still holds: conditions may name segments, which change on their own.
    private struct Change: Equatable {
        var program: Int64
        var segments: Int64
    }

    /// The program in force as this transaction sees it; nil when there is none. Throws: `StorageError`.
    package func load(_ connection: any SQLConnection) throws -> PublishedProgram? {
        let program = try Settings.load(Int64.self, Self.changeSetting, connection) ?? 0
        guard program > 0 else { return nil }
        let change = Change(program: program, segments: try SegmentCache.version(connection))
        if let known = memory.withLock({ $0 }), known.change == change { return known.published }
        let published = try Self.read(connection)
        memory.withLock { $0 = Known(change: change, published: published) }
        return published
    }

    /// The same without a memory. Throws: `StorageError`.
    package static func read(_ connection: any SQLConnection) throws -> PublishedProgram? {
        guard let version = try ProgramVersions.published(connection), let program = version.program else {
            return nil
        }
        var before: [Int64: LoyaltyProgram] = [:]
        for earlier in try ProgramVersions.list(connection).filter({ $0.retiredMS != nil }).prefix(earlierMax) {
            before[earlier.number] = earlier.program
        }
        return PublishedProgram(
            number: version.number, program: program, world: try CriteriaWorld.load(connection), before: before)
    }

    /// Call it in every transaction that changes what is in force, or what the program is made ready with.
    /// Throws: `StorageError`.
    package static func invalidate(_ connection: any SQLConnection, at now: Timestamp) throws {
        try connection.lock(changeSetting)
        let change = try Settings.load(Int64.self, changeSetting, connection) ?? 0
        try Settings.save(change + 1, changeSetting, connection, at: now)
    }
}
