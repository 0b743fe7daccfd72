import Storage

/// Begins double opt-in for people whose yes to mail came with the brand's own events: reads the log in order, up to where the
/// processor is, in one transaction with how far it has read. While double opt-in is off the log is passed over.
final class OptInConsumer: Sendable {
    let lease: ConsumerLease
    private let platform: Platform

    private static let logRows: Int64 = 2_000
    /// A person whose events say yes again and again is asked again after so long.
    private static let againDays = 90

    init(platform: Platform) {
        self.platform = platform
        lease = ConsumerLease(consumer: "opt_ins", owner: platform.effects.randomHex(bytes: 8), shards: 1)
    }

    func prepare() async throws {
        try await platform.store.write { [lease] in try lease.prepare($0) }
    }

    func release() async throws {
        try await platform.store.write { [lease] in try lease.releaseAll($0) }
    }

    /// Says that this process lives and keeps the lease, or takes it. Returns whether it is this process's.
    func balance() async throws -> Bool {
        let now = platform.effects.now()
        return try await platform.store.write { [lease] connection in
            try lease.balance(connection, now: now)
            guard let held = try lease.locked(connection).first else { return false }
            try lease.advance(to: held.position, now: now, connection)
            return true
        }
    }

    /// One range of the log. Returns whether there may be more.
    func step() async throws -> Bool {
        let ahead = try await platform.store.read { [lease] connection in
            let held = try lease.held(connection).first
            return try held.map { try Self.end(connection) > $0.position } ?? false
        }
        guard ahead else { return false }
        return try await platform.store.write { [lease, effects = platform.effects] connection in
            guard let held = try lease.locked(connection).first else { return false }
            let end = try Self.end(connection)
            let policy = try MessagePolicy.load(connection)
            guard policy.doubleOptIn else {
                try lease.advance(to: end, now: effects.now(), connection)
                return false
            }
            let upper = min(end, held.position + Self.logRows)
            try lease.advance(to: upper, now: effects.now(), connection)
            try Self.ask(from: held.position, through: upper, since: policy.doubleOptInSince, effects, connection)
            return upper < end
        }
    }

    /// What the processor has not seen has no person yet.
    private static func end(_ connection: any SQLConnection) throws -> Int64 {
        min(try EventLog.end(connection), try LogProgress.processed(connection))
    }

    private static func ask(
        from lower: Int64, through upper: Int64, since: Int64, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let rows = try connection.query(
            """
            SELECT o.profile_id, e.name, e.time_ms, e.properties, e.traits FROM event_log e
            JOIN event_outcomes o ON o.position = e.position
            WHERE e.position > \(lower) AND e.position <= \(upper) AND o.outcome = 'stored' AND e.kind <> 'system'
                AND e.time_ms >= \(since) AND (lower(e.name) = 'consent changed' OR e.traits LIKE '%onsent%'
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
