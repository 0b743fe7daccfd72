import Storage

/// What becomes of messages, told as it is written down. Receipts may come twice and in any order: a step is taken once.
package enum MessageProgress {
    /// Not to be sent, each with its reason, in one go. Throws: `StorageError`.
    static func suppress(
        _ messages: [(id: Int64, reason: String)], _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        guard !messages.isEmpty else { return }
        let now = effects.now()
        var events: [SystemEvent] = []
        let routed = try connection.queryMany(
            "SELECT \(SentMessage.columns) FROM messages WHERE id = ? AND state = 'planned' AND fallbacks <> '[]'",
            messages.map { [.integer($0.id)] })
        var ending: [(id: Int64, reason: String)] = []
        for (one, rows) in zip(messages, routed) {
            if let row = rows.first,
                let rerouted = try MessageRoutes.next(
                    after: SentMessage(row: row), .suppressed, one.reason, "", at: now, connection)
            {
                events.append(rerouted)
            } else {
                ending.append(one)
            }
        }
        let changed = try connection.executeMany(
            """
            UPDATE messages SET state = 'suppressed', reason = ?, ended_ms = ?, updated_ms = ?, owner = ''
            WHERE id = ? AND state = 'planned'
            """,
            ending.map {
                [.text($0.reason), .integer(now.milliseconds), .integer(now.milliseconds), .integer($0.id)]
            })
        let ids = zip(ending, changed).filter { $0.1 == 1 }.map(\.0.id)
        let rows = try connection.queryMany(
            "SELECT \(SentMessage.columns) FROM messages WHERE id = ?", ids.map { [.integer($0)] })
        events += try rows.joined().map {
            MessageEvents.event(MessageEvents.suppressed, try SentMessage(row: $0), at: now)
        }
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
    }

    /// What the other side says of a message.
    package enum Receipt: Sendable, Equatable {
        /// Taken over after all, of a message of which nobody knew.
        case accepted
        case delivered
        case bounced(reason: String, detail: String)
        case complained(detail: String)
    }

    /// Takes a receipt of a channel; one for a message that is not there, that came further, or that is on another channel
    /// by now, changes nothing. A bounce for good and a complaint suppress the address; what bounced takes the next channel
    /// that was named. Returns whether something changed. Throws: `StorageError`.
    @discardableResult
    package static func receive(
        _ receipt: Receipt, of id: Int64, channel: String? = nil, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Bool {
        let now = effects.now()
        let found = try connection.first(
            """
            SELECT \(raw: SentMessage.columns) FROM messages WHERE id = \(id)\(raw: connection.dialect.forUpdate)
            """)
        guard let found else { return false }
        let message = try SentMessage(row: found)
        let (state, reason, detail) = meaning(receipt)
        guard channel ?? message.channel == message.channel else { return false }
        // It may come before it is written down that the message was taken.
        let hasLeft = message.sentAt != nil || message.state == .unknown || message.state == .sending
        guard hasLeft, state.rank > message.state.rank else { return false }
        try connection.execute(
            """
            UPDATE messages SET state = \(state.rawValue), reason = \(reason), detail = \(detail),
                sent_ms = coalesce(sent_ms, \(now.milliseconds)), updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
        if state == .delivered {
            try connection.execute("UPDATE messages SET delivered_ms = \(now.milliseconds) WHERE id = \(id)")
        } else if reason == "no_such_address" || state == .complained {
            let kind: Suppressions.Reason = state == .complained ? .complaint : .bounce
            try Suppressions.add(
                message.channel, message.address, kind, detail: detail, message: id, by: "system", at: now, connection)
        }
        var bounced = message
        bounced.state = state
        if state == .bounced,
            let rerouted = try MessageRoutes.next(after: bounced, state, reason, detail, at: now, connection)
        {
            try SystemEventLog.append([rerouted], now: now, effects: effects, to: connection)
            return true
        }
        let names: [SentMessage.State: String] = [
            .delivered: MessageEvents.delivered, .bounced: MessageEvents.bounced,
            .complained: MessageEvents.complained,
        ]
        try say([names[state] ?? MessageEvents.sent], id, now, effects, connection)
        return true
    }

    /// Nobody knows any more what became of a message that was taken first. Throws: `StorageError`.
    static func lose(
        _ id: Int64, _ reason: String, _ detail: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let now = effects.now()
        let changed = try connection.execute(
            """
            UPDATE messages SET state = 'unknown', reason = \(reason), detail = \(detail), ended_ms = \(now.milliseconds),
                updated_ms = \(now.milliseconds) WHERE id = \(id) AND state = 'sent'
            """)
        if changed == 1 { try say([MessageEvents.unknown], id, now, effects, connection) }
    }

    private static func meaning(_ receipt: Receipt) -> (SentMessage.State, reason: String, detail: String) {
        switch receipt {
        case .accepted: (.sent, "", "")
        case .delivered: (.delivered, "", "")
        case .bounced(let reason, let detail): (.bounced, reason, detail)
        case .complained(let detail): (.complained, "complaint", detail)
        }
    }

    /// Opened, by a person or a machine. Throws: `StorageError`.
    package static func opened(
        _ id: Int64, isPerson: Bool, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        try looked(id, isClick: false, isPerson: isPerson, url: nil, effects, connection)
    }

    /// A link was followed, by a person or a machine. Throws: `StorageError`.
    package static func clicked(
        _ id: Int64, isPerson: Bool, url: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        try looked(id, isClick: true, isPerson: isPerson, url: url, effects, connection)
    }

    private static func looked(
        _ id: Int64, isClick: Bool, isPerson: Bool, url: String?, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let now = effects.now()
        let row = try connection.first(
            """
            SELECT \(raw: SentMessage.columns) FROM messages WHERE id = \(id)\(raw: connection.dialect.forUpdate)
            """)
        guard let row else { return }
        let message = try SentMessage(row: row)
        guard message.sentAt != nil || message.state == .unknown || message.state == .sending else { return }
        let more: [String: JSONValue] = [
            "by": isPerson ? "person" : "scanner", "url": JSONValue(url),
            // Every click is told; the first one counts the message.
            "first": isClick && isPerson ? .bool(message.clickedAt == nil) : .null,
        ].filter { $0.value != .null }
        if !isPerson {
            guard message.scannedAt == nil else { return }
            try connection.execute("UPDATE messages SET scanned_ms = \(now.milliseconds) WHERE id = \(id)")
            try say([isClick ? MessageEvents.clicked : MessageEvents.opened], id, now, effects, connection, more)
            return
        }
        var names: [String] = []
        if message.openedAt == nil { names.append(MessageEvents.opened) }
        // Every click by a person is told: which link matters.
        if isClick { names.append(MessageEvents.clicked) }
        guard !names.isEmpty else { return }
        let target: SentMessage.State = isClick ? .clicked : .opened
        let state = target.rank > message.state.rank && message.state != .sending ? target : message.state
        try connection.execute(
            """
            UPDATE messages SET state = \(state.rawValue), opened_ms = coalesce(opened_ms, \(now.milliseconds)),
                delivered_ms = coalesce(delivered_ms, \(now.milliseconds)),
                sent_ms = coalesce(sent_ms, \(now.milliseconds)), updated_ms = \(now.milliseconds) WHERE id = \(id)
            """)
        if isClick {
            try connection.execute(
                "UPDATE messages SET clicked_ms = coalesce(clicked_ms, \(now.milliseconds)) WHERE id = \(id)")
        }
        try say(names, id, now, effects, connection, more)
    }

    private static func say(
        _ names: [String], _ id: Int64, _ now: Timestamp, _ effects: Effects, _ connection: any SQLConnection,
        _ more: [String: JSONValue] = [:]
    ) throws {
        let message = try MessageList.get(id, connection)
        try SystemEventLog.append(
            names.map { MessageEvents.event($0, message, at: now, more) }, now: now, effects: effects, to: connection)
    }
}
