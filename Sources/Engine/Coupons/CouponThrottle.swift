import Storage

/// Whoever asks for codes that do not exist is made to wait: a key or user in all, and much sooner for one person.
enum CouponThrottle {
    /// Throws: `CouponError.throttled`, `StorageError`.
    static func check(_ caller: String, _ profile: Int64?, at now: Timestamp, _ connection: any SQLConnection) throws {
        for subject in subjects(caller, profile) {
            let row = try connection.first(
                "SELECT failures, first_ms FROM coupon_attempts WHERE subject = \(subject.name)")
            guard let row else { continue }
            let over = try row.int(1) + CouponLimits.attemptsMS
            guard try row.int(0) >= Int64(subject.limit), over > now.milliseconds else { continue }
            throw CouponError.throttled(seconds: (over - now.milliseconds + 999) / 1_000)
        }
    }

    /// Counts codes that do not exist.
    static func note(
        _ count: Int, by caller: String, _ profile: Int64?, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let begin = now.milliseconds - CouponLimits.attemptsMS
        try connection.execute("DELETE FROM coupon_attempts WHERE first_ms <= \(begin)")
        for subject in subjects(caller, profile) {
            try connection.execute(
                """
                INSERT INTO coupon_attempts (subject, failures, first_ms)
                VALUES (\(subject.name), \(count), \(now.milliseconds))
                ON CONFLICT (subject) DO UPDATE SET failures = coupon_attempts.failures + \(count)
                """)
        }
    }

    private static func subjects(_ caller: String, _ profile: Int64?) -> [(name: String, limit: Int)] {
        var subjects = [(name: caller, limit: CouponLimits.attemptsByCaller)]
        if let profile { subjects.append(("\(caller) \(profile)", CouponLimits.attemptsByPerson)) }
        return subjects
    }
}
