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

    /// What the store knows of people that decides on one channel, but for what they had already.
    struct Known: Sendable {
        var holdout = Holdout()
        /// Addresses in plain letters.
        var suppressed: Set<String> = []
        /// By person.
        var said: [Int64: [MessageConsents.Entry]] = [:]
        /// Those with a yes that the address has yet to confirm.
        var pending: Set<Int64> = []

        init() {}

        /// Of people, by the addresses at which they are reached. Throws: `StorageError`.
        init(
            _ people: [RecipientFacts], addresses: [String], policy: MessagePolicy, channel: String, now: Timestamp,
            _ connection: any SQLConnection
        ) throws {
            holdout = try Holdout.load(connection)
            suppressed = try Suppressions.among(addresses, channel, connection)
            let ids = Dictionary(people.map { ($0.profileID, $0.profileIDs) }) { first, _ in first }
            said = try MessageConsents.of(ids, connection)
            if policy.doubleOptIn, channel == OptIns.channel {
                pending = try OptIns.pending(ids, at: now, connection)
            }
        }
    }

    private let policy: MessagePolicy
    private let channel: any MessageChannel
    private let now: Timestamp
    private let known: Known
    private var caps: CapCheck?

    /// `countsSent`: whether caps are asked, too. Throws: `StorageError`.
    init(
        _ candidates: [Candidate], policy: MessagePolicy, channel: any MessageChannel, now: Timestamp,
        countsSent: Bool = true, _ connection: any SQLConnection
    ) throws {
        self.policy = policy
        self.channel = channel
        self.now = now
        let people = Dictionary(candidates.map { ($0.person.profileID, $0.person) }) { first, _ in first }
        known = try Known(
            Array(people.values), addresses: candidates.map(\.address), policy: policy, channel: channel.name,
            now: now, connection)
        if countsSent {
            caps = try CapCheck(Array(people.values), policy: policy, channel: channel.name, now: now, connection)
        }
    }

    /// With what is known already. Pure.
    init(_ known: Known, policy: MessagePolicy, channel: any MessageChannel, now: Timestamp, caps: CapCheck?) {
        self.policy = policy
        self.channel = channel
        self.now = now
        self.known = known
        self.caps = caps
    }

    /// Why a message may not leave whatever the hour is; nil: nothing stands in its way for good.
    func refusal(_ one: Candidate) -> String? {
        let person = one.person
        if one.isTest { return nil }
        guard person.isLiving else { return "erased" }
        if known.suppressed.contains(Suppressions.plain(one.address)) { return "suppression_list" }
        if one.isTransactional { return nil }
        if known.holdout.holds(person.profileID) { return "global_holdout" }
        if one.asked.adding(days: policy.expiryDays) < now { return "expired" }
        let said = known.said[person.profileID] ?? []
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
        person.state.consent[channel.name]?.isGranted == true || known.pending.contains(person.profileID)
    }

    mutating func verdict(_ one: Candidate) -> Verdict {
        if let reason = refusal(one) { return .suppressed(reason) }
        if one.isTest || one.isTransactional { return .eligible }
        let person = one.person
        if policy.isQuiet(hour: Int(person.calendar.hour(of: now))) {
            return policy.quietDrops
                ? .suppressed("quiet_hours") : .deferred(policy.quietEnd(after: now, person.calendar))
        }
        return caps?.verdict(one) ?? .eligible
    }
}
