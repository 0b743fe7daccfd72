import Storage
import Synchronization

/// What a processor remembers of published segments and tags between batches; a batch reads one number when nothing changed.
package final class SegmentCache: Sendable {
    private let memory = Mutex<PublishedSegments?>(nil)

    package init() {}

    private static let versionSetting = "segments_version"

    /// Throws: `StorageError`.
    func load(_ workspace: Workspace, _ connection: any SQLConnection) throws -> PublishedSegments {
        let version = try Self.version(connection)
        if let known = memory.withLock({ $0 }), known.version == version, known.workspace == workspace { return known }
        let published =
            version == 0
            ? PublishedSegments(version: 0, workspace: workspace)
            : try PublishedSegments.load(version: version, workspace, connection)
        memory.withLock { $0 = published }
        return published
    }

    /// Rises with every change of a segment, a tag or a feature. Throws: `StorageError`.
    static func version(_ connection: any SQLConnection) throws -> Int64 {
        try Settings.load(Int64.self, versionSetting, connection) ?? 0
    }

    /// Call it in every transaction that changes a segment, a tag or a feature. Throws: `StorageError`.
    static func invalidate(_ connection: any SQLConnection, at now: Timestamp) throws {
        try connection.lock("segments_version")
        let version = try Settings.load(Int64.self, versionSetting, connection) ?? 0
        try Settings.save(version + 1, versionSetting, connection, at: now)
    }
}

/// The segments and tags that are kept, ready to be asked about a person.
package struct PublishedSegments: Sendable {
    let version: Int64
    let workspace: Workspace
    let calendar: LocalCalendar
    /// Dynamic segments and tags that a rule keeps, with the definitions of others put in.
    private(set) var dynamic: [Dynamic] = []
    private(set) var lists: Set<Int64> = []
    private(set) var tags = TagTree()
    private(set) var scores: [PublishedScore] = []
    private(set) var names: [Int64: String] = [:]
    private(set) var features: [KeptFeatures.Kept] = []
    /// Places in `features` by event name.
    private(set) var featuresByEvent: [String: [Int]] = [:]
    private(set) var needsOrders = false
    private(set) var needsHoldings = false

    struct Dynamic: Sendable {
        var id: Int64
        var isTag: Bool
        var criteria: Criteria
    }

    init(version: Int64, workspace: Workspace) {
        self.version = version
        self.workspace = workspace
        calendar = workspace.calendar
    }

    var isEmpty: Bool { dynamic.isEmpty && lists.isEmpty && features.isEmpty && tags.isEmpty && scores.isEmpty }

    func clock(_ now: Timestamp) -> CriteriaClock {
        CriteriaClock(
            now: now, calendar: calendar, currencyDigits: CurrencyScale.digits(workspace.currency))
    }

    static func load(
        version: Int64, _ workspace: Workspace, _ connection: any SQLConnection
    ) throws -> PublishedSegments {
        var published = PublishedSegments(version: version, workspace: workspace)
        let world = try CriteriaWorld.load(connection)
        published.tags = world.tags
        published.names = world.segments.mapValues(\.name).merging(world.tags.names) { name, _ in name }
        published.lists = Set(world.segments.filter { $0.value.criteria == nil }.map(\.key))
        for id in world.kept {
            guard let node = world.definition(id) else { continue }
            let criteria = Criteria(node).expanded(world)
            published.dynamic.append(Dynamic(id: id, isTag: world.segments[id] == nil, criteria: criteria))
            published.needsOrders = published.needsOrders || criteria.needsOrders
            published.needsHoldings = published.needsHoldings || criteria.needsHoldings
        }
        for model in try ScoreModels.list(connection) {
            guard let definition = model.rules?.expanded(world) else { continue }
            published.scores.append(
                PublishedScore(
                    id: model.id, name: model.name, version: model.version, isBuilding: model.isBuilding,
                    definition: definition))
            published.needsOrders = published.needsOrders || definition.needsOrders
            published.needsHoldings = published.needsHoldings || definition.needsHoldings
        }
        published.features = try KeptFeatures.load(connection)
        for (place, kept) in published.features.enumerated() {
            for name in kept.feature.filter.names { published.featuresByEvent[name, default: []].append(place) }
        }
        return published
    }

    /// The dynamic segments and tags that apply to this person now. Pure.
    func membership(_ subject: CriteriaSubject, _ clock: CriteriaClock) -> Set<Int64> {
        var ids: Set<Int64> = []
        for segment in dynamic where segment.criteria.holds(for: subject, clock) { ids.insert(segment.id) }
        return ids
    }
}
