import Storage

/// People whose points or coupons changed: the ledgers say it in events of their own, and the processor, which passes
/// over all other events of Perennial, decides anew where these people belong.
///
/// So no command at a till waits for segments, and none locks a person after an account.
enum HoldingChanges {
    private static let names =
        PointsEvents.changes.union(CouponEvents.changes).union([
            "Member Enrolled", IdentityEvents.merged, IdentityEvents.unmerged,
        ])

    static func isOne(_ event: IncomingEvent) -> Bool {
        event.kind == .system && names.contains(event.name)
    }

    /// Whose the events at these places of the log are. Throws: `StorageError`.
    static func people(at positions: [Int64], _ connection: any SQLConnection) throws -> Set<Int64> {
        guard !positions.isEmpty else { return [] }
        let rows = try connection.queryMany(
            "SELECT profile_id FROM event_outcomes WHERE position = ?", positions.map { [.integer($0)] })
        return Set(try rows.joined().map { try $0.int(0) }).subtracting([0])
    }
}
