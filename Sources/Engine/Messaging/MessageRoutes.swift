import Storage

/// The way round: when one channel does not reach a person, the same message takes the next one that was named.
///
/// It stays one row for one person, so it never goes out on two: only what certainly did not arrive (not permitted, nowhere
/// to send to, bounced, given up) goes on, what is unknown never does. Each channel left behind is a hop with its reason.
enum MessageRoutes {
    /// Reasons that speak of the channel; a refusal of the matter itself (a topic, a cap over all, a holdout) is one
    /// on every channel.
    static let reasons: Set<String> = [
        "no_address", "suppression_list", "consent_refused", "consent_missing", "consent_pending", "channel_cap",
        preferred,
    ]
    /// The person would rather have the message on a channel that is named further on.
    static let preferred = "preferred_channel"

    static func text(_ ids: [Int64]) -> String { "[\(ids.map { "\"\($0)\"" }.joined(separator: ","))]" }

    static func ids(_ text: String) -> [Int64] {
        text.split { !$0.isNumber }.compactMap { Int64($0) }
    }

    /// Whether templates may be tried in order after one of `channel`. Throws: `TemplateError.badFallback`, `StorageError`.
    static func check(_ ids: [Int64], after channel: String, _ connection: any SQLConnection) throws {
        guard ids.count <= MessageChoices.fallbacksMax else { throw TemplateError.badFallback(ids.last ?? 0) }
        var channels: Set<String> = [channel]
        for id in ids {
            do {
                let template = try MessageTemplates.get(id, connection)
                guard channels.insert(template.channel).inserted else { throw TemplateError.badFallback(id) }
            } catch TemplateError.notFound {
                throw TemplateError.badFallback(id)
            }
        }
    }

    /// Sends a message that did not get through on its channel to the next that is named and has something to say.
    /// Returns what to tell; nil: there is none, and the message ends. Throws: `StorageError`.
    static func next(
        after message: SentMessage, _ state: SentMessage.State, _ reason: String, _ detail: String, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> SystemEvent? {
        guard !message.fallbacks.isEmpty, message.origin != "test", message.deliveredAt == nil,
            state != .suppressed || reasons.contains(reason)
        else { return nil }
        var rest = try message.fallbacks.compactMap { id -> MessageTemplate? in
            do {
                let template = try MessageTemplates.get(id, connection)
                return template.version > 0 && template.channel != message.channel ? template : nil
            } catch TemplateError.notFound {
                return nil
            }
        }
        var remaining: [Int64] = []
        if reason == preferred {
            guard let place = try preferredPlace(message, rest, connection) else { return nil }
            let chosen = rest.remove(at: place)
            remaining = [message.templateID] + rest.map(\.id)
            rest = [chosen]
        } else {
            remaining = rest.dropFirst().map(\.id)
        }
        guard let template = rest.first else { return nil }
        let due = max(now, message.due)
        let changed = try connection.execute(
            """
            UPDATE messages SET template_id = \(template.id), channel = \(template.channel), state = 'planned',
                reason = '', detail = '', template_version = 0, variant = '', address = '', subject = '',
                provider_id = '', due_ms = \(due.milliseconds), attempts = 0, owner = '', fence = fence + 1,
                lease_expires_ms = 0, eligible_ms = NULL, sent_ms = NULL, ended_ms = NULL,
                fallbacks = \(text(remaining)), hop = hop + 1, updated_ms = \(now.milliseconds)
            WHERE id = \(message.id) AND state = \(message.state.rawValue) AND fence = \(message.fence)
            """)
        guard changed == 1 else { return nil }
        if message.state.rank > SentMessage.State.sending.rank {
            try Broadcasts.reopen(byMessages: [message.id], at: now, connection)
        }
        try connection.execute(
            """
            INSERT INTO message_hops (message_id, hop, template_id, channel, address, provider_id, state, reason, detail,
                at_ms)
            VALUES (\(message.id), \(message.hop), \(message.templateID), \(message.channel), \(message.address),
                \(message.providerID), \(state.rawValue), \(reason), \(detail), \(now.milliseconds))
            """)
        return MessageEvents.event(
            MessageEvents.rerouted, try MessageList.get(message.id, connection), at: now,
            ["from_channel": .string(message.channel), "reason": .string(reason)])
    }

    /// Whether the person would rather have it elsewhere; asked once, at the first channel. Throws: `StorageError`.
    static func isElsewhere(
        _ message: SentMessage, _ person: RecipientFacts, _ connection: any SQLConnection
    ) throws -> Bool {
        guard message.hop == 0, !message.fallbacks.isEmpty, message.origin != "test",
            let wanted = try MessagePreferences.channel(of: person, connection), wanted != message.channel
        else { return false }
        return try connection.first(
            """
            SELECT 1 FROM message_templates WHERE id IN (\(list: message.fallbacks)) AND channel = \(wanted)
                AND version > 0
            """) != nil
    }

    private static func preferredPlace(
        _ message: SentMessage, _ templates: [MessageTemplate], _ connection: any SQLConnection
    ) throws -> Int? {
        let workspace = try Workspace.load(connection)
        guard let person = try RecipientFacts.load(message.profileID, workspace, connection),
            let wanted = try MessagePreferences.channel(of: person, connection)
        else { return nil }
        return templates.firstIndex { $0.channel == wanted }
    }
}

/// A channel that a message left behind.
package struct MessageHop: Sendable, Equatable {
    package var channel: String
    package var templateID: Int64
    package var address: String
    package var state: SentMessage.State
    package var reason: String
    package var detail: String
    package var at: Timestamp

    /// In order. Throws: `StorageError`.
    package static func list(_ message: Int64, _ connection: any SQLConnection) throws -> [MessageHop] {
        try connection.query(
            """
            SELECT channel, template_id, address, state, reason, detail, at_ms FROM message_hops
            WHERE message_id = \(message) ORDER BY hop
            """
        ).map { row in
            MessageHop(
                channel: try row.text(0), templateID: try row.int(1), address: try row.text(2),
                state: SentMessage.State(rawValue: try row.text(3)) ?? .failed, reason: try row.text(4),
                detail: try row.text(5), at: Timestamp(milliseconds: try row.int(6)))
        }
    }
}
