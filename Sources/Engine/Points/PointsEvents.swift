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
                name: name, profileID: profile, time: transaction.at, properties: properties(transaction).text())
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

    private static func properties(_ transaction: PointsTransaction) -> JSONValue {
        var properties: [String: JSONValue] = [
            "account": JSONValue(id: transaction.account), "sequence": .integer(transaction.sequence),
            "currency": .string(transaction.currency), "amount": .integer(transaction.principal),
            "change": .integer(transaction.change), "available": .integer(transaction.after.available),
            "pending": .integer(transaction.after.pending),
        ]
        if let key = transaction.key { properties["key"] = .string(key) }
        if !transaction.subject.isEmpty { properties["subject"] = .string(transaction.subject) }
        if transaction.kind.isOfPool, let pool = transaction.counterpart { properties["pool"] = JSONValue(id: pool) }
        if let lot = transaction.lots.first, [.award, .open].contains(transaction.kind) {
            if let expiry = lot.expiresAt { properties["expires_at"] = .string(expiry.iso8601) }
            if let available = lot.availableAt { properties["available_at"] = .string(available.iso8601) }
            if !lot.source.isEmpty { properties["source"] = .string(lot.source) }
        }
        for (name, text) in transaction.note where properties[name] == nil { properties[name] = .string(text) }
        return .object(properties)
    }
}
