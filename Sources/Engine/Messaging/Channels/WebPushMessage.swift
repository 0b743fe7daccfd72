import CCrypto

/// A browser's address for push messages, and the keys that only it can read with (W3C Push API).
package struct PushTarget: Sendable, Equatable {
    package var endpoint: String
    /// The browser's point on P-256, 65 bytes.
    package var point: [UInt8]
    /// Its authentication secret, 16 bytes.
    package var secret: [UInt8]

    package init(endpoint: String, point: [UInt8], secret: [UInt8]) {
        self.endpoint = endpoint
        self.point = point
        self.secret = secret
    }
}

/// A pair of keys on P-256.
package struct P256Pair: Sendable {
    package let secret: [UInt8]
    package let point: [UInt8]

    private static let drawsMax = 8

    /// Nil for bytes that are no secret.
    package init?(secret: [UInt8]) {
        var point = [UInt8](repeating: 0, count: ccrypto_p256_point_bytes)
        guard secret.count == ccrypto_p256_secret_bytes, ccrypto_p256_point(secret, &point) == 1 else {
            return nil
        }
        self.secret = secret
        self.point = point
    }

    /// Of random bytes; one draw in 2³² is no secret.
    static func make(_ effects: Effects) throws -> P256Pair {
        for _ in 0..<drawsMax {
            if let pair = P256Pair(secret: effects.randomBytes(ccrypto_p256_secret_bytes)) { return pair }
        }
        throw ProviderError.badField("vapid_key")
    }

    /// What both sides come to; nil for a point that is off the curve.
    func agreed(with peer: [UInt8]) -> [UInt8]? {
        var shared = [UInt8](repeating: 0, count: 32)
        guard peer.count == ccrypto_p256_point_bytes,
            ccrypto_p256_agree(secret, point, peer, &shared) == 1
        else { return nil }
        return shared
    }

    /// ES256: r and s.
    func sign(_ text: [UInt8]) -> [UInt8]? {
        var signature = [UInt8](repeating: 0, count: 64)
        return ccrypto_sign_es256(secret, point, text, text.count, &signature) == 1 ? signature : nil
    }
}

/// One push message, encrypted for its browser: aes128gcm (RFC 8188) with keys by RFC 8291.
package enum WebPushMessage {
    /// What a push service has to take at the least (RFC 8291 §4): header, words, padding sign and tag.
    package static let bytesMax = 4_096
    private static let saltBytes = 16
    private static let tagBytes = 16
    private static let recordBytes: UInt32 = 4_096
    private static let headerBytes = saltBytes + 4 + 1 + 65
    /// Words that fit.
    package static let plainBytesMax = bytesMax - headerBytes - 1 - tagBytes

    /// Nil when the browser's keys are none, or the words do not fit.
    package static func sealed(
        _ plain: [UInt8], for target: PushTarget, from pair: P256Pair, salt: [UInt8]
    ) -> [UInt8]? {
        guard plain.count <= plainBytesMax, salt.count == saltBytes, target.secret.count == 16,
            let shared = pair.agreed(with: target.point)
        else { return nil }
        // RFC 8291 §3.4.
        let info = Array("WebPush: info\0".utf8) + target.point + pair.point
        let keying = expand(extract(salt: target.secret, shared), info, 32)
        let pseudorandom = extract(salt: salt, keying)
        let key = expand(pseudorandom, Array("Content-Encoding: aes128gcm\0".utf8), 16)
        let nonce = expand(pseudorandom, Array("Content-Encoding: nonce\0".utf8), 12)
        // One record, the last: it ends in 2 (RFC 8188 §2).
        let padded = plain + [2]
        var body = [UInt8](repeating: 0, count: padded.count + tagBytes)
        guard ccrypto_gcm128_seal(key, nonce, padded, Int32(padded.count), &body) == 1 else { return nil }
        let size = withUnsafeBytes(of: recordBytes.bigEndian) { Array($0) }
        return salt + size + [UInt8(pair.point.count)] + pair.point + body
    }

    /// HKDF-SHA-256 (RFC 5869).
    private static func extract(salt: [UInt8], _ keying: [UInt8]) -> [UInt8] { Digest.hmac(keying, key: salt) }

    /// Up to 32 bytes, which one round gives.
    private static func expand(_ key: [UInt8], _ info: [UInt8], _ count: Int) -> [UInt8] {
        Array(Digest.hmac(info + [1], key: key).prefix(count))
    }

    /// Who sends: a token that the push service of one origin takes for half a day (VAPID, RFC 8292).
    package static func authorization(
        to address: OutgoingAddress, subject: String, _ pair: P256Pair, at now: Timestamp
    ) -> String? {
        let head = Base64URL.text(Array(#"{"typ":"JWT","alg":"ES256"}"#.utf8))
        let scheme = address.isEncrypted ? "https" : "http"
        let claims: JSONValue = [
            "aud": .string("\(scheme)://\(address.authority)"), "exp": .integer(now.seconds + 12 * 3_600),
            "sub": .string(subject),
        ]
        let text = "\(head).\(Base64URL.text(claims.utf8Text()))"
        guard let signature = pair.sign(Array(text.utf8)) else { return nil }
        return "vapid t=\(text).\(Base64URL.text(signature)), k=\(Base64URL.text(pair.point))"
    }
}
