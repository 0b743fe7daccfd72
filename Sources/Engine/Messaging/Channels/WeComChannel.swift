import Storage

/// Messages to customers at WeCom, gathered so that an employee confirms many with one tap.
///
/// Handed over is here: written down in the task of its content. The task goes to WeCom a little later (`WeComTasks`), and
/// what each employee did with it is what becomes of the message.
package struct WeComChannel: MessageChannel {
    package let name = WeCom.channelName
    /// Customers added the employee themselves; who deletes them is written to no more.
    package let needsConsent = false
    private let catalog: ProviderCatalog

    /// How long a task gathers, and how many it takes (`add_msg_template`).
    static let gatherMilliseconds: Int64 = 60_000
    static let peopleMax: Int64 = 10_000
    /// Group messages that a customer takes in a calendar month ("每位客户每月最多接收 4 条").
    private static let perMonth: Int64 = 4

    package init(_ catalog: ProviderCatalog) {
        self.catalog = catalog
    }

    package func bounds(_ connection: any SQLConnection) throws -> ChannelBounds {
        let provider = try catalog.provider(WeCom.providerName)
        let account = try ProviderAccount.load(provider, connection)
        return ChannelBounds(
            perSecond: account.perSecond, isSetUp: account.isEnabled && account.isComplete(provider))
    }

    package func address(of person: RecipientFacts, _ connection: any SQLConnection) throws -> String? {
        try (person.identities[WeCom.identity] ?? []).first { try WeComChange.isContact($0, connection) }
    }

    package func account(of message: OutgoingMessage) -> String? { WeCom.providerName }

    package func send(_ messages: [OutgoingMessage], _ platform: Platform) async -> [MessageOutcome] {
        let (effects, now) = (platform.effects, platform.effects.now())
        do {
            return try await platform.store.write { connection in
                let month = Self.month(now, try Workspace.load(connection).calendar)
                return try messages.map { try gather($0, since: month, at: now, effects, connection) }
            }
        } catch {
            return messages.map { _ in .retry(reason: "store", detail: String("\(error)".prefix(200))) }
        }
    }

    private func gather(
        _ message: OutgoingMessage, since month: Timestamp, at now: Timestamp, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> MessageOutcome {
        let content: WeComContent
        do { content = try WeComContent(message) } catch let flaw as WeComContent.Flaw {
            return .bounced(reason: flaw.reason, detail: flaw.detail, suppresses: false)
        }
        let had =
            try connection.first(
                """
                SELECT count(*) FROM messages WHERE profile_id = \(message.profileID) AND channel = \(name)
                    AND eligible_ms >= \(month.milliseconds) AND state IN ('sent', 'delivered', 'opened', 'clicked')
                    AND id <> \(message.id)
                """)?.int(0) ?? 0
        guard had < Self.perMonth else {
            return .bounced(
                reason: "month_full", detail: "\(had) of \(Self.perMonth) this month", suppresses: false)
        }
        let task = try Self.task(for: content, at: now, effects, connection)
        let added = try connection.execute(
            """
            INSERT INTO wecom_task_people (message_id, task_id, external_id, state)
            VALUES (\(message.id), \(task), \(message.address), 'waiting') ON CONFLICT (message_id) DO NOTHING
            """)
        try connection.execute("UPDATE wecom_tasks SET people = people + \(added) WHERE id = \(task)")
        return .sent(providerID: "task:\(task)")
    }

    /// The task that gathers messages of a content; a full one is closed and another opened.
    private static func task(
        for content: WeComContent, at now: Timestamp, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Int64 {
        let key = String(Digest.sha256(Array(content.text.utf8)).prefix(40))
        try connection.lock("wecom_task:\(key)")
        let open = try connection.first(
            "SELECT id, people FROM wecom_tasks WHERE content_key = \(key) AND state = 'gathering'")
        if let open {
            let (standing, people) = (try open.int(0), try open.int(1))
            if people < peopleMax { return standing }
            // Full: out of the way of its successor, and due.
            try connection.execute(
                """
                UPDATE wecom_tasks SET content_key = \("\(key):\(standing)"), due_ms = \(now.milliseconds)
                WHERE id = \(standing)
                """)
        }
        let id = effects.newID()
        try connection.execute(
            """
            INSERT INTO wecom_tasks (id, content_key, body, state, provider_id, detail, people, attempts, opened_ms,
                due_ms)
            VALUES (\(id), \(key), \(content.text), 'gathering', '', '', 0, 0, \(now.milliseconds),
                \(now.milliseconds + gatherMilliseconds))
            """)
        return id
    }

    private static func month(_ now: Timestamp, _ calendar: LocalCalendar) -> Timestamp {
        let (year, month, _) = LocalCalendar.civil(ofDay: calendar.day(of: now))
        let text = "\(year)-\(month < 10 ? "0" : "")\(month)-01"
        guard let day = LocalCalendar.day(fromText: text) else { return now }
        return calendar.start(ofDay: day)
    }
}
