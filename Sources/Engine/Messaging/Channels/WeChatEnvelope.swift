/// What WeChat and WeCom wrap a call to us in: a signature over token, time and a random word, and, where the account has an
/// EncodingAESKey, an encrypted body under a signature of its own.
struct WeChatEnvelope: Sendable {
    let token: String
    /// Empty: calls come in the clear.
    let encodingKey: String
    /// AppID or CorpID.
    let receiver: String

    /// The signature says nothing of the body when it is in the clear, so an old one must not serve for a new call.
    private static let skewSeconds: Int64 = 600

    /// Answers the look at whether the address is ours. An official account's word comes as it is, WeCom's is encrypted.
    /// Throws: `ProviderError.forged`.
    func echo(_ call: ReceivedCall, at now: Timestamp) throws -> String {
        guard let word = call.query["echostr"] else { throw ProviderError.forged }
        if call.query["msg_signature"] != nil { return try decrypted(word, call, at: now) }
        try checkPlain(call, at: now)
        return word
    }

    /// The message inside. Throws: `ProviderError.forged`, `.unreadable`.
    func open(_ call: ReceivedCall, at now: Timestamp) throws -> WeChatXML {
        guard let outer = WeChatXML(parsing: call.body), outer.name == "xml" else { throw ProviderError.unreadable }
        // With a key nothing in the clear is believed; in the compatible mode the encrypted part stands beside it.
        guard !encodingKey.isEmpty || outer["Encrypt"] != nil else {
            try checkPlain(call, at: now)
            return outer
        }
        guard let sealed = outer["Encrypt"] else { throw ProviderError.forged }
        let text = try decrypted(sealed, call, at: now)
        guard let inner = WeChatXML(parsing: Array(text.utf8)), inner.name == "xml" else {
            throw ProviderError.unreadable
        }
        return inner
    }

    private func checkPlain(_ call: ReceivedCall, at now: Timestamp) throws {
        guard encodingKey.isEmpty || call.method == "GET" else { throw ProviderError.forged }
        let (time, nonce) = try parts(call, at: now)
        guard Digest.equal(call.query["signature"] ?? "", WeChatCipher.signature([token, time, nonce])) else {
            throw ProviderError.forged
        }
    }

    private func decrypted(_ sealed: String, _ call: ReceivedCall, at now: Timestamp) throws -> String {
        let (time, nonce) = try parts(call, at: now)
        let signature = WeChatCipher.signature([token, time, nonce, sealed])
        guard Digest.equal(call.query["msg_signature"] ?? "", signature),
            let cipher = WeChatCipher(encodingKey: encodingKey, receiver: receiver),
            let text = cipher.decrypt(sealed)
        else { throw ProviderError.forged }
        return text
    }

    private func parts(_ call: ReceivedCall, at now: Timestamp) throws -> (time: String, nonce: String) {
        guard !token.isEmpty, let time = call.query["timestamp"], let seconds = Int64(time),
            let nonce = call.query["nonce"],
            (now.seconds - Self.skewSeconds...now.seconds + Self.skewSeconds).contains(seconds)
        else { throw ProviderError.forged }
        return (time, nonce)
    }
}
