import Science
import Storage

/// The columns of a profile that Lifecycle reads, and the ones that it writes.
struct StagedPerson: Sendable, Equatable {
    var id: Int64
    var orderCount: Int64
    var lastOrder: Timestamp?
    var firstSeen: Timestamp
    var state: StageState
    var isLiving: Bool

    static let columns = """
        id, order_count, last_order_ms, first_seen_ms, stage, stage_since_ms, stage_due_ms, merged_into, deleted_ms
        """

    init(row: SQLRow) throws {
        id = try row.int(0)
        orderCount = try row.int(1)
        lastOrder = try row.intOrNil(2).map(Timestamp.init(milliseconds:))
        firstSeen = Timestamp(milliseconds: try row.int(3))
        state = StageState(
            stage: try row.textOrNil(4).flatMap(LifecycleStage.init(rawValue:)),
            since: try row.intOrNil(5).map(Timestamp.init(milliseconds:)),
            due: try row.intOrNil(6).map(Timestamp.init(milliseconds:)))
        isLiving = try row.intOrNil(7) == nil && row.intOrNil(8) == nil
    }

    func facts(purchaseDays: Int?) -> StageFacts {
        StageFacts(
            profileID: id, purchaseDays: purchaseDays ?? Int(orderCount), lastOrder: lastOrder, firstSeen: firstSeen)
    }

    /// Writes the stage columns of these people; their version rises, so that the mirror follows.
    static func save(_ people: [StagedPerson], _ connection: any SQLConnection) throws {
        guard !people.isEmpty else { return }
        try connection.executeMany(
            """
            UPDATE profiles SET stage = ?, stage_since_ms = ?, stage_due_ms = ?, version = version + 1 WHERE id = ?
            """,
            people.map {
                [
                    ($0.state.stage?.rawValue).sqlValue, ($0.state.since?.milliseconds).sqlValue,
                    ($0.state.due?.milliseconds).sqlValue, .integer($0.id),
                ]
            })
    }
}
