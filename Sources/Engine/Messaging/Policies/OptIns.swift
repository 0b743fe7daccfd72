import Storage

/// Consent to mail in two steps: somebody asks, a letter goes to the address, and only who follows its link has agreed.
///
/// Invariants: nothing is granted before the link was followed; the proof tells when, where and with which words it was
/// asked for, and when and from where it was confirmed. Of one person, channel and topic one request is pending at a
/// time; asked for again it is the same one. A letter at most every hour, and a few in all. After its days it lapses.
package struct OptIn: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        case pending, confirmed, expired, withdrawn
    }

    package var id: Int64
    package var profileID: Int64
    package var channel: String
    package var topic: String
    package var address: String
    package var state: State
    package var source: String
    package var proof: String
    package var askedAt: Timestamp
    package var letteredAt: Timestamp
    package var letters: Int64
    package var expiresAt: Timestamp
    package var confirmedAt: Timestamp?

    static let columns = """
        id, profile_id, channel, topic, address, state, source, proof, asked_ms, lettered_ms, letters, expires_ms, \
        confirmed_ms
        """

    init(row: SQLRow) throws {
        id = try row.int(0)
        profileID = try row.int(1)
        channel = try row.text(2)
        topic = try row.text(3)
        address = try row.text(4)
        state = State(rawValue: try row.text(5)) ?? .expired
        source = try row.text(6)
        proof = try row.text(7)
        askedAt = Timestamp(milliseconds: try row.int(8))
        letteredAt = Timestamp(milliseconds: try row.int(9))
        letters = try row.int(10)
        expiresAt = Timestamp(milliseconds: try row.int(11))
        confirmedAt = try row.intOrNil(12).map(Timestamp.init(milliseconds:))
    }
}

/// What a person, or the brand in their name, says about a channel.
package struct ConsentWish: Sendable {
    package var channel: String
    package var topic: String
    package var isGranted: Bool
    /// api, event, console.
    package var source: String
    /// Where it was said, with which words.
    package var proof: String
    /// Whether the address was confirmed elsewhere already.
    package var isConfirmed: Bool

    package init(
        channel: String, topic: String = "", isGranted: Bool, source: String, proof: String, isConfirmed: Bool = false
    ) {
        self.channel = channel
        self.topic = topic
        self.isGranted = isGranted
        self.source = source
        self.proof = proof
        self.isConfirmed = isConfirmed
    }
}

