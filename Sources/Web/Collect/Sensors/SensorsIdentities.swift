import Engine

/// Who acted, from `identities` (ID-Mapping 3.0) and from the older `distinct_id`, `login_id`, `anonymous_id`.
enum SensorsIdentities {
    /// Kinds by their Sensors name; what is not listed keeps its name without the prefix.
    private static let kinds: [String: String] = [
        "$identity_login_id": "user_id", "$identity_mobile": "phone", "$identity_email": "email",
        "$identity_mp_openid": "wechat_openid", "$identity_mp_unionid": "wechat_unionid",
        "$identity_wechat_unionid": "wechat_unionid", "$identity_cookie_id": "anonymous_id",
        "$identity_anonymous_id": "anonymous_id", "$identity_idfa": "idfa", "$identity_idfv": "idfv",
        "$identity_oaid": "oaid", "$identity_android_id": "android_id", "$identity_android_uuid": "device_id",
        "$identity_ios_uuid": "device_id", "$identity_harmony_uuid": "device_id",
    ]
    private static let prefix = "$identity_"

    static func claims(
        _ item: SensorsItem, isLoginID: Bool, _ reader: SensorsReader
    ) throws(ItemFlaw) -> [IdentityClaim] {
        var claims: [IdentityClaim] = []
        func add(_ kind: String, _ value: String?) {
            guard let value else { return }
            let claim = IdentityClaim(kind: kind, value: value)
            if !claims.contains(claim) { claims.append(claim) }
        }
        add("user_id", try reader.text(item.loginID, "login_id"))
        if let identities = item.identities { try addIdentities(identities, reader, add) }
        let distinct = try reader.text(item.distinctID, "distinct_id")
        // `$identity_email+a@b.c` repeats what `identities` says.
        if let distinct, !distinct.hasPrefix(prefix), !claims.contains(where: { $0.value == distinct }) {
            let isUnbind = item.identities != nil && !isLoginID && claims.allSatisfy { $0.kind != "anonymous_id" }
            if !isUnbind { add(isLoginID ? "user_id" : "anonymous_id", distinct) }
        }
        add("anonymous_id", try reader.text(item.anonymousID, "anonymous_id"))
        return claims.sorted { rank($0.kind) < rank($1.kind) }
    }

    /// The strongest claim first: it decides the order in which one person's events are applied.
    private static func rank(_ kind: String) -> Int {
        kind == "user_id" ? 0 : kind == "anonymous_id" ? 2 : 1
    }

    private static func addIdentities(
        _ slice: JSONSlice, _ reader: SensorsReader, _ add: (String, String?) -> Void
    ) throws(ItemFlaw) {
        guard slice.kind == .object else { throw ItemFlaw(.wrongType, "“identities” must be an object.") }
        guard slice.count <= CollectLimits.identities else {
            throw ItemFlaw(.tooLarge, "An event has at most \(CollectLimits.identities) identities.")
        }
        for (key, value) in JSONMembers.slices(of: reader.scanner.bytes, slice.range) {
            let name = reader.scanner.string(key) ?? ""
            let kind = kinds[name] ?? (name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name)
            guard !kind.isEmpty else { continue }
            for text in try texts(value, name, reader) { add(kind, text) }
        }
    }

    /// A value, or a list of them, as some SDKs send.
    private static func texts(
        _ value: JSONSlice, _ name: String, _ reader: SensorsReader
    ) throws(ItemFlaw) -> [String] {
        guard value.kind == .array else { return try reader.text(value, name).map { [$0] } ?? [] }
        guard value.count <= CollectLimits.identities else {
            throw ItemFlaw(.tooLarge, "“\(name)” has at most \(CollectLimits.identities) values.")
        }
        let list: JSONValue
        do throws(JSONError) {
            list = try JSONValue(parsing: reader.scanner.copy(value.range))
        } catch {
            throw ItemFlaw(error)
        }
        return (list.arrayValue ?? []).compactMap { $0.stringValue }.filter { !$0.isEmpty }
    }
}
