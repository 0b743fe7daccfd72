import Storage

/// How often members may do something. Counted in the transaction of what is done, or in one before it where what is done
/// may be refused.
package enum CentreThrottle {
    package enum Rule: String, Sendable {
        /// Anything that is sent.
        case write
        /// Looking for somebody to give points to: so few that it does not tell who is a member.
        case find
        /// Coming in.
        case open

        var limit: Int64 {
            switch self {
            case .write: return 60
            case .find: return 10
            case .open: return 60
            }
        }

        var milliseconds: Int64 {
            switch self {
            case .write: return 10 * 60_000
            case .find: return 24 * 3_600_000
            case .open: return 3_600_000
            }
        }
    }

    /// Throws: `CentreError.throttled`, `StorageError`.
    static func take(
        _ rule: Rule, _ profile: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try connection.execute("DELETE FROM centre_attempts WHERE ends_ms <= \(now.milliseconds)")
        let subject = "\(rule.rawValue) \(profile)"
        // Counted by a clock that has gone back since.
        try connection.execute(
            """
            DELETE FROM centre_attempts
            WHERE subject = \(subject) AND ends_ms > \(now.milliseconds + rule.milliseconds)
            """)
        try connection.execute(
            """
            INSERT INTO centre_attempts (subject, attempts, ends_ms)
            VALUES (\(subject), 1, \(now.milliseconds + rule.milliseconds))
            ON CONFLICT (subject) DO UPDATE SET attempts = centre_attempts.attempts + 1
            """)
        let row = try connection.first("SELECT attempts, ends_ms FROM centre_attempts WHERE subject = \(subject)")
        guard let row, try row.int(0) > rule.limit else { return }
        throw CentreError.throttled(seconds: max(1, (try row.int(1) - now.milliseconds + 999) / 1_000))
    }
}
