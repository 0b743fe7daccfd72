import Storage

/// Whoever asks for codes that do not exist is made to wait: a key or user in all, much sooner for one person, and a
/// network whatever keys it asks with.
enum CouponThrottle {
    /// Throws: `CouponError.throttled`, `StorageError`.
    static func check(
        _ caller: CouponCaller, _ profile: Int64?, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        for subject in subjects(caller, profile) {
            let row = try connection.first(
                "SELECT failures, first_ms FROM coupon_attempts WHERE subject = \(subject.name)")
            guard let row else { continue }
            let over = try row.int(1) + CouponLimits.attemptsMS
            // One that lasts longer than any began before the clock went back.
            guard try row.int(0) >= Int64(subject.limit), over > now.milliseconds,
                over <= now.milliseconds + CouponLimits.attemptsMS
            else { continue }
            throw CouponError.throttled(seconds: (over - now.milliseconds + 999) / 1_000)
        }
    }

    /// Counts codes that do not exist.
    static func note(
        _ count: Int, by caller: CouponCaller, _ profile: Int64?, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let begin = now.milliseconds - CouponLimits.attemptsMS
        try connection.execute("DELETE FROM coupon_attempts WHERE first_ms <= \(begin)")
        for subject in subjects(caller, profile).sorted(by: { $0.name < $1.name }) {
            try connection.execute(
                """
                INSERT INTO coupon_attempts (subject, failures, first_ms)
                VALUES (\(subject.name), \(count), \(now.milliseconds))
                ON CONFLICT (subject) DO UPDATE SET failures = coupon_attempts.failures + \(count)
                """)
        }
    }

    private static func subjects(_ caller: CouponCaller, _ profile: Int64?) -> [(name: String, limit: Int)] {
        var subjects = [(name: caller.actor, limit: CouponLimits.attemptsByCaller)]
        if let profile { subjects.append(("\(caller.actor) \(profile)", CouponLimits.attemptsByPerson)) }
        if let network = caller.network, !network.isEmpty {
            // Counted without keeping whose it is.
            let known = Digest.sha256(Array(network.utf8)).prefix(32)
            subjects.append(("network \(known)", CouponLimits.attemptsByNetwork))
        }
        return subjects
    }
}
