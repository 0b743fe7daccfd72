import Storage

/// Whether messages may leave now: asked in the transaction that writes them down as being sent.
///
/// What the store knows of the people is read for all of them at once; the verdicts are then made in memory, one after
/// the other, so that of two messages to one person the first counts for the second.
struct PolicyCheck {
    enum Verdict: Equatable {
        case eligible
        case suppressed(String)
        /// Not now.
        case deferred(Timestamp)
    }

    /// One message that asks.
    struct Candidate {
        var person: RecipientFacts
        var address: String
        var topic: String
        var due: Timestamp
        var isTransactional = false
        var isTest = false

        init(
            person: RecipientFacts, address: String, topic: String, due: Timestamp, isTransactional: Bool = false,
            isTest: Bool = false
        ) {
            self.person = person
            self.address = address
            self.topic = topic
            self.due = due
            self.isTransactional = isTransactional
            self.isTest = isTest
        }

        init(_ message: SentMessage, _ person: RecipientFacts, address: String) {
            self.init(
                person: person, address: address, topic: message.topic, due: message.due,
                isTransactional: message.isTransactional, isTest: message.origin == "test")
        }
    }

    private struct Sent {
        var channel: String
        var at: Timestamp
    }

    private let policy: MessagePolicy
    private let channel: any MessageChannel
    private let now: Timestamp
    private let holdout: Holdout
    private var suppressed: Set<String> = []
    /// By person.
    private var said: [Int64: [MessageConsents.Entry]] = [:]
    private var sent: [Int64: [Sent]] = [:]

    /// `countsSent`: whether caps are asked, too. Throws: `StorageError`.
    init(
        _ candidates: [Candidate], policy: MessagePolicy, channel: any MessageChannel, now: Timestamp,
        countsSent: Bool = true, _ connection: any SQLConnection
    ) throws {
        self.policy = policy
        self.channel = channel
        self.now = now
        holdout = try Holdout.load(connection)
        suppressed = try Suppressions.among(candidates.map(\.address), channel.name, connection)
        let people = Dictionary(candidates.map { ($0.person.profileID, $0.person) }) { first, _ in first }
        said = try MessageConsents.of(people.mapValues(\.profileIDs), connection)
        if countsSent { try readSent(Array(people.values), connection) }
    }

    /// What was sent in the days that caps look back on.
    private mutating func readSent(_ people: [RecipientFacts], _ connection: any SQLConnection) throws {
        guard let days = policy.caps.map(\.days).max() else { return }
        let asked = people.sorted { $0.profileID < $1.profileID }.flatMap { person in
            let start = person.calendar.start(ofDay: person.calendar.day(of: now) - Int64(days - 1))
            return person.profileIDs.map { (owner: person.profileID, id: $0, start: start) }
        }
        let found = try connection.queryMany(
            """
            SELECT channel, eligible_ms FROM messages WHERE profile_id = ? AND eligible_ms >= ?
                AND is_transactional = 0 AND origin <> 'test' AND state NOT IN ('planned', 'suppressed', 'failed')
            """, asked.map { [.integer($0.id), .integer($0.start.milliseconds)] })
        for (one, rows) in zip(asked, found) where !rows.isEmpty {
            sent[one.owner, default: []] += try rows.map { row in
                Sent(channel: try row.text(0), at: Timestamp(milliseconds: try row.int(1)))
            }
        }
    }

    /// Why a message may not leave whatever the hour is; nil: nothing stands in its way for good.
    func refusal(_ one: Candidate) -> String? {
        let person = one.person
        if one.isTest { return nil }
        guard person.isLiving else { return "erased" }
        if suppressed.contains(Suppressions.plain(one.address)) { return "suppression_list" }
        if one.isTransactional { return nil }
        if holdout.holds(person.profileID) { return "global_holdout" }
        if one.due.adding(days: policy.expiryDays) < now { return "expired" }
        let said = said[person.profileID] ?? []
        switch MessageConsents.channel(channel.name, person.state, said) {
        case false?: return "consent_refused"
        case nil where policy.needsConsent && channel.needsConsent: return "consent_missing"
        default: break
        }
        return MessageConsents.hasLeft(one.topic, channel.name, said) ? "topic_left" : nil
    }

    mutating func verdict(_ one: Candidate) -> Verdict {
        if let reason = refusal(one) { return .suppressed(reason) }
        if one.isTest || one.isTransactional { return .eligible }
        let person = one.person
        if policy.isQuiet(hour: Int(person.calendar.hour(of: now))) {
            return policy.quietDrops ? .suppressed("quiet_hours") : .deferred(quietEnd(person.calendar))
        }
        let sent = sent[person.profileID] ?? []
        for cap in policy.caps where cap.channel.isEmpty || cap.channel == channel.name {
            let start = person.calendar.start(ofDay: person.calendar.day(of: now) - Int64(cap.days - 1))
            let count = sent.count { $0.at >= start && (cap.channel.isEmpty || $0.channel == cap.channel) }
            if count >= cap.most { return .suppressed("frequency_cap") }
        }
        self.sent[person.profileID, default: []].append(Sent(channel: channel.name, at: now))
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
