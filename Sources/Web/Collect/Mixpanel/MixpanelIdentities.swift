import Engine

/// Who acted. Mixpanel writes `$device:…` for unknown people, `$user_id` and `$device_id` beside it where its simplified
/// identity merge is on, and plain ids from servers.
enum MixpanelIdentities {
    static func claims(_ name: String, _ properties: [String: JSONValue]) -> [IdentityClaim] {
        var claims: [IdentityClaim] = []
        func add(_ kind: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            let isDevice = value.hasPrefix(devicePrefix)
            let claim = IdentityClaim(
                kind: isDevice ? "anonymous_id" : kind,
                value: isDevice ? String(value.dropFirst(devicePrefix.count)) : value)
            if !claims.contains(claim) { claims.append(claim) }
        }
        let distinct = properties["distinct_id"]?.word
        switch name {
        case "$merge":
            // The last of the ids is the person's own, the others lead to it.
            let ids = (properties["$distinct_ids"]?.arrayValue ?? []).compactMap(\.word).prefix(
                CollectLimits.identities)
            add("user_id", ids.last)
            for id in ids.dropLast() { add("anonymous_id", id) }
        case "$create_alias":
            add("user_id", properties["alias"]?.word)
            add("anonymous_id", distinct)
        case "$identify":
            add("user_id", (properties["$identified_id"] ?? properties["$user_id"])?.word ?? distinct)
            add("anonymous_id", (properties["$anon_id"] ?? properties["$anon_distinct_id"])?.word)
        default:
            let user = properties["$user_id"]?.word
            let device = properties["$device_id"]?.word
            add("user_id", user)
            // What equals the id of the device is no user's.
            if distinct != user { add(user != nil || distinct == device ? "anonymous_id" : "user_id", distinct) }
            add("anonymous_id", device)
        }
        return claims
    }

    private static let devicePrefix = "$device:"
}
