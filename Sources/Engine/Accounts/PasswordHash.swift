import CCrypto
import Foundation

/// A password as it is kept: scrypt (RFC 7914) in the PHC string form `$scrypt$ln=15,r=8,p=3$salt$key`.
///
/// The cost is read from the string, so it can be raised later without touching the passwords that exist.
/// Source of the cost: OWASP Password Storage Cheat Sheet (N=2^15, r=8, p=3; 32 MiB).
package struct PasswordHash: Sendable, Equatable {
    package let text: String

    /// Reads a stored hash; `matches` says false to everything when it is not understood.
    package init(stored text: String) {
        self.text = text
    }

    /// Hashes a new password; takes about a fifth of a second, away from the cooperative threads.
    /// Throws: `AccountError.badPassword`.
    package static func make(_ password: String, effects: Effects) async throws -> PasswordHash {
        guard isAcceptable(password) else {
            throw AccountError.badPassword(minimumCharacters: AccountLimits.passwordMinimumCharacters)
        }
        let salt = effects.randomBytes(16)
        let key = await onQueue { derive(password, salt: salt, cost: .current) }
        return PasswordHash(
            stored: "$scrypt$ln=\(Cost.current.log2N),r=\(Cost.current.r),p=\(Cost.current.p)"
                + "$\(base64(salt))$\(base64(key))")
    }

    /// Whether the password is the one that was hashed; takes as long for a wrong one.
    package func matches(_ password: String) async -> Bool {
        guard password.utf8.count <= AccountLimits.passwordMaximumBytes else { return false }
        let parsed = PasswordHash.parse(text)
        let salt = parsed?.salt ?? [UInt8](repeating: 0, count: 16)
        let cost = parsed?.cost ?? .current
        let key = await PasswordHash.onQueue { PasswordHash.derive(password, salt: salt, cost: cost) }
        guard let parsed, parsed.key.count == key.count else { return false }
        return CRYPTO_memcmp(parsed.key, key, key.count) == 0
    }

    package static func isAcceptable(_ password: String) -> Bool {
        password.count >= AccountLimits.passwordMinimumCharacters
            && password.utf8.count <= AccountLimits.passwordMaximumBytes
    }

    private struct Cost {
        var log2N: UInt64
        var r: UInt64
        var p: UInt64
        static let current = Cost(log2N: 15, r: 8, p: 3)
        static let keyBytes = 32
        static let memoryBytes: UInt64 = 128 * 1024 * 1024
    }

    private static func derive(_ password: String, salt: [UInt8], cost: Cost) -> [UInt8] {
        var key = [UInt8](repeating: 0, count: Cost.keyBytes)
        let done = EVP_PBE_scrypt(
            password, password.utf8.count, salt, salt.count, 1 << cost.log2N, cost.r, cost.p, Cost.memoryBytes,
            &key, key.count)
        precondition(done == 1, "scrypt refused its parameters")
        return key
    }

    private static func parse(_ text: String) -> (cost: Cost, salt: [UInt8], key: [UInt8])? {
        let parts = text.split(separator: "$", omittingEmptySubsequences: true).map(String.init)
        guard parts.count == 4, parts[0] == "scrypt" else { return nil }
        var numbers: [String: UInt64] = [:]
        for pair in parts[1].split(separator: ",") {
            let sides = pair.split(separator: "=")
            guard sides.count == 2, let number = UInt64(sides[1]) else { return nil }
            numbers[String(sides[0])] = number
        }
        guard let log2N = numbers["ln"], let r = numbers["r"], let p = numbers["p"],
            (10...17).contains(log2N), (1...8).contains(r), (1...8).contains(p),
            let salt = bytes(parts[2]), let key = bytes(parts[3]), key.count == Cost.keyBytes
        else { return nil }
        return (Cost(log2N: log2N, r: r, p: p), salt, key)
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacingOccurrences(of: "=", with: "")
    }

    private static func bytes(_ text: String) -> [UInt8]? {
        let padded = text + String(repeating: "=", count: (4 - text.count % 4) % 4)
        return Data(base64Encoded: padded).map(Array.init)
    }

    /// One at a time: each needs 32 MiB and a whole core.
    private static let queue = DispatchQueue(label: "perennial.passwords")

    private static func onQueue(_ work: @escaping @Sendable () -> [UInt8]) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }
}
