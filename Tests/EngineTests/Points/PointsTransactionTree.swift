@testable import Engine

// The texts of the ledger told as trees, whose keys `JSONValue` sorts: what the written bytes are held against.

extension PointsTransaction {
    var tree: JSONValue {
        var members: [String: JSONValue] = [
            "account": JSONValue(id: account), "sequence": .integer(sequence), "kind": .string(kind.rawValue),
            "at": .integer(at.milliseconds), "currency": .string(currency),
            "entries": .array(entries.map(\.tree)), "after": after.json,
        ]
        if let key { members["key"] = .string(key) }
        if !lots.isEmpty { members["lots"] = .array(lots.map(\.tree)) }
        if !holds.isEmpty { members["holds"] = .array(holds.map(\.tree)) }
        if !redemptions.isEmpty { members["redemptions"] = .array(redemptions.map(\.tree)) }
        if !subject.isEmpty { members["subject"] = .string(subject) }
        if let counterpart { members["counterpart"] = JSONValue(id: counterpart) }
        if waived != 0 { members["waived"] = .integer(waived) }
        if !note.isEmpty { members["note"] = .object(note.mapValues { .string($0) }) }
        return .object(members)
    }

    /// The properties of the event that says it.
    var said: JSONValue {
        var properties: [String: JSONValue] = [
            "account": JSONValue(id: account), "sequence": .integer(sequence), "currency": .string(currency),
            "amount": .integer(principal), "change": .integer(change), "available": .integer(after.available),
            "pending": .integer(after.pending),
        ]
        if let key { properties["key"] = .string(key) }
        if !subject.isEmpty { properties["subject"] = .string(subject) }
        if kind.isOfPool, let pool = counterpart { properties["pool"] = JSONValue(id: pool) }
        if let lot = lots.first, [.award, .open].contains(kind) {
            if let expiry = lot.expiresAt { properties["expires_at"] = .string(expiry.iso8601) }
            if let available = lot.availableAt { properties["available_at"] = .string(available.iso8601) }
            if !lot.source.isEmpty { properties["source"] = .string(lot.source) }
        }
        for (name, text) in note where properties[name] == nil { properties[name] = .string(text) }
        return .object(properties)
    }
}

extension PointsEntry {
    var tree: JSONValue {
        var members: [String: JSONValue] = ["ledger": .string(ledger.rawValue), "amount": .integer(amount)]
        if lot != 0 { members["lot"] = .integer(lot) }
        return .object(members)
    }
}

extension PointsLot {
    var tree: JSONValue {
        var members: [String: JSONValue] = [
            "lot": .integer(number), "currency": .string(currency), "key": .string(key), "amount": .integer(amount),
            "earned_at": .integer(earnedAt.milliseconds), "pending": .bool(isPending),
            "remaining": .integer(remaining),
        ]
        if let availableAt { members["available_at"] = .integer(availableAt.milliseconds) }
        if !waitsFor.isEmpty { members["waits_for"] = .string(waitsFor) }
        if let expiresAt { members["expires_at"] = .integer(expiresAt.milliseconds) }
        for (name, value) in [("held", held), ("reversed", reversed), ("expired", expired)] where value != 0 {
            members[name] = .integer(value)
        }
        if !source.isEmpty { members["source"] = .string(source) }
        return .object(members)
    }
}

extension PointsShare {
    var tree: JSONValue {
        var members: [String: JSONValue] = ["lot": .integer(lot), "amount": .integer(amount)]
        if returned != 0 { members["returned"] = .integer(returned) }
        return .object(members)
    }
}

extension PointsHold {
    var tree: JSONValue {
        [
            "key": .string(key), "currency": .string(currency), "amount": .integer(amount),
            "captured": .integer(captured), "shares": .array(shares.map(\.tree)),
            "until": .integer(until.milliseconds), "state": .string(state.rawValue),
        ]
    }
}

extension PointsRedemption {
    var tree: JSONValue {
        [
            "key": .string(key), "currency": .string(currency), "amount": .integer(amount),
            "at": .integer(at.milliseconds), "shares": .array(shares.map(\.tree)),
        ]
    }
}
