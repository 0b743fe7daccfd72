/// The text of a transaction that is stored, hashed and handed out: compact JSON, keys sorted, without the hash.
extension PointsTransaction {
    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "account": JSONValue(id: account), "sequence": .integer(sequence), "kind": .string(kind.rawValue),
            "at": .integer(at.milliseconds), "currency": .string(currency),
            "entries": .array(entries.map(\.json)), "after": after.json,
        ]
        if let key { members["key"] = .string(key) }
        if !lots.isEmpty { members["lots"] = .array(lots.map(\.json)) }
        if !holds.isEmpty { members["holds"] = .array(holds.map(\.json)) }
        if !redemptions.isEmpty { members["redemptions"] = .array(redemptions.map(\.json)) }
        if !subject.isEmpty { members["subject"] = .string(subject) }
        if let counterpart { members["counterpart"] = JSONValue(id: counterpart) }
        if waived != 0 { members["waived"] = .integer(waived) }
        if !note.isEmpty { members["note"] = .object(note.mapValues { .string($0) }) }
        return .object(members)
    }

    /// Throws: `JSONError`, `PointsError.broken` for what is no transaction.
    package init(parsing text: String, hash: String) throws {
        let json = try JSONValue(parsing: text)
        let account = json["account"]?.stringValue.flatMap { Int64($0) } ?? 0
        let sequence = json["sequence"]?.intValue ?? 0
        func broken(_ what: String) -> PointsError { .broken(account: account, sequence: sequence, reason: what) }
        guard account > 0, sequence > 0, let kind = json["kind"]?.stringValue.flatMap(Kind.init(rawValue:)),
            let at = json["at"]?.intValue, let currency = json["currency"]?.stringValue
        else { throw broken("no transaction") }
        func list<Item>(_ name: String, _ read: (JSONValue) -> Item?) throws -> [Item] {
            try (json[name]?.arrayValue ?? []).map {
                guard let item = read($0) else { throw broken("unreadable \(name)") }
                return item
            }
        }
        self.init(
            account: account, sequence: sequence, kind: kind, key: json["key"]?.stringValue,
            at: Timestamp(milliseconds: at), currency: currency, entries: try list("entries", PointsEntry.init(json:)),
            lots: try list("lots", PointsLot.init(json:)), holds: try list("holds", PointsHold.init(json:)),
            redemptions: try list("redemptions", PointsRedemption.init(json:)),
            subject: json["subject"]?.stringValue ?? "",
            counterpart: json["counterpart"]?.stringValue.flatMap { Int64($0) },
            waived: json["waived"]?.intValue ?? 0,
            note: (json["note"]?.objectValue ?? [:]).compactMapValues(\.stringValue),
            after: PointsBalance(json: json["after"] ?? nil), hash: hash)
    }
}

extension PointsEntry {
    var json: JSONValue {
        var members: [String: JSONValue] = ["ledger": .string(ledger.rawValue), "amount": .integer(amount)]
        if lot != 0 { members["lot"] = .integer(lot) }
        return .object(members)
    }

    init?(json: JSONValue) {
        guard let ledger = json["ledger"]?.stringValue.flatMap(Ledger.init(rawValue:)),
            let amount = json["amount"]?.intValue
        else { return nil }
        self.init(ledger, amount, lot: json["lot"]?.intValue ?? 0)
    }
}

extension PointsBalance {
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "pending": .integer(pending), "available": .integer(available), "held": .integer(held),
            "owed": .integer(owed), "earned": .integer(earned),
        ]
        if let inactiveAt { members["inactive_at"] = .integer(inactiveAt.milliseconds) }
        return .object(members)
    }

    init(json: JSONValue) {
        pending = json["pending"]?.intValue ?? 0
        available = json["available"]?.intValue ?? 0
        held = json["held"]?.intValue ?? 0
        owed = json["owed"]?.intValue ?? 0
        earned = json["earned"]?.intValue ?? 0
        inactiveAt = json["inactive_at"]?.intValue.map { Timestamp(milliseconds: $0) }
    }
}

extension PointsLot {
    var json: JSONValue {
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

    init?(json: JSONValue) {
        guard let number = json["lot"]?.intValue, let currency = json["currency"]?.stringValue,
            let key = json["key"]?.stringValue, let amount = json["amount"]?.intValue,
            let earned = json["earned_at"]?.intValue, let isPending = json["pending"]?.boolValue,
            let remaining = json["remaining"]?.intValue
        else { return nil }
        self.init(
            number: number, currency: currency, key: key, amount: amount, earnedAt: Timestamp(milliseconds: earned),
            isPending: isPending, availableAt: json["available_at"]?.intValue.map { Timestamp(milliseconds: $0) },
            waitsFor: json["waits_for"]?.stringValue ?? "",
            expiresAt: json["expires_at"]?.intValue.map { Timestamp(milliseconds: $0) }, remaining: remaining,
            held: json["held"]?.intValue ?? 0, reversed: json["reversed"]?.intValue ?? 0,
            expired: json["expired"]?.intValue ?? 0, source: json["source"]?.stringValue ?? "")
    }
}

extension PointsShare {
    var json: JSONValue {
        var members: [String: JSONValue] = ["lot": .integer(lot), "amount": .integer(amount)]
        if returned != 0 { members["returned"] = .integer(returned) }
        return .object(members)
    }

    init?(json: JSONValue) {
        guard let lot = json["lot"]?.intValue, let amount = json["amount"]?.intValue else { return nil }
        self.init(lot: lot, amount: amount, returned: json["returned"]?.intValue ?? 0)
    }

    static func text(_ shares: [PointsShare]) -> String { JSONValue.array(shares.map(\.json)).text() }

    /// Throws: `JSONError`.
    static func list(parsing text: String) throws -> [PointsShare] {
        try (JSONValue(parsing: text).arrayValue ?? []).compactMap(PointsShare.init(json:))
    }
}

extension PointsHold {
    var json: JSONValue {
        [
            "key": .string(key), "currency": .string(currency), "amount": .integer(amount),
            "captured": .integer(captured), "shares": .array(shares.map(\.json)),
            "until": .integer(until.milliseconds), "state": .string(state.rawValue),
        ]
    }

    init?(json: JSONValue) {
        guard let key = json["key"]?.stringValue, let currency = json["currency"]?.stringValue,
            let amount = json["amount"]?.intValue, let captured = json["captured"]?.intValue,
            let shares = json["shares"]?.arrayValue, let until = json["until"]?.intValue,
            let state = json["state"]?.stringValue.flatMap(State.init(rawValue:))
        else { return nil }
        self.init(
            key: key, currency: currency, amount: amount, captured: captured,
            shares: shares.compactMap(PointsShare.init(json:)), until: Timestamp(milliseconds: until), state: state)
    }
}

extension PointsRedemption {
    var json: JSONValue {
        [
            "key": .string(key), "currency": .string(currency), "amount": .integer(amount),
            "at": .integer(at.milliseconds), "shares": .array(shares.map(\.json)),
        ]
    }

    init?(json: JSONValue) {
        guard let key = json["key"]?.stringValue, let currency = json["currency"]?.stringValue,
            let amount = json["amount"]?.intValue, let at = json["at"]?.intValue,
            let shares = json["shares"]?.arrayValue
        else { return nil }
        self.init(
            key: key, currency: currency, amount: amount, at: Timestamp(milliseconds: at),
            shares: shares.compactMap(PointsShare.init(json:)))
    }
}
