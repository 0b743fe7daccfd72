import Storage

/// What a batch must know besides the events: settings, who is trusted, and what the catalogue says.
package struct PeopleContext {
    let workspace: Workspace
    let effects: Effects
    let seal: Seal
    var now: Timestamp
    /// Sources whose word for a telephone number or an address is taken: servers, tills, imports, Perennial itself.
    let trustedSources: Set<Int64>
    /// Those that files come from.
    let importSources: Set<Int64>
    let sourceNames: [Int64: String]
    let catalogue: CatalogueCache

    /// The same, for a transaction that begins later.
    func at(_ now: Timestamp) -> PeopleContext {
        var context = self
        context.now = now
        return context
    }

    /// Kinds of sources that run where no visitor can reach them.
    private static let trustedKinds: Set<String> = ["server", "wechat", "pos", "import", "platform"]

    /// `catalogue` is what a processor keeps between batches. Throws: `StorageError`.
    package static func load(
        _ connection: any SQLConnection, platform: Platform, now: Timestamp,
        catalogue: CatalogueCache = CatalogueCache()
    ) throws -> PeopleContext {
        var trusted: Set<Int64> = [SystemEventLog.sourceID]
        var imports: Set<Int64> = []
        var names: [Int64: String] = [:]
        for row in try connection.query("SELECT id, kind, name FROM sources") {
            let id = try row.int(0)
            let kind = try row.text(1)
            if trustedKinds.contains(kind) { trusted.insert(id) }
            if kind == SourceKind.import.rawValue { imports.insert(id) }
            names[id] = try row.text(2)
        }
        return PeopleContext(
            workspace: try Workspace.load(connection), effects: platform.effects, seal: platform.seal, now: now,
            trustedSources: trusted, importSources: imports, sourceNames: names, catalogue: catalogue)
    }
}
