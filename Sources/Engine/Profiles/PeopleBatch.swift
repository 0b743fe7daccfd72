import Storage

/// The people whom one batch of events touches: loaded together, changed in memory, written once.
///
/// Invariants: given the log, the result is always the same (ids of new profiles aside). Every identity, profile and
/// order is read once and written at most once. Rows are locked in the order of their keys, so that processors on
/// other shards wait and do not tread on each other.
///
/// `apply` every event in order, then `settle` (orders are written, facts and merges final), let other rooms change
/// people through `changeProfile`, then `save`.
package struct PeopleBatch {
    let context: PeopleContext
    let connection: any SQLConnection
    var catalogue: CatalogueBatch
    /// What is read off each event once, by position.
    var readings: [Int64: Reading]
    var links: [IdentityKey: IdentityLink]
    var changedLinks: Set<IdentityKey> = []
    /// Keys claimed on PostgreSQL that still point at nobody.
    var freeKeys: Set<IdentityKey>
    let tombstones: Tombstones
    var people: [Int64: Person] = [:]
    var orders: OrderBatch
    var merges: [MergeRecord] = []
    var conflicts: [ConflictRecord] = []
    /// Links taken away on purpose in this batch, and what remembers them.
    var unlinkedKeys: Set<IdentityKey> = []
    var unlinks: [UnlinkRecord] = []
    var erasures: [Int64] = []
    /// Whose event each position was, so that an erasure reaches events whose outcome is not yet written.
    private var applied: [(position: Int64, profileID: Int64)] = []
    var happened: [SystemEvent] = []
    /// People whose orders changed, or came by a merge.
    var orderPeople: Set<Int64> = []
    /// Whether the roll-up of the log counts the visits of people of whom nothing else changed.
    var countsVisitsLater = false
    /// People whose visits in this batch are still to be counted. Complete after `save`.
    var laterVisitors: Set<Int64> = []
    private var isSettled = false

    struct Reading: Sendable {
        var claims: ClaimSet
        var order: OrderInput?
    }

    /// Reads and locks everything the events mention. Throws: `StorageError`.
    package init(
        loading events: [LoggedEvent], context: PeopleContext, _ connection: any SQLConnection
    ) throws {
        try self.init(loading: events, context: context, readings: Self.read(events, context), connection)
    }

    /// The same with what `read` told of each event before, and with people of whom something changed elsewhere.
    init(
        loading events: [LoggedEvent], and others: Set<Int64> = [], context: PeopleContext,
        readings: [Int64: Reading], _ connection: any SQLConnection
    ) throws {
        self.context = context
        self.connection = connection
        catalogue = try CatalogueBatch(context.catalogue, connection)
        self.readings = readings
        var keys: Set<IdentityKey> = []
        var profileIDs: Set<Int64> = []
        for event in events {
            guard let reading = readings[event.position] else { continue }
            for claim in reading.claims.claims { keys.insert(claim.key) }
            if let id = reading.claims.profileID { profileIDs.insert(id) }
        }
        links = try IdentityLinks.load(Array(keys), connection)
        freeKeys = keys.subtracting(links.keys)
        tombstones = try Tombstones.load(freeKeys.sorted(), connection)
        orders = try OrderBatch(loading: events.compactMap { readings[$0.position]?.order }, connection)
        profileIDs.formUnion(links.values.map(\.profileID))
        profileIDs.formUnion(orders.profileIDs)
        profileIDs.formUnion(others)
        profileIDs.remove(0)
        try loadPeople(profileIDs)
        for id in others { changeProfile(id) { _ in } }
    }

    /// What each event says by itself, by position. Pure.
    static func read(_ events: [LoggedEvent], _ context: PeopleContext) -> [Int64: Reading] {
        var readings: [Int64: Reading] = [:]
        readings.reserveCapacity(events.count)
        for logged in events {
            let claims = ClaimSet(
                logged.event, isTrusted: context.trustedSources.contains(logged.sourceID),
                defaultCountry: context.workspace.defaultCountry)
            let order =
                logged.event.kind == .track
                ? OrderAction.of(eventName: logged.event.name).map {
                    OrderReader.read(logged.event.properties, action: $0)
                } : nil
            readings[logged.position] = Reading(claims: claims, order: order)
        }
        return readings
    }

    /// Loads profiles, and those they were merged into.
    mutating func loadPeople(_ ids: Set<Int64>) throws {
        var wanted = ids
        while !wanted.isEmpty {
            let rows = try ProfileRows.load(Array(wanted), connection)
            for row in rows { people[row.id] = Person(row, isNew: false) }
            wanted = Set(rows.compactMap(\.mergedInto)).subtracting(people.keys)
        }
    }

    /// The living person behind an id: merged ones lead to their winner. Nil when there is none, or it was erased.
    func person(_ id: Int64) -> Person? {
        var current = people[id]
        while let next = current?.row.mergedInto { current = people[next] }
        guard let current, current.row.deletedMS == nil else { return nil }
        return current
    }

    /// Applies one event. Returns whose it is (0: nobody's) and what became of it.
    package mutating func apply(_ logged: LoggedEvent) throws -> (profileID: Int64, outcome: EventOutcome) {
        guard catalogue.observe(logged) else { return (0, .blocked) }
        let reading = readings[logged.position] ?? Reading(claims: ClaimSet())
        let person = try identify(logged, reading.claims)
        refuse(reading.claims, person, logged)
        if let person {
            person.touch(at: logged.event.time.milliseconds)
            try applyTraits(of: logged, to: person)
        }
        if let order = reading.order { apply(order, of: logged, reading.claims, person) }
        let profileID = person?.row.id ?? 0
        applied.append((logged.position, profileID))
        return (profileID, .stored)
    }

    private mutating func applyTraits(of logged: LoggedEvent, to person: Person) throws {
        let event = logged.event
        if event.traitOperation == .delete {
            return erase(person, at: event.time)
        }
        let source = context.sourceNames[logged.sourceID] ?? ""
        if event.name.lowercased() == "consent changed" {
            let given = ConsentWords.read(changed: try JSONValue(parsing: event.properties))
            try person.changeState { TraitFold.note(given, at: event.time, source: source, in: &$0) }
        }
        guard event.traits.utf8.count > 2, case .object(let traits) = try JSONValue(parsing: event.traits),
            !traits.isEmpty, event.kind != .group
        else { return }
        var refused: [TraitFold.Refused] = []
        try person.changeState { state in
            refused = TraitFold.apply(
                traits, event.traitOperation, at: event.time, source: source, to: &state,
                isBlocked: { [catalogue] in catalogue.isBlocked(trait: $0) })
        }
        for refusal in refused where refusal.rule != .blocked {
            catalogue.violate(CatalogueDeclarations.traitOwner, refusal.name, refusal.rule, "", logged)
        }
        let name = DisplayName.of(try person.state())
        if name != person.row.displayName { person.change { $0.displayName = name } }
    }

    /// The person asked to be forgotten: nothing later in the batch finds them, and `save` erases them.
    private mutating func erase(_ person: Person, at time: Timestamp) {
        guard person.row.deletedMS == nil else { return }
        person.change { $0.deletedMS = time.milliseconds }
        erasures.append(person.row.id)
    }

    /// Lets another room change a profile before it is saved.
    package func changeProfile(_ id: Int64, _ change: (inout Profile) -> Void) {
        person(id)?.change(change)
    }

    /// The profile as it stands in the batch; merged ids lead to the winner.
    package func profile(_ id: Int64) -> Profile? {
        person(id)?.row
    }

    /// Adds something that another room says happened.
    package mutating func say(_ event: SystemEvent) {
        happened.append(event)
    }

    /// People whose order facts changed in this batch, ascending. Complete after `settle`.
    package var changedOrderProfiles: [Int64] {
        orderPeople.sorted()
    }

    /// Writes orders and brings the facts of everyone whose orders changed up to date. Safe to call twice.
    package mutating func settle() throws {
        guard !isSettled else { return }
        isSettled = true
        try settleOrders()
    }

    private mutating func eraseForgotten() throws {
        for id in erasures {
            happened.append(
                try Erasure.erase(
                    id, at: context.now, effects: context.effects, seal: context.seal, connection))
        }
        guard !erasures.isEmpty else { return }
        let positions = applied.filter { people[$0.profileID]?.row.deletedMS != nil || leadsToErased($0.profileID) }
        try Erasure.wipeLog(positions.map(\.position), connection)
    }

    private func leadsToErased(_ id: Int64) -> Bool {
        var current = people[id]
        while let next = current?.row.mergedInto { current = people[next] }
        return current?.row.deletedMS != nil
    }

    /// Writes everything and returns what Perennial itself says happened. The last thing done with the batch.
    package mutating func save(to connection: any SQLConnection) throws -> [SystemEvent] {
        try settle()
        try savePeople()
        try saveIdentities()
        try eraseForgotten()
        try catalogue.save(to: connection)
        return happened
    }
}
