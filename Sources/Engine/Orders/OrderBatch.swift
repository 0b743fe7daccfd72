import Storage

/// The orders that one batch touches: read once, folded in memory, written once.
struct OrderBatch {
    private(set) var records: [String: OrderRecord]
    private let mentioned: Set<String>
    private var changed: Set<String> = []
    private var moves: [(from: Int64, to: Int64, position: Int64)] = []

    init(loading inputs: [OrderInput], _ connection: any SQLConnection) throws {
        mentioned = Set(inputs.lazy.map(\.orderID).filter { !$0.isEmpty })
        records = try OrderRows.load(Array(mentioned), connection)
    }

    /// Orders that this batch changed.
    var changedIDs: Set<String> { changed }

    /// The people who have these orders now.
    var profileIDs: [Int64] {
        records.values.map(\.profileID)
    }

    /// Takes in one event of an order. Returns everyone whose facts it may change.
    mutating func apply(
        _ input: OrderInput, of logged: LoggedEvent, priority: Int, profileID: Int64
    ) -> [Int64] {
        let event = logged.event
        var record =
            records[input.orderID]
            ?? OrderRecord(orderID: input.orderID, profileID: profileID, position: 0, updatedMS: 0, state: OrderState())
        let before = record.profileID
        let isOwner = record.state.apply(
            input, at: event.time, messageID: event.messageID, priority: priority, sourceID: logged.sourceID)
        if isOwner { record.profileID = profileID }
        record.position = logged.position
        record.updatedMS = max(record.updatedMS, event.time.milliseconds)
        records[input.orderID] = record
        changed.insert(input.orderID)
        return before == record.profileID ? [before] : [before, record.profileID]
    }

    /// Gives the orders of one person to another. Returns their ids.
    mutating func move(
        from loser: Int64, to winner: Int64, isNew: Bool, position: Int64, _ connection: any SQLConnection
    ) throws -> [String] {
        var ids = isNew ? [] : Set(try OrderRows.ids(of: loser, connection))
        // Orders that changed hands within the batch: memory knows better than the store.
        ids = ids.filter { records[$0].map { $0.profileID == loser } ?? true }
        for move in moves where move.to == loser {
            ids.formUnion(try OrderRows.ids(of: move.from, connection).filter { records[$0] == nil })
        }
        for (id, record) in records where record.profileID == loser {
            ids.insert(id)
            records[id]?.profileID = winner
            records[id]?.position = max(record.position, position)
            changed.insert(id)
        }
        if !isNew || moves.contains(where: { $0.to == loser }) {
            moves.append((from: loser, to: winner, position: position))
        }
        return ids.sorted()
    }

    /// Writes the moves, then the orders themselves.
    mutating func save(currency: String, _ connection: any SQLConnection) throws {
        try OrderRows.move(moves, connection)
        try OrderRows.save(
            changed.sorted().compactMap { records[$0] }, currency: currency, connection)
        try OrderRows.drop(mentioned.filter { records[$0] == nil }.sorted(), connection)
    }
}
