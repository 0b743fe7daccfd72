import Storage

/// How many messages a person may have, and whose go first where there is room for some only.
///
/// Counted is what left for the person (or was about to) today and the days before, in their own zone; what certainly did
/// not arrive (suppressed, bounced, given up) is not. Where a cap leaves fewer places today than there are messages of
/// higher priority planned for the person until the day ends, a message waits for those: they go first, on whatever
/// channel, and what is left afterwards is for it. Equal priorities go in the order in which they are due.
///
/// What the store knows is read for all people at once; of several messages the verdict on one counts for the next.
struct CapCheck {
    private let caps: [MessagePolicy.Cap]
    private let channel: String
    private let now: Timestamp
    /// By person: what left, and what is planned until the day ends.
    private var left: [Int64: [Left]] = [:]
    private var planned: [Int64: [Planned]] = [:]

    /// One that is not on its way although long due waits for something else; so does one that was tried so often, for
    /// three quarters of an hour, and is put off for hours from then on: nobody waits for them.
    private static let stuckMilliseconds: Int64 = 3_600_000
    private static let stuckAttempts: Int64 = 5
    private static let retryMilliseconds: Int64 = 60_000
    private static let rowsMax = 2_000
    /// Of `messages`: what caps count once it left.
    private static let counted =
        "is_transactional = 0 AND origin <> 'test' AND state NOT IN ('planned', 'suppressed', 'bounced', 'failed')"

    struct Left: Sendable, Equatable {
        var channel: String
        var at: Timestamp
    }

    private struct Planned {
        var message: Int64
        var channel: String
        var priority: Int64
        var due: Int64
    }

    /// Throws: `StorageError`.
    init(
        _ people: [RecipientFacts], policy: MessagePolicy, channel: String, now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        caps = policy.caps.filter { $0.channel.isEmpty || $0.channel == channel }
        self.channel = channel
        self.now = now
        guard let days = caps.map(\.days).max() else { return }
        let people = people.sorted { $0.profileID < $1.profileID }
        try readLeft(people, days: days, connection)
        try readPlanned(people, connection)
    }

    /// With what is known already, by person; nobody waits for anything. Pure.
    init(policy: MessagePolicy, channel: String, now: Timestamp, left: [Int64: [Left]]) {
        caps = policy.caps.filter { $0.channel.isEmpty || $0.channel == channel }
        self.channel = channel
        self.now = now
        self.left = left
    }

    /// What left for people since a moment, by person, oldest first; `journey`: of which nothing counts.
    /// Throws: `StorageError`.
    static func history(
        of people: [RecipientFacts], since: Timestamp, besides journey: Int64, _ connection: any SQLConnection
    ) throws -> [Int64: [Left]] {
        let asked = people.flatMap { person in person.profileIDs.map { (owner: person.profileID, id: $0) } }
        let found = try connection.queryMany(
            """
            SELECT channel, eligible_ms FROM messages WHERE profile_id = ? AND eligible_ms >= ? AND \(counted)
                AND NOT (origin = 'journey' AND origin_id = ?)
            """, asked.map { [.integer($0.id), .integer(since.milliseconds), .integer(journey)] })
        var left: [Int64: [Left]] = [:]
        for (one, rows) in zip(asked, found) where !rows.isEmpty {
            left[one.owner, default: []] += try rows.map { row in
                Left(channel: try row.text(0), at: Timestamp(milliseconds: try row.int(1)))
            }
        }
        return left.mapValues { $0.sorted { $0.at < $1.at } }
    }

    private mutating func readLeft(_ people: [RecipientFacts], days: Int, _ connection: any SQLConnection) throws {
        let asked = people.flatMap { person in
            let start = person.calendar.start(ofDay: person.calendar.day(of: now) - Int64(days - 1))
            return person.profileIDs.map { (owner: person.profileID, id: $0, start: start) }
        }
        let found = try connection.queryMany(
            """
            SELECT channel, eligible_ms FROM messages WHERE profile_id = ? AND eligible_ms >= ? AND \(Self.counted)
            """, asked.map { [.integer($0.id), .integer($0.start.milliseconds)] })
        for (one, rows) in zip(asked, found) where !rows.isEmpty {
            left[one.owner, default: []] += try rows.map { row in
                Left(channel: try row.text(0), at: Timestamp(milliseconds: try row.int(1)))
            }
        }
    }

    private mutating func readPlanned(_ people: [RecipientFacts], _ connection: any SQLConnection) throws {
        let asked = people.flatMap { person in
            let end = person.calendar.start(ofDay: person.calendar.day(of: now) + 1)
            return person.profileIDs.map { (owner: person.profileID, id: $0, end: end) }
        }
        let stuck = now.milliseconds - Self.stuckMilliseconds
        let found = try connection.queryMany(
            """
            SELECT id, channel, priority, due_ms FROM messages WHERE profile_id = ? AND eligible_ms IS NULL
                AND state = 'planned' AND is_transactional = 0 AND origin <> 'test' AND due_ms < ? AND due_ms >= ?
                AND attempts < \(Self.stuckAttempts)
            LIMIT \(Self.rowsMax)
            """,
            asked.map { [.integer($0.id), .integer($0.end.milliseconds), .integer(stuck)] })
        for (one, rows) in zip(asked, found) where !rows.isEmpty {
            planned[one.owner, default: []] += try rows.map { row in
                Planned(
                    message: try row.int(0), channel: try row.text(1), priority: try row.int(2), due: try row.int(3))
            }
        }
    }

    /// The caps that count on this channel, with how much of each is used.
    func used(_ person: RecipientFacts) -> [(cap: MessagePolicy.Cap, used: Int64)] {
        caps.map { ($0, Int64(taken($0, person))) }
    }

    /// The first cap that has no room left; nil: there is room.
    func full(_ person: RecipientFacts) -> MessagePolicy.Cap? {
        caps.first { taken($0, person) >= $0.most }
    }

    private func taken(_ cap: MessagePolicy.Cap, _ person: RecipientFacts) -> Int {
        let since = person.calendar.start(ofDay: person.calendar.day(of: now) - Int64(cap.days - 1))
        return (left[person.profileID] ?? []).count {
            $0.at >= since && (cap.channel.isEmpty || $0.channel == cap.channel)
        }
    }

    /// What it says counts for those that ask next.
    mutating func verdict(_ one: PolicyCheck.Candidate) -> PolicyCheck.Verdict {
        let (person, id) = (one.person.profileID, one.message)
        let verdict = judged(one)
        switch verdict {
        case .eligible:
            left[person, default: []].append(Left(channel: channel, at: now))
            planned[person]?.removeAll { $0.message == id }
        case .deferred(let until):
            for index in planned[person]?.indices ?? 0..<0 where planned[person]?[index].message == id {
                planned[person]?[index].due = until.milliseconds
            }
        case .suppressed: break
        }
        return verdict
    }

    private func judged(_ one: PolicyCheck.Candidate) -> PolicyCheck.Verdict {
        let higher = (planned[one.person.profileID] ?? []).filter {
            $0.priority > one.priority && $0.message != one.message
        }
        for cap in caps {
            let taken = taken(cap, one.person)
            guard taken < cap.most else { return .suppressed(cap.channel.isEmpty ? "frequency_cap" : "channel_cap") }
            let rivals = higher.filter { cap.channel.isEmpty || $0.channel == cap.channel }
            if Int64(taken + rivals.count) >= cap.most, let last = rivals.map(\.due).max() {
                return .deferred(Timestamp(milliseconds: max(last, now.milliseconds) + Self.retryMilliseconds))
            }
        }
        return .eligible
    }
}
