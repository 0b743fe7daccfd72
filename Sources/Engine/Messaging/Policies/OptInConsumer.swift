import Storage

/// Begins double opt-in for people whose yes to mail came with the brand's own events: reads the log in order, up to where the
/// processor is, in one transaction with how far it has read. While double opt-in is off the log is passed over.
final class OptInConsumer: Sendable {
    let lease: SoleLease
    private let platform: Platform

    private static let logRows: Int64 = 2_000
    /// A person whose events say yes again and again is asked again after so long.
    private static let againDays = 90

    init(platform: Platform) {
        self.platform = platform
        lease = SoleLease("opt_ins", reading: .processed, platform)
    }

    /// One range of the log. Returns whether there may be more.
    func step() async throws -> Bool {
        guard try await lease.isBehind() else { return false }
        return try await platform.store.write { [lease, effects = platform.effects] connection in
            let policy = try MessagePolicy.load(connection)
            let rows = policy.doubleOptIn ? Self.logRows : nil
            guard let range = try lease.take(rows: rows, connection), policy.doubleOptIn else { return false }
            try Self.ask(range, since: policy.doubleOptInSince, effects, connection)
            return range.hasMore
        }
    }

    private static func ask(
        _ range: SoleLease.Range, since: Int64, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let rows = try connection.query(
            """
            SELECT o.profile_id, e.name, e.time_ms, e.properties, e.traits FROM event_log e
            JOIN event_outcomes o ON o.position = e.position
            WHERE e.position > \(range.lower) AND e.position <= \(range.upper) AND o.outcome = 'stored'
                AND e.kind <> 'system' AND e.time_ms >= \(since)
                AND (lower(e.name) = 'consent changed' OR e.traits LIKE '%onsent%'
                    OR e.traits LIKE '%pt%n%' OR e.traits LIKE '%ubscri%') ORDER BY e.position
            """)
        for row in rows {
            let (profile, name) = (try row.int(0), try row.text(1))
            let at = Timestamp(milliseconds: try row.int(2))
            guard try says(yes: name, try row.text(3), try row.text(4)) else { continue }
            let recent = try OptIns.of([profile], connection).contains {
                $0.channel == OptIns.channel && $0.askedAt > effects.now().adding(days: -againDays)
            }
            guard !recent else { continue }
            let wish = ConsentWish(
                channel: OptIns.channel, isGranted: true, source: "event", proof: "\(name) · \(at.iso8601)")
            _ = try OptIns.take(wish, of: profile, effects, connection)
        }
    }

    private static func says(yes name: String, _ properties: String, _ traits: String) throws -> Bool {
        if name.lowercased() == "consent changed" {
            return ConsentWords.read(changed: try JSONValue(parsing: properties))[OptIns.channel] == true
        }
        let told = try JSONValue(parsing: traits).objectValue ?? [:]
        return told.contains { ConsentWords.read($0.key, $0.value)?[OptIns.channel] == true }
    }
}
