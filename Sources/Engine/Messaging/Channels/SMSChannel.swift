import Storage

/// Text messages, carried by whichever provider's template a message is made of.
package enum SMSChannel {
    package static let name = "sms"

    package static func channel(_ catalog: ProviderCatalog) -> ProviderChannel {
        // A number that is only a trait may be anybody's: as with mail, only an identity is written to.
        ProviderChannel(name, catalog) { person, _ in person.phones.first }
    }

    /// The signature in its brackets, then the words: what is counted and charged.
    package static func whole(_ text: String, signature: String) -> String {
        signature.isEmpty || text.hasPrefix("【") ? text : "【\(signature)】\(text)"
    }

    static func units(of message: OutgoingMessage) -> Int64 {
        let text = whole(message.text, signature: message.content?.signature ?? "")
        return Int64(SMSLength(text, isMainland: SMSLength.isMainland(message.address)).parts)
    }

    /// What somebody wrote back; nil when it says not from where. A provider that names no reply has it named by what it
    /// says.
    static func reply(
        _ provider: any MessageProvider, id: JSONValue?, from: JSONValue?, text: String, at now: Timestamp,
        time: String
    ) -> ProviderReply? {
        let digits = from?.stringValue ?? from?.intValue.map { String($0) } ?? ""
        guard
            let number = PhoneNumber.normalise(digits, defaultCountry: "CN")
                ?? PhoneNumber.normalise("+" + digits, defaultCountry: "CN")
        else { return nil }
        let given = id?.stringValue ?? id?.intValue.map { String($0) } ?? ""
        let own = given.isEmpty ? String(Digest.sha256(Array("\(number) \(time) \(text)".utf8)).prefix(32)) : given
        return ProviderReply(
            provider: provider.name, channel: name, providerID: own,
            sender: IdentityKey(kind: IdentityKind.phone, value: number), text: text, at: now)
    }
}
