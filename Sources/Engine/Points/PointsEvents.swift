/// What the ledger says happened.
package enum PointsEvents {
    package static let earned = "Points Earned"
    package static let released = "Points Released"
    package static let redeemed = "Points Redeemed"
    package static let returned = "Points Returned"
    package static let reversed = "Points Reversed"
    package static let held = "Points Held"
    package static let letGo = "Points Hold Ended"
    package static let expiring = "Points Expiring"
    package static let expired = "Points Expired"
    package static let extended = "Points Extended"
    package static let reinstated = "Points Reinstated"
    package static let given = "Points Given"
    package static let received = "Points Received"
    package static let donated = "Points Donated"
    package static let adjusted = "Points Adjusted"
    package static let moved = "Points Moved"
    package static let contributed = "Points Contributed"
    package static let contributionReturned = "Points Contribution Returned"
    package static let poolRedeemed = "Pool Points Redeemed"
    package static let poolReturned = "Pool Points Returned"

    /// Those after which a member has something else than before.
    static let changes: Set<String> = [
        earned, released, redeemed, returned, reversed, held, letGo, expired, extended, reinstated, given, received,
        donated, adjusted, moved, contributed, contributionReturned,
    ]

    /// Nobody's account says nothing.
    static func said(by account: PointsAccount, profile: Int64, at now: Timestamp) -> [SystemEvent] {
        guard profile != 0 else { return [] }
        let moves = account.written.compactMap { transaction -> SystemEvent? in
            guard let name = name(transaction.kind) else { return nil }
            return SystemEvent(
                name: name, profileID: profile, time: transaction.at, properties: properties(transaction))
        }
        let notices = account.notices.map { notice in
            SystemEvent(
                name: expiring, profileID: profile, time: now,
                properties: JSONValue.object([
                    "account": JSONValue(id: account.id), "currency": .string(notice.currency),
                    "amount": .integer(notice.amount), "expires_at": .string(notice.expiresAt.iso8601),
                    "days": .integer(Int64(notice.days)),
                ]).text())
        }
        return moves + notices
    }

    private static func name(_ kind: PointsTransaction.Kind) -> String? {
        switch kind {
        case .open, .award: return earned
        case .release: return released
        case .redeem, .capture: return redeemed
        case .giveBack: return returned
        case .reverse: return reversed
        case .reserve: return held
        case .letGo: return letGo
        case .expire: return expired
        case .extend: return extended
        case .reinstate: return reinstated
        case .transferOut: return given
        case .transferIn: return received
        case .donate: return donated
        case .adjust: return adjusted
        case .mergeIn: return moved
        case .poolGive: return contributed
        case .poolBack: return contributionReturned
        case .poolSpend: return poolRedeemed
        case .poolUnspend: return poolReturned
        case .mergeOut, .forfeit, .poolTake, .poolReturn: return nil
        }
    }

    /// A JSON object, keys sorted.
    static func properties(_ transaction: PointsTransaction) -> String {
        let isEarned = transaction.kind == .award || transaction.kind == .open
        let lot = isEarned ? transaction.lots.first : nil
        var properties = NotedProperties(transaction.note)
        properties.add("account", id: transaction.account)
        properties.add("amount", transaction.principal)
        properties.add("available", transaction.after.available)
        if let available = lot?.availableAt { properties.add("available_at", available.iso8601) }
        properties.add("change", transaction.change)
        properties.add("currency", transaction.currency)
        if let expiry = lot?.expiresAt { properties.add("expires_at", expiry.iso8601) }
        if let key = transaction.key { properties.add("key", key) }
        properties.add("pending", transaction.after.pending)
        if transaction.kind.isOfPool, let pool = transaction.counterpart { properties.add("pool", id: pool) }
        properties.add("sequence", transaction.sequence)
        if let lot, !lot.source.isEmpty { properties.add("source", lot.source) }
        if !transaction.subject.isEmpty { properties.add("subject", transaction.subject) }
        return properties.text()
    }
}

/// Properties in the order of their names, with the notes of whoever asked sorted in between. What the ledger says goes
/// before a note of the same name.
private struct NotedProperties {
    private static let usualBytes = 512
    private var json = JSONWriter(capacity: NotedProperties.usualBytes)
    private var notes: ArraySlice<(key: String, value: String)>

    init(_ note: [String: String]) {
        notes = note.sorted { $0.key < $1.key }[...]
        json.open()
    }

    mutating func add(_ name: StaticString, _ text: String) {
        reach(name)
        json.member(name, text)
    }

    mutating func add(_ name: StaticString, _ number: Int64) {
        reach(name)
        json.member(name, number)
    }

    mutating func add(_ name: StaticString, id: Int64) {
        reach(name)
        json.member(name, id: id)
    }

    /// The whole object, with the notes that are left.
    mutating func text() -> String {
        while let note = notes.popFirst() { json.member(named: note.key, note.value) }
        json.close()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    /// Writes the notes that come before a name, and drops the one that has it.
    private mutating func reach(_ name: StaticString) {
        guard !notes.isEmpty else { return }
        let name = name.description
        while let note = notes.first, note.key <= name {
            notes.removeFirst()
            if note.key < name { json.member(named: note.key, note.value) }
        }
    }
}
