/// A transaction read back from its text.
extension PointsTransaction {
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
    init?(json: JSONValue) {
        guard let lot = json["lot"]?.intValue, let amount = json["amount"]?.intValue else { return nil }
        self.init(lot: lot, amount: amount, returned: json["returned"]?.intValue ?? 0)
    }

    /// Throws: `JSONError`.
    static func list(parsing text: String) throws -> [PointsShare] {
        try (JSONValue(parsing: text).arrayValue ?? []).compactMap(PointsShare.init(json:))
    }
}

extension PointsHold {
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
