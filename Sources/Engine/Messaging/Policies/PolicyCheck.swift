import Storage

/// Whether a message may leave now: asked in the transaction that writes it down as being sent.
struct PolicyCheck {
    enum Verdict: Equatable {
        case eligible
        case suppressed(String)
        /// Not now.
        case deferred(Timestamp)
    }

    let policy: MessagePolicy
    let channel: any MessageChannel
    let now: Timestamp
    let connection: any SQLConnection

    /// Throws: `StorageError`.
    func verdict(_ message: SentMessage, _ person: RecipientFacts, address: String) throws -> Verdict {
        if message.origin == "test" { return .eligible }
        guard person.isLiving else { return .suppressed("erased") }
        if try Suppressions.contains(channel.name, address, connection) { return .suppressed("suppression_list") }
        if message.isTransactional { return .eligible }
        if try Experiments.isHeldOut(person.profileID, connection) { return .suppressed("global_holdout") }
        if message.due.adding(days: policy.expiryDays) < now { return .suppressed("expired") }
        let said = try MessageConsents.of(person.profileIDs, connection)
        switch MessageConsents.channel(channel.name, person.state, said) {
        case false?: return .suppressed("consent_refused")
        case nil where policy.needsConsent && channel.needsConsent: return .suppressed("consent_missing")
        default: break
        }
        if MessageConsents.hasLeft(message.topic, channel.name, said) { return .suppressed("topic_left") }
        if policy.isQuiet(hour: Int(person.calendar.hour(of: now))) {
            return policy.quietDrops ? .suppressed("quiet_hours") : .deferred(quietEnd(person.calendar))
        }
        for cap in policy.caps where cap.channel.isEmpty || cap.channel == channel.name {
            let start = person.calendar.start(ofDay: person.calendar.day(of: now) - Int64(cap.days - 1))
            var sql: SQL = """
                SELECT count(*) FROM messages WHERE profile_id IN (\(list: person.profileIDs))
                    AND eligible_ms >= \(start.milliseconds) AND is_transactional = 0
                    AND origin <> 'test' AND state NOT IN ('planned', 'suppressed', 'failed')
                """
            if !cap.channel.isEmpty { sql += " AND channel = \(cap.channel)" }
            let count = try connection.first(sql)?.int(0) ?? 0
            if count >= cap.most { return .suppressed("frequency_cap") }
        }
        return .eligible
    }

    /// When the hours end, on the person's clock.
    private func quietEnd(_ calendar: LocalCalendar) -> Timestamp {
        let day = calendar.day(of: now)
        for ahead in 0...1 {
            let end = calendar.start(ofDay: day + Int64(ahead)).adding(milliseconds: Int64(policy.quietTo) * 3_600_000)
            if end > now { return end }
        }
        return now.adding(milliseconds: 3_600_000)
    }
}
