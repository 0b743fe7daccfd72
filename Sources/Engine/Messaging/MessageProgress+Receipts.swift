import Storage

extension MessageProgress {
    /// Not reached this time; an address of which that is said again and again is let be.
    package static let notReached = "not_reached"
    private static let notReachedMax: Int64 = 3

    /// Takes a provider's receipt to its message. Throws: `StorageError`.
    static func apply(
        _ receipt: ProviderReceipt, _ provider: any MessageProvider, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> ReceiptOutcome {
        guard let message = try find(receipt, provider, connection) else {
            if try isElsewhere(receipt, connection) { return .known }
            return receipt.messageID == nil && receipt.providerID.isEmpty ? .stray : .early
        }
        let providerID = message.providerID
        // It is still being handed over, and the answer will be written over this.
        if message.state == .sending { return .early }
        let isNew: Bool
        switch receipt.word {
        case .accepted:
            guard message.state == .unknown else { return .known }
            isNew = try receive(.accepted, of: message.id, effects, connection)
        case .delivered: isNew = try receive(.delivered, of: message.id, effects, connection)
        case .read:
            guard message.openedAt == nil else { return .known }
            try opened(message.id, isPerson: true, effects, connection)
            isNew = true
        case .failed:
            // A message that was put off and sent again has another name now: what is said of the first one is old.
            guard message.state == .unknown || message.state == .sent,
                providerID.isEmpty || receipt.providerID.isEmpty || providerID == receipt.providerID
            else { return .known }
            let outcome = provider.faults.outcome(
                of: receipt.code, detail: "\(receipt.code) \(receipt.detail)", at: effects.now())
            isNew = try fail(message, outcome, provider, effects, connection)
        }
        if isNew, providerID.isEmpty, !receipt.providerID.isEmpty, receipt.word != .failed {
            try connection.execute(
                "UPDATE messages SET provider_id = \(receipt.providerID) WHERE id = \(message.id)")
        }
        return isNew ? .applied : .known
    }

    private static func find(
        _ receipt: ProviderReceipt, _ provider: any MessageProvider, _ connection: any SQLConnection
    ) throws -> SentMessage? {
        var sql: SQL = "SELECT \(raw: SentMessage.columns) FROM messages WHERE channel = \(provider.channel)"
        if let id = receipt.messageID {
            sql += " AND id = \(id)"
        } else {
            guard !receipt.providerID.isEmpty else { return nil }
            sql += " AND provider_id = \(receipt.providerID) ORDER BY id LIMIT 1"
        }
        let found = try connection.first(sql + "\(raw: connection.dialect.forUpdate)").map(SentMessage.init(row:))
        guard found == nil, receipt.messageID == nil, let trace = receipt.trace else { return found }
        return try trace.message(named: receipt.providerID, provider, connection)
    }

    /// Whether the message took another channel since.
    private static func isElsewhere(_ receipt: ProviderReceipt, _ connection: any SQLConnection) throws -> Bool {
        guard let id = receipt.messageID else { return false }
        return try connection.first("SELECT 1 FROM messages WHERE id = \(id) AND hop > 0") != nil
    }

    /// What the provider took first and gave up afterwards: put off, refused for good, or closing the way for others.
    private static func fail(
        _ message: SentMessage, _ outcome: MessageOutcome, _ provider: any MessageProvider, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> Bool {
        let now = effects.now()
        switch outcome {
        case .sent, .delivered, .unknown: return false
        case .retry(let reason, let detail, let after):
            guard message.attempts < MessageLimits.attempts else {
                return try receive(.bounced(reason: reason, detail: detail), of: message.id, effects, connection)
            }
            try putOff(message.id, reason, detail, after ?? MessageLimits.backoffMilliseconds, now, connection)
            return true
        case .closed(let reason, let detail, let closure):
            let scope = closure.scope(channel: provider.channel, account: provider.name, template: message.templateID)
            try MessageGate.fail(scope, isRefusal: true, reason: reason, detail: detail, at: now, connection)
            try putOff(message.id, reason, detail, MessageLimits.closedMilliseconds, now, connection)
            return true
        case .bounced(let reason, let detail, let suppresses):
            let isNew = try receive(.bounced(reason: reason, detail: detail), of: message.id, effects, connection)
            guard isNew else { return false }
            if try suppresses || isUnreachable(message, reason, connection) {
                try Suppressions.add(
                    message.channel, message.address, .bounce, detail: detail, message: message.id, by: "system",
                    at: now, connection)
            }
            return true
        }
    }

    /// Whether an address was not reached so often that it is not tried again. Throws: `StorageError`.
    static func isUnreachable(
        _ message: SentMessage, _ reason: String, _ connection: any SQLConnection
    ) throws -> Bool {
        guard reason == notReached else { return false }
        let ended = try connection.query(
            """
            SELECT state FROM (
                SELECT state, eligible_ms AS at_ms FROM messages WHERE profile_id = \(message.profileID)
                    AND channel = \(message.channel) AND address = \(message.address) AND eligible_ms IS NOT NULL
                    AND state IN ('bounced', 'delivered', 'opened', 'clicked')
                UNION ALL
                SELECT h.state, h.at_ms FROM message_hops h JOIN messages m ON m.id = h.message_id
                    WHERE m.profile_id = \(message.profileID) AND h.channel = \(message.channel)
                    AND h.address = \(message.address) AND h.state = 'bounced'
            ) AS ended ORDER BY at_ms DESC LIMIT \(notReachedMax)
            """)
        return try Int64(ended.count) == notReachedMax && ended.allSatisfy { try $0.text(0) == "bounced" }
    }

    private static func putOff(
        _ id: Int64, _ reason: String, _ detail: String, _ wait: Int64, _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            UPDATE messages SET state = 'planned', eligible_ms = NULL, sent_ms = NULL, provider_id = '',
                reason = \(reason), detail = \(detail), due_ms = \(now.milliseconds + wait),
                updated_ms = \(now.milliseconds), owner = '', lease_expires_ms = 0 WHERE id = \(id)
            """)
        try Broadcasts.reopen(byMessages: [id], at: now, connection)
    }
}