package enum OptIns {
    package enum Answer: String, Sendable {
        case granted, refused, pending
        /// There is no address to send the letter to.
        case unreachable
    }

    /// The channel whose address people type, so that anybody could.
    static let channel = "email"
    private static let letterMilliseconds: Int64 = 3_600_000
    private static let lettersMax: Int64 = 5
    private static let perSweep = 500

    /// Takes a word about a channel: a no at once, a yes at once or once it is confirmed, as the policy has it.
    /// Throws: `MessageError`, `StorageError`.
    @discardableResult
    package static func take(
        _ wish: ConsentWish, of profileID: Int64, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Answer {
        let (policy, now) = (try MessagePolicy.load(connection), effects.now())
        let entry = MessageConsents.Entry(
            channel: wish.channel, topic: wish.topic, isGranted: wish.isGranted, at: now, source: wish.source,
            proof: wish.proof, messageID: 0)
        guard policy.doubleOptIn, wish.channel == channel, wish.isGranted, !wish.isConfirmed else {
            try MessageConsents.say(profileID, entry, effects, connection)
            if !wish.isGranted { try withdraw(profileID, wish.channel, wish.topic, connection) }
            return wish.isGranted ? .granted : .refused
        }
        let workspace = try Workspace.load(connection)
        guard let person = try RecipientFacts.load(profileID, workspace, connection), person.isLiving,
            let address = person.emails.first(where: MailAddress.isUsable)
        else { return .unreachable }
        let said = try MessageConsents.of(person.profileIDs, connection)
        if MessageConsents.confirmed(channel, person.state, said, policy) == true {
            // The address was confirmed before; a topic of it may be taken up again.
            if !wish.topic.isEmpty { try MessageConsents.say(profileID, entry, effects, connection) }
            return .granted
        }
        try ask(wish, person.profileID, address, policy, effects, connection)
        return .pending
    }

    private static func ask(
        _ wish: ConsentWish, _ profileID: Int64, _ address: String, _ policy: MessagePolicy, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws {
        let now = effects.now()
        try connection.lock("message_opt_in:\(profileID)")
        let row = try connection.first(
            """
            SELECT \(raw: OptIn.columns) FROM message_opt_ins WHERE profile_id = \(profileID) AND state = 'pending'
                AND channel = \(wish.channel) AND topic = \(wish.topic) AND expires_ms > \(now.milliseconds)
            """)
        if let row {
            let standing = try OptIn(row: row)
            let isSoon = now.milliseconds - standing.letteredAt.milliseconds < letterMilliseconds
            guard standing.address != address || !isSoon, standing.letters < lettersMax else { return }
            try connection.execute(
                """
                UPDATE message_opt_ins SET address = \(address), lettered_ms = \(now.milliseconds),
                    letters = letters + 1 WHERE id = \(standing.id)
                """)
            return try letter(standing.id, standing.letters + 1, profileID, address, policy, now, connection)
        }
        let id = effects.newID()
        try connection.execute(
            """
            INSERT INTO message_opt_ins (id, profile_id, channel, topic, address, state, source, proof, asked_ms,
                lettered_ms, letters, expires_ms, confirmed_from)
            VALUES (\(id), \(profileID), \(wish.channel), \(wish.topic), \(address), 'pending', \(wish.source),
                \(wish.proof), \(now.milliseconds), \(now.milliseconds), 1,
                \(now.adding(days: policy.confirmationDays).milliseconds), '')
            """)
        try letter(id, 1, profileID, address, policy, now, connection)
        try tell(MessageEvents.optInAsked, try get(id, connection), effects, connection)
    }

    private static func letter(
        _ id: Int64, _ number: Int64, _ profileID: Int64, _ address: String, _ policy: MessagePolicy,
        _ now: Timestamp, _ connection: any SQLConnection
    ) throws {
        let values: JSONValue = ["opt_in_id": JSONValue(id: id), "to_address": .string(address)]
        let plan = MessagePlan(
            key: "opt_in:\(id):\(number)", profileID: profileID, templateID: policy.confirmationTemplate,
            origin: .optIn(id), isTransactional: true, values: values, due: now)
        _ = try Messages.plan([plan], at: now, connection)
    }

    /// Follows the link: from now on the person has agreed. Followed again it changes nothing. `place`: from where.
    /// Throws: `OptInError`, `StorageError`.
    @discardableResult
    package static func confirm(
        _ id: Int64, from place: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> OptIn {
        let now = effects.now()
        // In the order in which a no takes them: the person, then what was asked for.
        try connection.lock(MessageDispatcher.lock(of: try get(id, connection).profileID))
        let row = try connection.first(
            "SELECT \(raw: OptIn.columns) FROM message_opt_ins WHERE id = \(id)\(raw: connection.dialect.forUpdate)")
        guard let row else { throw OptInError.notFound }
        let found = try OptIn(row: row)
        switch found.state {
        case .confirmed: return found
        case .withdrawn: throw OptInError.withdrawn
        case .pending where found.expiresAt > now: break
        case .pending, .expired: throw OptInError.expired
        }
        try connection.execute(
            """
            UPDATE message_opt_ins SET state = 'confirmed', confirmed_ms = \(now.milliseconds),
                confirmed_from = \(place) WHERE id = \(id)
            """)
        let proof =
            "\(found.proof) · \(found.source) \(found.askedAt.iso8601) · \(found.address) · "
            + "confirmed \(now.iso8601) \(place)"
        for topic in Set(["", found.topic]).sorted() {
            let entry = MessageConsents.Entry(
                channel: found.channel, topic: topic, isGranted: true, at: now, source: "double_opt_in", proof: proof,
                messageID: 0)
            try MessageConsents.say(found.profileID, entry, effects, connection)
        }
        let confirmed = try get(id, connection)
        try tell(MessageEvents.optInConfirmed, confirmed, effects, connection)
        return confirmed
    }

    /// Lapses what nobody confirmed in time, told by an event each. Returns how many. Throws: `StorageError`.
    static func sweep(_ effects: Effects, _ connection: any SQLConnection) throws -> Int {
        let now = effects.now()
        let lapsed = try connection.query(
            """
            SELECT \(raw: OptIn.columns) FROM message_opt_ins WHERE state = 'pending'
                AND expires_ms <= \(now.milliseconds) ORDER BY expires_ms
                LIMIT \(perSweep)\(raw: connection.dialect.forUpdateSkipLocked)
            """
        ).map(OptIn.init(row:))
        for one in lapsed {
            try connection.execute("UPDATE message_opt_ins SET state = 'expired' WHERE id = \(one.id)")
        }
        try SystemEventLog.append(
            lapsed.map { event(MessageEvents.optInExpired, $0, at: now) }, now: now, effects: effects, to: connection)
        return lapsed.count
    }

    /// Whether there is something to lapse. Throws: `StorageError`.
    static func isLapsing(at now: Timestamp, _ connection: any SQLConnection) throws -> Bool {
        try connection.first(
            """
            SELECT 1 FROM message_opt_ins WHERE state = 'pending' AND expires_ms <= \(now.milliseconds) LIMIT 1
            """) != nil
    }

    /// A no takes back what was asked for.
    static func withdraw(
        _ profileID: Int64, _ channel: String, _ topic: String, _ connection: any SQLConnection
    ) throws {
        var sql: SQL = """
            UPDATE message_opt_ins SET state = 'withdrawn' WHERE profile_id = \(profileID) AND state = 'pending'
                AND channel = \(channel)
            """
        if !topic.isEmpty { sql += " AND topic = \(topic)" }
        try connection.execute(sql)
    }

    /// Throws: `OptInError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> OptIn {
        let row = try connection.first("SELECT \(raw: OptIn.columns) FROM message_opt_ins WHERE id = \(id)")
        guard let row else { throw OptInError.notFound }
        return try OptIn(row: row)
    }

    /// What was asked of a person under any of these ids, the newest first. Throws: `StorageError`.
    package static func of(_ profileIDs: [Int64], _ connection: any SQLConnection) throws -> [OptIn] {
        try connection.query(
            """
            SELECT \(raw: OptIn.columns) FROM message_opt_ins WHERE profile_id IN (\(list: profileIDs))
            ORDER BY asked_ms DESC, id DESC LIMIT \(MessageLimits.pageRows)
            """
        ).map(OptIn.init(row:))
    }

    /// Those of many people, each with the ids that are theirs, who have something to confirm. Throws: `StorageError`.
    static func pending(
        _ people: [Int64: [Int64]], at now: Timestamp, _ connection: any SQLConnection
    ) throws -> Set<Int64> {
        let asked = people.sorted { $0.key < $1.key }.flatMap { person, ids in ids.map { (person, $0) } }
        let found = try connection.queryMany(
            """
            SELECT 1 FROM message_opt_ins WHERE profile_id = ? AND state = 'pending' AND channel = ? AND expires_ms > ?
            LIMIT 1
            """, asked.map { [.integer($0.1), .text(channel), .integer(now.milliseconds)] })
        return Set(zip(asked, found).filter { !$0.1.isEmpty }.map(\.0.0))
    }

    private static func tell(
        _ name: String, _ optIn: OptIn, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let now = effects.now()
        try SystemEventLog.append([event(name, optIn, at: now)], now: now, effects: effects, to: connection)
    }

    private static func event(_ name: String, _ optIn: OptIn, at now: Timestamp) -> SystemEvent {
        let properties: JSONValue = [
            "opt_in_id": JSONValue(id: optIn.id), "channel": .string(optIn.channel), "topic": .string(optIn.topic),
            "source": .string(optIn.source), "expires_at": .string(optIn.expiresAt.iso8601),
        ]
        return SystemEvent(name: name, profileID: optIn.profileID, time: now, properties: properties.text())
    }
}

package enum OptInError: Error, Sendable, Equatable {
    case notFound
    /// The days to confirm in are over.
    case expired
    /// The person said no since.
    case withdrawn
}
