/// Reads consent out of the ways in which clients write it.
///
/// Traits: `sms_consent`, `consent_sms`, `sms_opt_in`, `sms_subscribed` (also `smsOptIn` …) with true or false, `yes`
/// or `no`, `granted` or `denied`, and `consent: {sms: true, email: false}`. Event `Consent Changed`: `channel` with
/// `granted` (or `status`), or one property a channel.
enum ConsentWords {
    private static let suffixes = ["consent", "optin", "subscribed", "subscription"]

    /// By channel; nil when the trait is about something else.
    static func read(_ name: String, _ value: JSONValue) -> [String: Bool]? {
        guard mayConcernConsent(name) else { return nil }
        let word = name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " && $0 != "$" }
        if word == "consent" || word == "consents" { return perChannel(value) }
        for channel in Consent.channels {
            for suffix in suffixes where word == channel + suffix || word == suffix + channel {
                return isGranted(value).map { [channel: $0] }
            }
        }
        return nil
    }

    /// What a `Consent Changed` event says.
    static func read(changed properties: JSONValue) -> [String: Bool] {
        if let channel = properties["channel"]?.stringValue?.lowercased(), Consent.channels.contains(channel) {
            let word = properties["granted"] ?? properties["status"] ?? properties["value"] ?? .null
            return isGranted(word).map { [channel: $0] } ?? [:]
        }
        return perChannel(properties) ?? [:]
    }

    private static func mayConcernConsent(_ name: String) -> Bool {
        name.utf8.count >= 7 && name.utf8.contains { $0 | 0x20 == UInt8(ascii: "s") || $0 | 0x20 == UInt8(ascii: "o") }
    }

    private static func perChannel(_ value: JSONValue) -> [String: Bool]? {
        guard case .object(let members) = value else { return nil }
        var given: [String: Bool] = [:]
        for (channel, word) in members where Consent.channels.contains(channel.lowercased()) {
            given[channel.lowercased()] = isGranted(word)
        }
        return given
    }

    private static func isGranted(_ value: JSONValue) -> Bool? {
        switch value {
        case .bool(let flag): return flag
        case .integer(1): return true
        case .integer(0): return false
        case .string(let text):
            switch text.lowercased() {
            case "true", "yes", "y", "1", "granted", "subscribed", "opted_in", "opt_in", "是", "同意": return true
            case "false", "no", "n", "0", "denied", "revoked", "unsubscribed", "opted_out", "opt_out", "否", "拒绝":
                return false
            default: return nil
            }
        default: return nil
        }
    }
}
