import Storage

/// Who came into a segment and left it, day by day, out of what was said of it.
package struct SegmentMovement: Sendable, Equatable {
    package struct Day: Sendable, Equatable {
        package var day: Int64
        package var entered: Int64
        package var left: Int64
    }

    /// Ascending; days on which nobody moved are there, too.
    package var days: [Day]

    private static let limits = QueryLimits(seconds: 20)

    /// The last `days` days with today. Throws: `SegmentError.notFound`, `StorageError`.
    package static func load(_ id: Int64, days: Int64, _ platform: Platform) async throws -> SegmentMovement {
        let calendar = try await platform.store.read { connection in
            _ = try Segments.get(id, connection)
            return try Workspace.load(connection).calendar
        }
        let today = calendar.day(of: platform.effects.now())
        let first = today - days + 1
        let from = calendar.start(ofDay: first).milliseconds
        let zone = calendar.timeZone
        // Days of the rows may have been counted in another zone: two days are more than any difference.
        let table = try await platform.analytics.query(
            """
            SELECT toInt64(toRelativeDayNum(toDate(ts, \(zone)))) AS day,
                toInt64(countIf(name = \(SegmentMembers.entered))) AS entered,
                toInt64(countIf(name = \(SegmentMembers.left))) AS gone
            FROM events WHERE name IN (\(list: [SegmentMembers.entered, SegmentMembers.left])) AND kind = 'system'
                AND ts_ms >= \(from) AND d >= toDate(\(LocalCalendar.text(ofDay: max(first - 2, 1))))
                AND prop_texts[indexOf(prop_names, 'segment_id')] = \(String(id))
            GROUP BY day ORDER BY day
            """, limits: limits)
        let (found, entered, gone) = (try table.ints(0), try table.ints(1), try table.ints(2))
        let places = Dictionary(zip(found, found.indices)) { first, _ in first }
        return SegmentMovement(
            days: (first...today).map { day in
                let row = places[day]
                return Day(day: day, entered: row.map { entered[$0] } ?? 0, left: row.map { gone[$0] } ?? 0)
            })
    }
}
