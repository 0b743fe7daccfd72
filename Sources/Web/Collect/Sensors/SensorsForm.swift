import Engine
import NIOCore

/// The envelope of Sensors Analytics: `data=…`, `data_list=…` and `gzip=1`, in a form body or in the query.
///
/// The value is URL-encoded base64 of JSON, gzipped first when `gzip=1` (Python) or plain (Web).
struct SensorsForm {
    private var fields: [String: [UInt8]] = [:]

    /// Fields of a form; more are not looked at.
    private static let fieldsMax = 16

    init(_ text: some Collection<UInt8>) {
        for pair in text.split(separator: UInt8(ascii: "&"), maxSplits: Self.fieldsMax) {
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let name = String(decoding: pair[..<equals], as: UTF8.self)
            fields[name] = Self.percentDecoded(pair[pair.index(after: equals)...])
        }
    }

    subscript(name: String) -> String? {
        fields[name].map { String(decoding: $0, as: UTF8.self) }
    }

    /// The JSON inside. Throws: `ItemFlaw` naming the step that failed.
    func payload() throws -> [UInt8] {
        guard let encoded = fields["data_list"] ?? fields["data"], !encoded.isEmpty else {
            throw ItemFlaw(.missingField, "Send the events as “data” or “data_list”.")
        }
        // Some senders leave the base64 out.
        if let first = encoded.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return encoded }
        guard let bytes = Base64.decode(encoded) else { throw ItemFlaw(.badEncoding, "“data” is not base64.") }
        guard fields["gzip"] == [UInt8(ascii: "1")] || bytes.starts(with: [0x1F, 0x8B]) else { return bytes }
        do {
            return try GzipInflater.inflate(ByteBuffer(bytes: bytes), limit: EventLimits.batchBytes)
        } catch GzipInflater.Failure.tooLarge {
            throw CollectBody.tooLarge(EventLimits.batchBytes)
        } catch {
            throw ItemFlaw(.badEncoding, "“data” is damaged gzip.")
        }
    }

    /// `%XX` decoded; a plus stays, since in base64 it is a letter.
    static func percentDecoded(_ text: some Collection<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(text.count)
        var pending: [UInt8] = []
        for byte in text {
            if pending.isEmpty {
                if byte == UInt8(ascii: "%") { pending.append(byte) } else { out.append(byte) }
                continue
            }
            pending.append(byte)
            guard pending.count == 3 else { continue }
            if let high = hex(pending[1]), let low = hex(pending[2]) {
                out.append(high << 4 | low)
            } else {
                out += pending
            }
            pending.removeAll(keepingCapacity: true)
        }
        return out + pending
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): return byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): return byte - UInt8(ascii: "A") + 10
        default: return nil
        }
    }
}
