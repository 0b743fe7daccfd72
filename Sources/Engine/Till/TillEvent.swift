import Storage

/// One event that a command of the till is, on its way through the transaction: everybody whom it touches is locked by
/// `init`, it is applied by `apply`, and appended to the log by `append`, the last thing.
struct TillEvent {
    let platform: Platform
    let now: Timestamp
    let connection: any SQLConnection
    private let context: PeopleContext
    private(set) var people: PeopleBatch
    private var logged: LoggedEvent
    private var orderID: String

    /// `about`: properties that name the order; what else it says is told to `apply`.
    init(
        _ name: String, id: String, order: String, of profile: Int64?, at time: Timestamp, now: Timestamp,
        _ platform: Platform, _ connection: any SQLConnection
    ) throws {
        self.platform = platform
        self.now = now
        self.connection = connection
        orderID = order
        let identities = profile.map { [IdentityClaim(kind: IdentityKind.profileID, value: String($0))] } ?? []
        // Where it will stand is known once the log is locked, which comes last; until then it stands behind everything,
        // also behind what is processed and no longer kept.
        let end = max(try EventLog.end(connection), try LogProgress.processed(connection))
        logged = LoggedEvent(
            position: end + 1, sourceID: SystemEventLog.sourceID,
            event: IncomingEvent(
                kind: .track, name: name, messageID: id, identities: identities, time: time, receivedAt: now,
                properties: TillBill.cancelled(order)))
        context = try PeopleContext.load(connection, platform: platform, now: now)
        people = try PeopleBatch(loading: [logged], context: context, connection)
    }

    /// The order as it stands, if anything was told of it.
    var order: OrderRecord? { people.orders.records[orderID] }

    /// Applies it with all that follows: orders, stages, tiers, tags, segments, what is earned and taken back. Returns
    /// what is to be said. Throws: `TillError.blocked`, `StorageError`.
    mutating func apply(_ properties: String, _ memory: TillMemory) throws -> [SystemEvent] {
        logged.event.properties = properties
        people.readings = PeopleBatch.read([logged], context)
        let applied = try people.apply(logged)
        guard applied.outcome == .stored else { throw TillError.blocked }
        let outcomes = [(position: logged.position, profileID: applied.profileID, outcome: applied.outcome)]
        let said = try people.conclude([logged], outcomes, memory.program, memory.segments, at: now)
        owner = applied.profileID
        return said
    }

    private var owner: Int64 = 0

    /// Puts it into the log, and behind it what is said.
    func append(_ said: [SystemEvent]) throws {
        let position = try SystemEventLog.append(applied: logged.event, of: owner, to: connection)
        if position != logged.position { try OrderRows.place(orderID, at: position, connection) }
        try SystemEventLog.append(said, now: now, effects: platform.effects, to: connection)
    }
}
