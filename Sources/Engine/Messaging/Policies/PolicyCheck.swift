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
        /// 0: it is not written down yet.
        var message: Int64 = 0
        var person: RecipientFacts
        var address: String
        var topic: String
        /// When it was to leave at first.
        var asked: Timestamp
        var priority = MessageChoices.usualPriority
        var isTransactional = false
        var isTest = false

        init(
            person: RecipientFacts, address: String, topic: String, asked: Timestamp, isTransactional: Bool = false,
            isTest: Bool = false
        ) {
            self.person = person
            self.address = address
            self.topic = topic
            self.asked = asked
            self.isTransactional = isTransactional
            self.isTest = isTest
        }

        init(_ message: SentMessage, _ person: RecipientFacts, address: String) {
            self.init(
                person: person, address: address, topic: message.topic, asked: message.asked,
                isTransactional: message.isTransactional, isTest: message.origin == "test")
            (self.message, priority) = (message.id, message.priority)
        }
    }

    private let policy: MessagePolicy
    private let channel: any MessageChannel
    private let now: Timestamp
    private let holdout: Holdout
    private var suppressed: Set<String> = []
    /// By person.
    private var said: [Int64: [MessageConsents.Entry]] = [:]
    /// Those with a yes that the address has yet to confirm.
    private var pending: Set<Int64> = []
    private var caps: CapCheck?

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
        if policy.doubleOptIn, channel.name == OptIns.channel {
            pending = try OptIns.pending(people.mapValues(\.profileIDs), at: now, connection)
        }
        if countsSent {
            caps = try CapCheck(Array(people.values), policy: policy, channel: channel.name, now: now, connection)
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
        if one.asked.adding(days: policy.expiryDays) < now { return "expired" }
        let said = said[person.profileID] ?? []
        let isConfirmed = policy.doubleOptIn && channel.name == OptIns.channel
        switch MessageConsents.confirmed(channel.name, person.state, said, policy) {
        case false?: return "consent_refused"
        case nil where channel.needsConsent && isConfirmed:
            return isPending(person) ? "consent_pending" : "consent_missing"
        case nil where channel.needsConsent && policy.needsConsent: return "consent_missing"
        default: break
        }
        return MessageConsents.hasLeft(one.topic, channel.name, said) ? "topic_left" : nil
    }

    /// Whether a yes was said that the address has yet to confirm.
    private func isPending(_ person: RecipientFacts) -> Bool {
        person.state.consent[channel.name]?.isGranted == true || pending.contains(person.profileID)
    }

    mutating func verdict(_ one: Candidate) -> Verdict {
        if let reason = refusal(one) { return .suppressed(reason) }
        if one.isTest || one.isTransactional { return .eligible }
        let person = one.person
        if policy.isQuiet(hour: Int(person.calendar.hour(of: now))) {
            return policy.quietDrops ? .suppressed("quiet_hours") : .deferred(quietEnd(person.calendar))
        }
        return caps?.verdict(one) ?? .eligible
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
