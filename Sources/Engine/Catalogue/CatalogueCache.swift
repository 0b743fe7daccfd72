import Storage
import Synchronization

/// What a processor remembers of the catalogue between batches, so that a batch reads one number instead of it all.
///
/// `Declare` raises that number with every change, in the same transaction.
package final class CatalogueCache: Sendable {
    private let memory = Mutex<Memory?>(nil)

    private struct Memory {
        var version: Int64
        var declarations: CatalogueDeclarations
        var known: CatalogueNames
    }

    package init() {}

    static let versionSetting = "catalogue_version"

    func load(_ connection: any SQLConnection) throws -> (CatalogueDeclarations, CatalogueNames) {
        let version = try Settings.load(Int64.self, Self.versionSetting, connection) ?? 0
        if let memory = memory.withLock({ $0 }), memory.version == version {
            return (memory.declarations, memory.known)
        }
        let declarations = try CatalogueDeclarations.load(connection)
        let known = try CatalogueNames.load(connection)
        memory.withLock { $0 = Memory(version: version, declarations: declarations, known: known) }
        return (declarations, known)
    }

    /// Remembers names that a batch met for the first time. A batch that is rolled back meets them again; a name
    /// remembered too early costs nothing, for every batch writes what it saw.
    func remember(_ known: CatalogueNames) {
        memory.withLock { $0?.known = known }
    }
}

/// The names in the catalogue, to keep it bounded.
struct CatalogueNames: Sendable {
    private(set) var events: Set<String> = []
    private(set) var fields: [String: Set<String>] = [:]

    static func load(_ connection: any SQLConnection) throws -> CatalogueNames {
        var names = CatalogueNames()
        for row in try connection.query("SELECT name FROM catalogue_events") {
            names.events.insert(try row.text(0))
        }
        for row in try connection.query("SELECT owner, name FROM catalogue_fields") {
            names.fields[try row.text(0), default: []].insert(try row.text(1))
        }
        return names
    }

    /// Whether the event name is in the catalogue, or may still enter it.
    mutating func admit(event name: String) -> Bool {
        if events.contains(name) { return true }
        guard events.count < CatalogueLimits.eventNames else { return false }
        events.insert(name)
        return true
    }

    mutating func admit(field name: String, of owner: String) -> Bool {
        if fields[owner]?.contains(name) == true { return true }
        guard (fields[owner]?.count ?? 0) < CatalogueLimits.fieldsPerOwner else { return false }
        fields[owner, default: []].insert(name)
        return true
    }
}
