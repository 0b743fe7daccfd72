import Logging
import Storage

extension ProgramTrialPeople {
    // MARK: What they did

    /// What these people did, as the archive and the log behind it have it; nil when the archive cannot be asked.
    static func events(
        _ histories: [ProgramReplay.History], _ stage: ProgramTrialStage, _ platform: Platform
    ) async -> [Int64: [CriteriaEvent]]? {
        guard !stage.names.isEmpty, !histories.isEmpty else { return [:] }
        let ids = histories.map(\.profileID)
        do {
            var events: [Int64: [CriteriaEvent]] = [:]
            let from = stage.first.milliseconds
            let table = try await platform.analytics.query(
                """
                SELECT profile_id, position, name, ts_ms, properties FROM timeline AS t FINAL
                WHERE profile_id IN (\(list: ids)) AND name IN (\(list: stage.names)) AND kind != 'system'
                AND ts_ms >= \(from) AND position <= \(stage.archived) LIMIT \(eventsMax)
                """)
            let (people, positions, names) = (try table.ints(0), try table.ints(1), try table.strings(2))
            let (times, properties) = (try table.ints(3), try table.strings(4))
            for row in people.indices {
                events[people[row], default: []].append(
                    CriteriaEvent(
                        position: positions[row], name: names[row], time: Timestamp(milliseconds: times[row]),
                        properties: FlatValues(parsing: properties[row], nil)))
            }
            let archived = events
            return try await platform.store.read { try logged(ids, stage, archived, $0) }
        } catch {
            platform.logger.warning("a trial lacks archived events", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Adds what is in the log and not archived yet.
    private static func logged(
        _ ids: [Int64], _ stage: ProgramTrialStage, _ known: [Int64: [CriteriaEvent]], _ connection: any SQLConnection
    ) throws -> [Int64: [CriteriaEvent]] {
        var events = known
        let rows = try connection.query(
            """
            SELECT o.profile_id, e.position, e.name, e.time_ms, e.properties FROM event_outcomes o
            JOIN event_log e ON e.position = o.position
            WHERE o.position > \(stage.archived) AND o.profile_id IN (\(list: ids)) AND o.outcome = 'stored'
                AND e.kind <> 'system' AND e.name IN (\(list: stage.names)) LIMIT \(eventsMax)
            """)
        for row in rows {
            events[try row.int(0), default: []].append(
                CriteriaEvent(
                    position: try row.int(1), name: try row.text(2), time: Timestamp(milliseconds: try row.int(3)),
                    properties: FlatValues(parsing: try row.text(4), nil)))
        }
        return events
    }
}
