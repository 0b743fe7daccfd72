import Storage

/// One person as a row of `profiles`; the document in `state` stays text until somebody needs it.
package struct Profile: Sendable, Equatable {
    package var id: Int64
    package var createdMS: Int64
    package var firstSeenMS: Int64
    package var lastSeenMS: Int64
    package var isIdentified: Bool
    package var identifiedMS: Int64?
    package var displayName: String?
    package var sourceID: Int64
    package var eventCount: Int64
    package var orderCount: Int64
    package var netSpend: Int64
    package var firstOrderMS: Int64?
    package var lastOrderMS: Int64?
    package var stage: String?
    package var stageSinceMS: Int64?
    package var stageDueMS: Int64?
    package var rfmR: Int64
    package var rfmF: Int64
    package var rfmM: Int64
    package var rfmClass: String?
    /// As Tiers says; written by that room alone.
    package var tier: String?
    package var tierSinceMS: Int64?
    package var state: String
    package var mergedInto: Int64?
    package var deletedMS: Int64?
    package var version: Int64

    /// A person met for the first time.
    package init(id: Int64, at time: Timestamp, createdAt: Timestamp, sourceID: Int64) {
        self.id = id
        createdMS = createdAt.milliseconds
        firstSeenMS = time.milliseconds
        lastSeenMS = time.milliseconds
        isIdentified = false
        self.sourceID = sourceID
        eventCount = 0
        orderCount = 0
        netSpend = 0
        rfmR = 0
        rfmF = 0
        rfmM = 0
        state = "{}"
        version = 0
    }
}

extension Profile {
    /// What is read: all that is written, and the tier.
    static let columns = writtenColumns + ", tier, tier_since_ms"

    /// Of people who were not merged into others, where a statement walks them by id: written so that SQLite does walk ids, and
    /// does not look nearly everybody up in the index of merges, to sort them anew for every page.
    static let isUnmerged = "coalesce(merged_into, 0) = 0"

    static let writtenColumns = """
        id, created_ms, first_seen_ms, last_seen_ms, identified, identified_ms, display_name, source_id, event_count, \
        order_count, net_spend, first_order_ms, last_order_ms, stage, stage_since_ms, stage_due_ms, rfm_r, rfm_f, \
        rfm_m, rfm_class, merged_into, deleted_ms, version, state
        """

    /// From a row of `columns`. Throws: `StorageError`.
    init(_ row: SQLRow) throws {
        id = try row.int(0)
        createdMS = try row.int(1)
        firstSeenMS = try row.int(2)
        lastSeenMS = try row.int(3)
        isIdentified = try row.bool(4)
        identifiedMS = try row.intOrNil(5)
        displayName = try row.textOrNil(6)
        sourceID = try row.int(7)
        eventCount = try row.int(8)
        orderCount = try row.int(9)
        netSpend = try row.int(10)
        firstOrderMS = try row.intOrNil(11)
        lastOrderMS = try row.intOrNil(12)
        stage = try row.textOrNil(13)
        stageSinceMS = try row.intOrNil(14)
        stageDueMS = try row.intOrNil(15)
        rfmR = try row.int(16)
        rfmF = try row.int(17)
        rfmM = try row.int(18)
        rfmClass = try row.textOrNil(19)
        mergedInto = try row.intOrNil(20)
        deletedMS = try row.intOrNil(21)
        version = try row.int(22)
        state = try row.text(23)
        tier = try row.textOrNil(24)
        tierSinceMS = try row.intOrNil(25)
    }

    /// The values of `writtenColumns`.
    var values: [SQLValue] {
        [
            .integer(id), .integer(createdMS), .integer(firstSeenMS), .integer(lastSeenMS), isIdentified.sqlValue,
            identifiedMS.sqlValue, displayName.sqlValue, .integer(sourceID), .integer(eventCount),
            .integer(orderCount), .integer(netSpend), firstOrderMS.sqlValue, lastOrderMS.sqlValue, stage.sqlValue,
            stageSinceMS.sqlValue, stageDueMS.sqlValue, .integer(rfmR), .integer(rfmF), .integer(rfmM),
            rfmClass.sqlValue, mergedInto.sqlValue, deletedMS.sqlValue, .integer(version), .text(state),
        ]
    }

    /// A profile that moved into another, or was erased, is nobody to list or to count.
    package var isLiving: Bool { mergedInto == nil && deletedMS == nil }
}
