import Storage

/// One digest for one recipient.
package struct DigestSending: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        /// Handed over just now; after a crash nobody knows, and it counts as unknown.
        case sending
        case sent
        /// Not taken, and tried again.
        case waiting
        case refused
        case unknown
    }

    package var dueAt: Timestamp
    package var address: String
    package var status: Status
    package var attempts: Int64
    package var detail: String
    package var at: Timestamp
}

/// Which digests fell due, who has been mailed one, and how that went.
///
/// Invariant: a recipient is written down as being mailed before the letter leaves, so each is mailed once for a moment of the
/// schedule, whatever crashes and however many processes send.
package enum DigestSendings {
    /// What has been due for longer is left out: its figures have become old news.
    package static let lateHours = 24
    package static let attemptsMax: Int64 = 5
    static let retryMinutes: Int64 = 10
    private static let keptDays = 90
    private static let pageRows = 100
    /// A letter that is being handed over takes no longer.
    private static let sendingMinutes: Int64 = 10

    package struct Due: Sendable, Equatable {
        package var dashboard: Dashboard
        package var digest: DigestSchedule
        package var at: Timestamp
    }

    /// The last moment of a dashboard's schedule that has come, unless it is too long ago or from before the dashboard was last
    /// changed. Pure.
    static func due(_ dashboard: Dashboard, _ calendar: LocalCalendar, at now: Timestamp) -> Due? {
        guard let digest = dashboard.layout.digest, !digest.recipients.isEmpty else { return nil }
        let earliest = max(now.adding(milliseconds: -Int64(lateHours) * 3_600_000), dashboard.updatedAt)
        var found: Timestamp?
        var next = digest.next(after: earliest, calendar)
        while next <= now {
            found = next
            next = digest.next(after: next, calendar)
        }
        return found.map { Due(dashboard: dashboard, digest: digest, at: $0) }
    }

    /// Every dashboard's digest that is due and has recipients to be mailed. Throws: `StorageError`.
    package static func due(_ connection: any SQLConnection, at now: Timestamp) throws -> [Due] {
        let calendar = try Workspace.load(connection).calendar
        return try Dashboards.withDigests(connection).compactMap { due($0, calendar, at: now) }.filter { due in
            let settled = try list(due.dashboard.id, connection).filter {
                $0.dueAt == due.at && !isOpen($0, at: now)
            }.map(\.address)
            return !Set(due.digest.recipients).isSubset(of: settled)
        }
    }

    /// Writes down who is mailed now, and returns them. Throws: `StorageError`.
    package static func claim(_ due: Due, _ connection: any SQLConnection, at now: Timestamp) throws -> [String] {
        try due.digest.recipients.filter { address in
            let claimed = try connection.execute(
                """
                INSERT INTO digest_sendings (dashboard_id, due_ms, address, status, attempts, detail, at_ms)
                VALUES (\(due.dashboard.id), \(due.at.milliseconds), \(address), 'sending', 1, '', \(now.milliseconds))
                ON CONFLICT (dashboard_id, due_ms, address) DO UPDATE
                SET status = 'sending', attempts = digest_sendings.attempts + 1, at_ms = \(now.milliseconds)
                WHERE digest_sendings.status = 'waiting' AND digest_sendings.attempts < \(attemptsMax)
                    AND (digest_sendings.at_ms <= \(now.milliseconds - retryMinutes * 60_000)
                        OR digest_sendings.at_ms > \(ClockWatch.beyond(now)))
                """)
            return claimed == 1
        }
    }

    /// How it went for one recipient. Throws: `StorageError`.
    package static func settle(
        _ due: Due, _ address: String, _ outcome: MessageOutcome, _ connection: any SQLConnection, at now: Timestamp
    ) throws {
        let (status, detail) = words(outcome)
        try connection.execute(
            """
            UPDATE digest_sendings SET status = \(status.rawValue), detail = \(detail), at_ms = \(now.milliseconds)
            WHERE dashboard_id = \(due.dashboard.id) AND due_ms = \(due.at.milliseconds) AND address = \(address)
            """)
    }

    /// Of one dashboard, the newest first. Throws: `StorageError`.
    package static func list(_ dashboard: Int64, _ connection: any SQLConnection) throws -> [DigestSending] {
        try connection.query(
            """
            SELECT due_ms, address, status, attempts, detail, at_ms FROM digest_sendings
            WHERE dashboard_id = \(dashboard) ORDER BY due_ms DESC, address LIMIT \(pageRows)
            """
        ).map { row in
            DigestSending(
                dueAt: Timestamp(milliseconds: try row.int(0)), address: try row.text(1),
                status: DigestSending.Status(rawValue: try row.text(2)) ?? .unknown, attempts: try row.int(3),
                detail: try row.text(4), at: Timestamp(milliseconds: try row.int(5)))
        }
    }

    /// Forgets what is older than 90 days, and calls unknown what a crash cut off. Throws: `StorageError`.
    package static func tidy(_ connection: any SQLConnection, at now: Timestamp) throws {
        try connection.execute(
            "DELETE FROM digest_sendings WHERE due_ms < \(now.adding(days: -keptDays).milliseconds)")
        try connection.execute(
            """
            UPDATE digest_sendings SET status = 'unknown'
            WHERE status = 'sending' AND at_ms < \(now.milliseconds - sendingMinutes * 60_000)
            """)
    }

    static func forget(_ dashboard: Int64, _ connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM digest_sendings WHERE dashboard_id = \(dashboard)")
    }

    private static func isOpen(_ sending: DigestSending, at now: Timestamp) -> Bool {
        sending.status == .waiting && sending.attempts < attemptsMax
            && (sending.at.milliseconds <= now.milliseconds - retryMinutes * 60_000
                || sending.at.milliseconds > ClockWatch.beyond(now))
    }

    private static func words(_ outcome: MessageOutcome) -> (DigestSending.Status, String) {
        switch outcome {
        case .sent, .delivered: (.sent, "")
        case .retry(_, let detail, _), .closed(_, let detail, _): (.waiting, detail)
        case .bounced(_, let detail, _): (.refused, detail)
        case .unknown(let detail): (.unknown, detail)
        }
    }
}
