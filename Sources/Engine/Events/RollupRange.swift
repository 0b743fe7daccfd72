import Storage

/// What a range of the processed log adds up to: visits a person, and on SQLite the receipts of its messages.
struct RollupRange: Sendable {
    var range: ArchiveRange
    /// Ascending by profile.
    var visits: [ProfileVisit] = []
    /// Rows of `ReceiptRows.insert`, in the order of their key.
    var receipts: [[SQLValue]] = []
    /// Rows of `ReceiptRows.addRepeats`.
    var repeats: [[SQLValue]] = []

    private static let rowsAtOnce = 2_000

    /// Reads what is left to do of a range. `cursor`: people up to this id are done.
    static func read(
        _ range: ArchiveRange, cursor: Int64, _ connection: any SQLConnection
    ) throws -> RollupRange {
        switch connection.dialect {
        case .sqlite: try readAll(range, cursor: cursor, connection)
        case .postgresql: try readVisits(range, cursor: cursor, connection)
        }
    }

    private static func readVisits(
        _ range: ArchiveRange, cursor: Int64, _ connection: any SQLConnection
    ) throws -> RollupRange {
        var result = RollupRange(range: range)
        try connection.forEach(
            """
            SELECT o.profile_id, count(*), max(e.time_ms) FROM event_outcomes o
            JOIN event_log e ON e.position = o.position
            WHERE o.position > \(range.lowerBound) AND o.position <= \(range.upperBound) AND o.visit = 1
                AND o.profile_id > \(cursor)
            GROUP BY o.profile_id ORDER BY o.profile_id
            """, batch: rowsAtOnce
        ) { rows in
            for row in rows {
                result.visits.append(
                    ProfileVisit(profileID: try row.int(0), count: try row.int(1), lastMS: try row.int(2)))
            }
        }
        return result
    }

    private static func readAll(
        _ range: ArchiveRange, cursor: Int64, _ connection: any SQLConnection
    ) throws -> RollupRange {
        var result = RollupRange(range: range)
        var visits: [Int64: ProfileVisit] = [:]
        var repeats: [RecentMessages.Key: Int64] = [:]
        try connection.forEach(
            """
            SELECT o.profile_id, o.visit, o.outcome, e.source_id, e.message_id, e.time_ms, e.received_ms, e.position
            FROM event_outcomes o JOIN event_log e ON e.position = o.position
            WHERE o.position > \(range.lowerBound) AND o.position <= \(range.upperBound) AND e.kind <> 'system'
            """, batch: rowsAtOnce
        ) { rows in
            for row in rows {
                switch try row.text(2) {
                case EventOutcome.duplicate.rawValue:
                    repeats[.init(sourceID: try row.int(3), messageID: try row.text(4)), default: 0] += 1
                case EventOutcome.failed.rawValue: break
                default: result.receipts.append([row.values[3], row.values[4], row.values[7], row.values[6]])
                }
                let profileID = try row.int(0)
                guard try row.bool(1), profileID > cursor else { continue }
                let ms = try row.int(5)
                var visit = visits[profileID] ?? ProfileVisit(profileID: profileID, count: 0, lastMS: ms)
                visit.count += 1
                visit.lastMS = max(visit.lastMS, ms)
                visits[profileID] = visit
            }
        }
        result.visits = visits.values.sorted { $0.profileID < $1.profileID }
        result.receipts.sort { precedes($0, $1) }
        result.repeats = repeats.map { [.integer($0.value), .integer($0.key.sourceID), .text($0.key.messageID)] }
        return result
    }

    private static func precedes(_ one: [SQLValue], _ other: [SQLValue]) -> Bool {
        guard case .integer(let source) = one[0], case .integer(let otherSource) = other[0],
            case .text(let message) = one[1], case .text(let otherMessage) = other[1]
        else { return false }
        return source == otherSource ? message < otherMessage : source < otherSource
    }
}
