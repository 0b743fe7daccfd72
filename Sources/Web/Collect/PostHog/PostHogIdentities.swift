import Engine

/// Who acted. PostHog writes one `distinct_id` for known and unknown people alike; the marks beside it tell which.
enum PostHogIdentities {
    static func claims(_ name: String, _ distinct: String, _ properties: [String: JSONValue]) -> [IdentityClaim] {
        var claims: [IdentityClaim] = []
        func add(_ kind: String, _ value: String?) {
            guard let value, !value.isEmpty else { return }
            let claim = IdentityClaim(kind: kind, value: value)
            if !claims.contains(claim) { claims.append(claim) }
        }
        switch name {
        case "$create_alias", "$merge_dangerously":
            // `alias(previous, user)` of the servers' SDKs: the previous id is the `distinct_id`.
            add("user_id", properties["alias"]?.word)
            add("anonymous_id", distinct)
        case "$identify":
            add("user_id", distinct)
            add("anonymous_id", properties["$anon_distinct_id"]?.word)
        default:
            let user = properties["$user_id"]?.word
            add("user_id", user)
            if user != distinct { add(isAnonymous(distinct, properties) ? "anonymous_id" : "user_id", distinct) }
        }
        return claims
    }

    /// Anonymous is what the SDK says is not identified, and what equals the id of the device. A second user id beside
    /// `$user_id` is the browser's own.
    private static func isAnonymous(_ distinct: String, _ properties: [String: JSONValue]) -> Bool {
        if properties["$user_id"]?.word != nil { return true }
        if properties["$process_person_profile"] == false { return true }
        if let isIdentified = properties["$is_identified"]?.boolValue { return !isIdentified }
        return properties["$device_id"]?.word == distinct
    }
}
