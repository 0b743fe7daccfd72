/// What a merge did, in enough detail to undo it: what came with the loser, and both people before.
package struct MergeDetail: Sendable, Equatable {
    /// Identities and orders that came with the loser.
    package var identities: [IdentityKey]
    package var orders: [String]
    package var winnerBefore: Snapshot
    package var loserBefore: Snapshot
    /// The winner's document right after, to tell later which traits were changed since.
    package var stateAfter: String

    /// A profile's own facts at a moment.
    package struct Snapshot: Sendable, Equatable {
        package var firstSeenMS: Int64
        package var lastSeenMS: Int64
        package var isIdentified: Bool
        package var identifiedMS: Int64?
        package var displayName: String?
        package var eventCount: Int64
        package var stage: String?
        package var stageSinceMS: Int64?
        package var stageDueMS: Int64?
        package var state: String
    }
}

extension MergeDetail.Snapshot {
    init(_ profile: Profile) {
        firstSeenMS = profile.firstSeenMS
        lastSeenMS = profile.lastSeenMS
        isIdentified = profile.isIdentified
        identifiedMS = profile.identifiedMS
        displayName = profile.displayName
        eventCount = profile.eventCount
        stage = profile.stage
        stageSinceMS = profile.stageSinceMS
        stageDueMS = profile.stageDueMS
        state = profile.state
    }

    fileprivate init(_ json: JSONValue) {
        firstSeenMS = json["first_seen"]?.intValue ?? 0
        lastSeenMS = json["last_seen"]?.intValue ?? 0
        isIdentified = json["identified"]?.boolValue ?? false
        identifiedMS = json["identified_at"]?.intValue
        displayName = json["display_name"]?.stringValue
        eventCount = json["events"]?.intValue ?? 0
        stage = json["stage"]?.stringValue
        stageSinceMS = json["stage_since"]?.intValue
        stageDueMS = json["stage_due"]?.intValue
        state = json["state"]?.text() ?? "{}"
    }

    fileprivate func json() throws -> JSONValue {
        var members: [String: JSONValue] = [
            "first_seen": .integer(firstSeenMS), "last_seen": .integer(lastSeenMS), "identified": .bool(isIdentified),
            "events": .integer(eventCount), "state": try JSONValue(parsing: state),
        ]
        members["identified_at"] = identifiedMS.map(JSONValue.integer)
        members["display_name"] = displayName.map(JSONValue.string)
        members["stage"] = stage.map(JSONValue.string)
        members["stage_since"] = stageSinceMS.map(JSONValue.integer)
        members["stage_due"] = stageDueMS.map(JSONValue.integer)
        return .object(members)
    }
}

extension MergeDetail {
    /// Reads the document of `profile_merges.detail`. Throws: `JSONError`.
    package init(parsing text: String) throws {
        let json = try JSONValue(parsing: text)
        identities = (json["identities"]?.arrayValue ?? []).compactMap { pair in
            guard let kind = pair[0]?.stringValue, let value = pair[1]?.stringValue else { return nil }
            return IdentityKey(kind: kind, value: value)
        }
        orders = (json["orders"]?.arrayValue ?? []).compactMap(\.stringValue)
        winnerBefore = Snapshot(json["winner"] ?? .null)
        loserBefore = Snapshot(json["loser"] ?? .null)
        stateAfter = json["after"]?.text() ?? "{}"
    }

    /// Throws: `JSONError` when a state is no JSON.
    package func text() throws -> String {
        JSONValue.object([
            "identities": .array(identities.map { .array([.string($0.kind), .string($0.value)]) }),
            "orders": .array(orders.map(JSONValue.string)),
            "winner": try winnerBefore.json(),
            "loser": try loserBefore.json(),
            "after": try JSONValue(parsing: stateAfter),
        ]).text()
    }
}
