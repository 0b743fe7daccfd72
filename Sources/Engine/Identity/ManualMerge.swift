import Storage

/// Merges two people by hand: an operator knows that they are one.
package enum ManualMerge {
    /// In the open transaction; append the events that it returns to the log. The known, then the older person stays.
    /// Throws: `ProfileError.notFound`, `.sameProfile`; `StorageError`.
    package static func merge(
        _ one: Int64, _ other: Int64, platform: Platform, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        let first = try ProfileDetail.resolve(one, connection)
        let second = try ProfileDetail.resolve(other, connection)
        guard first != second else { throw ProfileError.sameProfile(first) }
        let context = try PeopleContext.load(connection, platform: platform, now: now)
        var batch = try PeopleBatch(loading: [], context: context, connection)
        try batch.mergeByHand(first, second)
        try batch.settle()
        try batch.applySegments([], [], SegmentCache(), at: now)
        return try batch.save(to: connection)
    }
}
