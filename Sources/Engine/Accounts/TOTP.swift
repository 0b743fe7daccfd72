import CCrypto
import Foundation

/// Time-based one-time passwords (RFC 6238) over HMAC (RFC 4226).
package struct TOTP: Sendable, Equatable {
    package enum Algorithm: Sendable {
        case sha1, sha256, sha512
    }

    package var secret: [UInt8]
    package var digits = 6
    package var algorithm = Algorithm.sha1

    package static let stepSeconds: Int64 = 30
    /// RFC 4226 §4 recommends 160 bits.
    package static let secretBytes = 20
    /// Clocks of phones may be one step off.
    private static let driftSteps: Int64 = 1

    package init(secret: [UInt8], digits: Int = 6, algorithm: Algorithm = .sha1) {
        self.secret = secret
        self.digits = digits
        self.algorithm = algorithm
    }

    package static func step(at time: Timestamp) -> Int64 { time.seconds / stepSeconds }

    /// The code of a step, with leading zeros.
    package func code(step: Int64) -> String {
        let message = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - 8 * Int64($0))) }
        var digest = [UInt8](repeating: 0, count: 64)
        var count: UInt32 = 0
        _ = HMAC(function, secret, Int32(secret.count), message, message.count, &digest, &count)
        // RFC 4226 §5.3, dynamic truncation.
        let offset = Int(digest[Int(count) - 1] & 15)
        let number = digest[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
        let modulus = (0..<digits).reduce(UInt32(1)) { power, _ in power * 10 }
        let text = String(number % modulus)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// The step whose code this is, among those near `time` and later than `lastStep`; nil when it is none of them.
    /// A code is good once: keep the step and hand it in as `lastStep` next time (RFC 6238 §5.2).
    package func step(matching code: String, at time: Timestamp, after lastStep: Int64) -> Int64? {
        let now = TOTP.step(at: time)
        return ((now - TOTP.driftSteps)...(now + TOTP.driftSteps)).first { step in
            step > lastStep && Digest.equal(code, self.code(step: step))
        }
    }

    /// What an authenticator app reads from the QR code (Google Authenticator's key URI format).
    package func address(issuer: String, account: String) -> String {
        let label = [issuer, account].map(Self.encoded).joined(separator: ":")
        return "otpauth://totp/\(label)?secret=\(Base32.text(secret))&issuer=\(Self.encoded(issuer))"
            + "&algorithm=SHA1&digits=\(digits)&period=\(TOTP.stepSeconds)"
    }

    private var function: OpaquePointer? {
        switch algorithm {
        case .sha1: EVP_sha1()
        case .sha256: EVP_sha256()
        case .sha512: EVP_sha512()
        }
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}
