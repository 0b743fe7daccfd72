/// What the pyramid says happened.
enum TierEvents {
    static func changed(_ change: TierChange, _ row: TierRow, _ ladder: TierLadder) throws -> SystemEvent {
        var properties: [String: JSONValue] = [
            "member": JSONValue(id: row.member), "number": .integer(change.number), "from": JSONValue(change.from),
            "to": .string(change.to), "direction": .string(change.isUp ? "up" : "down"),
            "cause": .string(change.cause.rawValue),
            "evidence": try JSONValue(parsing: StoredDocument.text(change.evidence)),
        ]
        if let fact = change.counterfactual {
            properties["counterfactual"] = try JSONValue(parsing: StoredDocument.text(fact))
        }
        return SystemEvent(
            name: Tiers.changed, profileID: row.profile, time: change.at,
            properties: JSONValue.object(properties).text())
    }

    static func noticed(_ notice: TierNotice, _ row: TierRow, _ ladder: TierLadder) throws -> SystemEvent {
        let properties: [String: JSONValue] = [
            "member": JSONValue(id: row.member), "tier": .string(notice.tier), "days": .integer(notice.days),
            "grace": .bool(notice.isGrace), "until": .string(LocalCalendar.text(ofDay: notice.counterfactual.lastDay)),
            "missing": try JSONValue(parsing: StoredDocument.text(notice.counterfactual)),
        ]
        return SystemEvent(
            name: Tiers.noticed, profileID: row.profile, time: notice.at,
            properties: JSONValue.object(properties).text())
    }
}
