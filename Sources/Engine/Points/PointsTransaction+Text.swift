/// The text of a transaction that is stored, hashed and handed out: compact JSON, keys sorted, without the hash. Every
/// statement there is depends on each byte of it.
extension PointsTransaction {
    private static let usualBytes = 1_024

    /// The text, and its hash after the one before it.
    func sealed(after previous: String) -> (text: String, hash: String) {
        var json = JSONWriter(after: "\(previous)\n", capacity: Self.usualBytes)
        let start = json.bytes.count
        write(to: &json)
        return (String(decoding: json.bytes[start...], as: UTF8.self), Digest.sha256(json.bytes))
    }

    private func write(to json: inout JSONWriter) {
        json.open()
        json.member("account", id: account)
        json.name("after")
        after.write(to: &json)
        json.member("at", at.milliseconds)
        if let counterpart { json.member("counterpart", id: counterpart) }
        json.member("currency", currency)
        json.name("entries")
        json.array(entries) { $0.write(to: &$1) }
        if !holds.isEmpty {
            json.name("holds")
            json.array(holds) { $0.write(to: &$1) }
        }
        if let key { json.member("key", key) }
        json.member("kind", kind.rawValue)
        if !lots.isEmpty {
            json.name("lots")
            json.array(lots) { $0.write(to: &$1) }
        }
        if !note.isEmpty {
            json.name("note")
            json.open()
            for (name, text) in note.sorted(by: { $0.key < $1.key }) { json.member(named: name, text) }
            json.close()
        }
        if !redemptions.isEmpty {
            json.name("redemptions")
            json.array(redemptions) { $0.write(to: &$1) }
        }
        json.member("sequence", sequence)
        if !subject.isEmpty { json.member("subject", subject) }
        if waived != 0 { json.member("waived", waived) }
        json.close()
    }
}

extension PointsEntry {
    fileprivate func write(to json: inout JSONWriter) {
        json.open()
        json.member("amount", amount)
        json.member("ledger", ledger.rawValue)
        if lot != 0 { json.member("lot", lot) }
        json.close()
    }
}

extension PointsBalance {
    fileprivate func write(to json: inout JSONWriter) {
        json.open()
        json.member("available", available)
        json.member("earned", earned)
        json.member("held", held)
        if let inactiveAt { json.member("inactive_at", inactiveAt.milliseconds) }
        json.member("owed", owed)
        json.member("pending", pending)
        json.close()
    }
}

extension PointsLot {
    fileprivate func write(to json: inout JSONWriter) {
        json.open()
        json.member("amount", amount)
        if let availableAt { json.member("available_at", availableAt.milliseconds) }
        json.member("currency", currency)
        json.member("earned_at", earnedAt.milliseconds)
        if expired != 0 { json.member("expired", expired) }
        if let expiresAt { json.member("expires_at", expiresAt.milliseconds) }
        if held != 0 { json.member("held", held) }
        json.member("key", key)
        json.member("lot", number)
        json.member("pending", isPending)
        json.member("remaining", remaining)
        if reversed != 0 { json.member("reversed", reversed) }
        if !source.isEmpty { json.member("source", source) }
        if !waitsFor.isEmpty { json.member("waits_for", waitsFor) }
        json.close()
    }
}

extension PointsShare {
    /// As it is stored beside holds and redemptions.
    static func text(_ shares: [PointsShare]) -> String {
        var json = JSONWriter(capacity: 32 * (shares.count + 1))
        json.array(shares) { $0.write(to: &$1) }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    fileprivate func write(to json: inout JSONWriter) {
        json.open()
        json.member("amount", amount)
        json.member("lot", lot)
        if returned != 0 { json.member("returned", returned) }
        json.close()
    }
}

extension PointsHold {
    fileprivate func write(to json: inout JSONWriter) {
        json.open()
        json.member("amount", amount)
        json.member("captured", captured)
        json.member("currency", currency)
        json.member("key", key)
        json.name("shares")
        json.array(shares) { $0.write(to: &$1) }
        json.member("state", state.rawValue)
        json.member("until", until.milliseconds)
        json.close()
    }
}

extension PointsRedemption {
    fileprivate func write(to json: inout JSONWriter) {
        json.open()
        json.member("amount", amount)
        json.member("at", at.milliseconds)
        json.member("currency", currency)
        json.member("key", key)
        json.name("shares")
        json.array(shares) { $0.write(to: &$1) }
        json.close()
    }
}
