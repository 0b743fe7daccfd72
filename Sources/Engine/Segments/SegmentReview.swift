import Storage

/// Decides anew where given people belong: after something else than their own events changed them.
package enum SegmentReview {
    /// In the open transaction; append the events that it returns to the log. People that moved get a new version, so
    /// that the mirror takes them. `only`: the segments in question; nil: all. Throws: `StorageError`.
    package static func review(
        _ profileIDs: Set<Int64>, only: Set<Int64>? = nil, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        guard !profileIDs.isEmpty else { return [] }
        let published = try SegmentCache().load(try Workspace.load(connection), connection)
        guard !published.dynamic.isEmpty || !published.scores.isEmpty else { return [] }
        return try review(profileIDs, published, only: only, at: now, connection)
    }

    static func review(
        _ profileIDs: Set<Int64>, _ published: PublishedSegments, only: Set<Int64>?, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        let rows = try ProfileRows.load(Array(profileIDs), connection).filter(\.isLiving)
        // Who was merged or erased in the meantime leaves without a word.
        let gone = profileIDs.subtracting(rows.map(\.id)).sorted()
        try SegmentMembers.forget(gone, connection)
        try ScoreRows.forget(gone, connection)
        let subjects = try subjects(rows, published, connection)
        let told = try SegmentMembers.bringUpToDate(subjects, published, only: only, at: now, connection)
        try ProfileRows.raiseVersions(told.changed.sorted(), connection)
        return told.events
    }

    static func subjects(
        _ rows: [Profile], _ published: PublishedSegments, withOrders: Bool = false,
        _ connection: any SQLConnection
    ) throws -> [CriteriaSubject] {
        let ids = rows.map(\.id)
        let states = published.features.isEmpty ? [:] : try KeptFeatures.states(of: ids, connection)
        let orders =
            published.needsOrders || withOrders
            ? try CriteriaOrder.load(of: ids, currency: published.workspace.currency, connection) : [:]
        let holdings =
            published.needsHoldings ? try CriteriaHoldings.load(of: ids, published.calendar, connection) : [:]
        return try rows.map { row in
            var subject = CriteriaSubject(row, try ProfileState(parsing: row.state), published.calendar)
            subject.orders = orders[row.id] ?? []
            subject.holdings = holdings[row.id] ?? CriteriaHoldings()
            let own = states[row.id] ?? [:]
            for kept in published.features { subject.features[kept.feature] = own[kept.id] }
            return subject
        }
    }
}
