import Storage

/// What happened to one person, newest first: from the analytics store, and from the log what is not there yet.
package struct Timeline: Sendable, Equatable {
    package var entries: [Entry]
    package var nextCursor: String?
    /// The analytics store could not answer; only what is still in the log is shown.
    package var isPartial: Bool

    package struct Entry: Sendable, Equatable {
        package var position: Int64
        package var kind: String
        package var name: String
        package var timeMS: Int64
        package var receivedMS: Int64
        package var sourceID: Int64
        package var messageID: String
        package var url: String
        /// JSON objects.
        package var properties: String
        package var context: String
    }

    package struct Filter: Sendable, Equatable {
        package var names: [String]
        package var kinds: [EventKind]

        package init(names: [String] = [], kinds: [EventKind] = []) {
            self.names = names
            self.kinds = kinds
        }

        func accepts(name: String, kind: String) -> Bool {
            (names.isEmpty || names.contains(name)) && (kinds.isEmpty || kinds.contains { $0.rawValue == kind })
        }
    }

    package static let pageLimit = 200
    private static let seconds = 5

    /// An id that was merged leads to the winner, with everything merged into it.
    /// Throws: `ProfileError.notFound`, `.badCursor`; `StorageError` of the operational store.
    package static func load(
        of profileID: Int64, _ filter: Filter = Filter(), cursor: String? = nil, limit: Int = 50, platform: Platform
    ) async throws -> Timeline {
        let limit = min(max(limit, 1), pageLimit)
        let place = try cursor.map { try ProfileList.Place($0) }
        let recent = try await platform.store.read { connection in
            try RecentEvents.load(of: profileID, filter, before: place, limit: limit + 1, connection)
        }
        var entries = recent.entries
        var isPartial = false
        do {
            entries += try await archived(recent, filter, place, limit + 1, platform.analytics)
        } catch let error as StorageError {
            isPartial = true
            platform.logger.warning("the timeline lacks archived events", metadata: ["error": "\(error)"])
        }
        entries.sort { ($0.timeMS, $0.position) > ($1.timeMS, $1.position) }
        let page = Array(entries.prefix(limit))
        let last = entries.count > limit ? page.last : nil
        return Timeline(
            entries: page, nextCursor: last.map { ProfileList.Place($0.timeMS, $0.position).text },
            isPartial: isPartial)
    }

    private static func archived(
        _ recent: RecentEvents, _ filter: Filter, _ place: ProfileList.Place?, _ limit: Int,
        _ analytics: any AnalyticsStore
    ) async throws -> [Entry] {
        var condition: AnalyticsSQL = "profile_id IN (\(list: recent.profileIDs)) AND position <= \(recent.archived)"
        if !filter.names.isEmpty { condition = condition + " AND name IN (\(list: filter.names))" }
        if !filter.kinds.isEmpty { condition = condition + " AND kind IN (\(list: filter.kinds.map(\.rawValue)))" }
        if let place {
            let before: AnalyticsSQL =
                " AND (ts_ms < \(place.value) OR (ts_ms = \(place.value) AND position < \(place.id)))"
            condition = condition + before
        }
        let table = try await analytics.query(
            """
            SELECT position, kind, name, ts_ms, toInt64(toUnixTimestamp(received_ts)) AS received, source_id,
                message_id, url, properties, context
            FROM timeline WHERE \(condition) ORDER BY ts_ms DESC, position DESC LIMIT \(limit)
            """, limits: QueryLimits(seconds: seconds))
        let (positions, times, received) = (try table.ints(0), try table.ints(3), try table.ints(4))
        let (kinds, names, sources) = (try table.strings(1), try table.strings(2), try table.ints(5))
        let (messages, urls) = (try table.strings(6), try table.strings(7))
        let (properties, contexts) = (try table.strings(8), try table.strings(9))
        return positions.indices.map { row in
            Entry(
                position: positions[row], kind: kinds[row], name: names[row], timeMS: times[row],
                receivedMS: received[row] * 1000, sourceID: sources[row], messageID: messages[row], url: urls[row],
                properties: properties[row], context: contexts[row])
        }
    }
}

/// The person's events that are processed and not archived yet, with the ids and the border the archive is asked for.
struct RecentEvents: Sendable {
    var profileIDs: [Int64]
    /// Everything up to here is in the analytics store.
    var archived: Int64
    var entries: [Timeline.Entry]

    /// The newest log rows that are looked at, however far the archiver lags.
    private static let scannedRows: Int64 = 50_000

    static func load(
        of profileID: Int64, _ filter: Timeline.Filter, before place: ProfileList.Place?, limit: Int,
        _ connection: any SQLConnection
    ) throws -> RecentEvents {
        let id = try ProfileDetail.resolve(profileID, connection)
        let ids = [id] + (try ProfileDetail.mergedIDs(into: id, connection))
        let archived =
            try connection.first("SELECT min(position) FROM log_consumers WHERE consumer = 'archiver'")?.intOrNil(0)
            ?? 0
        let border = max(archived, try EventLog.end(connection) - scannedRows)
        let rows = try connection.query(
            """
            SELECT e.position, e.kind, e.name, e.time_ms, e.received_ms, e.source_id, e.message_id, e.properties,
                e.context
            FROM (
                SELECT position FROM event_outcomes WHERE position > \(border)
                    AND profile_id IN (\(list: ids)) AND outcome = 'stored'
            ) AS mine JOIN event_log e ON e.position = mine.position
            """)
        var entries = try rows.map { row in
            let context = ArchiveContext(context: try row.text(8), properties: try row.text(7))
            return try Timeline.Entry(
                position: row.int(0), kind: row.text(1), name: row.text(2), timeMS: row.int(3),
                receivedMS: row.int(4), sourceID: row.int(5), messageID: row.text(6), url: context.url,
                properties: row.text(7), context: row.text(8))
        }
        entries.removeAll { entry in
            if !filter.accepts(name: entry.name, kind: entry.kind) { return true }
            guard let place else { return false }
            return (entry.timeMS, entry.position) >= (place.value, place.id)
        }
        entries.sort { ($0.timeMS, $0.position) > ($1.timeMS, $1.position) }
        return RecentEvents(profileIDs: ids, archived: archived, entries: Array(entries.prefix(limit)))
    }
}
