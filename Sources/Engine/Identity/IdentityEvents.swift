/// The system events of this room, and the shape of their properties. Ids are strings, as everywhere in JSON.
package enum IdentityEvents {
    package static let merged = "Profiles Merged"
    package static let unmerged = "Profiles Unmerged"
    package static let identified = "Profile Identified"
    package static let erased = "Profile Erased"
    package static let unlinked = "Identity Unlinked"
    package static let relinked = "Identity Relinked"

    /// `{winner, loser, rule, evidence, merge, orders: […]}`; `orders` went from the loser to the winner.
    static func merged(_ record: MergeRecord) -> SystemEvent {
        SystemEvent(
            name: merged, profileID: record.winnerID, time: Timestamp(milliseconds: record.atMS),
            properties: JSONValue.object([
                "winner": id(record.winnerID), "loser": id(record.loserID), "rule": .string(record.rule.rawValue),
                "evidence": id(record.evidence), "merge": id(record.id),
                "orders": .array(record.detail.orders.map(JSONValue.string)),
            ]).text())
    }

    /// `{winner, loser, merge, orders: […]}`; `orders` went back to the loser.
    static func unmerged(_ record: MergeRecord, orders: [String], at now: Timestamp) -> SystemEvent {
        SystemEvent(
            name: unmerged, profileID: record.winnerID, time: now,
            properties: JSONValue.object([
                "winner": id(record.winnerID), "loser": id(record.loserID), "merge": id(record.id),
                "orders": .array(orders.map(JSONValue.string)),
            ]).text())
    }

    /// Winner and loser of a merge or its undoing.
    package static func people(of event: SystemEvent) -> [Int64] {
        do {
            let properties = try JSONValue(parsing: event.properties)
            return ["winner", "loser"].compactMap { properties[$0]?.stringValue.flatMap { Int64($0) } }
        } catch {
            // The text is our own.
            return []
        }
    }

    /// `{kind, evidence}`: the first identity that tells who this is; its value is not repeated.
    static func identified(_ profileID: Int64, kind: String, evidence: Int64, at time: Timestamp) -> SystemEvent {
        SystemEvent(
            name: identified, profileID: profileID, time: time,
            properties: JSONValue.object(["kind": .string(kind), "evidence": id(evidence)]).text())
    }

    /// `{kind, evidence, unlink}`: an identity was taken from the person on purpose; its value is not repeated.
    static func unlinked(_ record: UnlinkRecord) -> SystemEvent {
        SystemEvent(
            name: unlinked, profileID: record.profileID, time: Timestamp(milliseconds: record.atMS),
            properties: JSONValue.object([
                "kind": .string(record.key.kind), "evidence": id(record.evidence), "unlink": id(record.id),
            ]).text())
    }

    /// `{kind, unlink}`: an unlink was undone.
    static func relinked(_ record: UnlinkRecord, profileID: Int64, at now: Timestamp) -> SystemEvent {
        SystemEvent(
            name: relinked, profileID: profileID, time: now,
            properties: JSONValue.object(["kind": .string(record.key.kind), "unlink": id(record.id)]).text())
    }

    /// `{profile, merged: […]}`: whom the analytics store has to forget. It belongs to nobody (profile 0).
    static func erased(_ profileID: Int64, merged: [Int64], at now: Timestamp) -> SystemEvent {
        SystemEvent(
            name: erased, profileID: 0, time: now,
            properties: JSONValue.object(["profile": id(profileID), "merged": .array(merged.map(id))]).text())
    }

    private static func id(_ number: Int64) -> JSONValue { .string(String(number)) }
}
