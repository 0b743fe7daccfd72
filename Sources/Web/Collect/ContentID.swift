import CCrypto
import Engine

/// Message ids for events that came without one: the same bytes give the same id, so that a repeated request is
/// recognised.
enum ContentID {
    private static let bytes = 20

    static func of(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> String {
        let part = UnsafeBufferPointer(rebasing: bytes[range])
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = SHA256(part.baseAddress, part.count, &digest)
        return "sha256-" + Digest.hexadecimal(Array(digest.prefix(Self.bytes)))
    }
}

/// Tells items of one request apart that are the same byte for byte: the second becomes `…-2`.
struct RepeatedIDs {
    private var seen: [String: Int] = [:]

    mutating func distinct(_ event: IncomingEvent) -> IncomingEvent {
        guard event.messageID.hasPrefix("sha256-") else { return event }
        let count = (seen[event.messageID] ?? 0) + 1
        seen[event.messageID] = count
        guard count > 1 else { return event }
        var event = event
        event.messageID += "-\(count)"
        return event
    }
}
