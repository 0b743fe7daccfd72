import Storage

/// Gives messages that wait for their person's best hour the moment at which they leave.
struct MessageTimes: Sendable {
    let platform: Platform
    let owner: String

    /// Within the hour people are spread, each at a minute of their own, so that not all leave at its first second.
    private static let minutes: Int64 = 30
    private static let salt = Assignment.salt(of: "best_hour")

    /// Throws: `StorageError`, `CancellationError`.
    func set(_ messages: [SentMessage]) async throws {
        let (workspace, policy, people) = try await platform.store.read { connection in
            let workspace = try Workspace.load(connection)
            let people = try RecipientFacts.load(messages.map(\.profileID), workspace, connection)
            return (workspace, try MessagePolicy.load(connection), people)
        }
        let living = people.values.filter(\.isLiving).sorted { $0.profileID < $1.profileID }
        let hours = try await BestHours(platform: platform).of(living, workspace)
        let now = platform.effects.now()
        let rows = messages.map { message -> [SQLValue] in
            var due = now
            if let person = people[message.profileID], let best = hours[person.profileID] {
                due = Self.moment(best, of: person, policy, after: now)
            }
            return [
                .integer(due.milliseconds), .integer(now.milliseconds), .integer(message.id), .text(owner),
                .integer(message.fence),
            ]
        }
        _ = try await platform.store.write { connection in
            try connection.executeMany(
                """
                UPDATE messages SET timing = 'timed', due_ms = ?, updated_ms = ?, owner = '', lease_expires_ms = 0
                WHERE id = ? AND owner = ? AND fence = ? AND state = 'planned'
                """, rows)
        }
    }

    /// When a message leaves that waits for the best hour from `now` on. Pure.
    static func moment(
        _ best: BestHour, of person: RecipientFacts, _ policy: MessagePolicy, after now: Timestamp
    ) -> Timestamp {
        let hour = best.choose(usual: policy.usualHour, isQuiet: { policy.isQuiet(hour: $0) })
        let minute = Assignment.bucket(salt: salt, profile: person.profileID, of: minutes)
        return BestHour.next(hour, after: now, minute: minute, person.calendar)
    }
}
