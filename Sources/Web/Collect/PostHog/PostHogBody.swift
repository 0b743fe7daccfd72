import Engine

/// What PostHog's SDKs send, as a pure function of the bytes: one event, an array of them, or `{"batch":[…]}`.
/// Source: requests captured from posthog-python 7.91.1, and the sources of posthog-js 1.418.
enum PostHogBody {
    static let dialect = "posthog"

    /// Throws: `JSONError`, `ItemFlaw` for a body that is none of these.
    static func read(_ bytes: [UInt8], sentAt: Timestamp? = nil, _ moment: CollectMoment) throws -> CollectedBatch {
        try bytes.withUnsafeBufferPointer { buffer in
            var gathering = ItemGathering(dialect: dialect, moment: moment)
            let envelope = try Envelope(buffer, moment)
            gathering.note(keys: envelope.keys)
            let reader = PostHogItem(moment: moment, sentAt: envelope.sentAt ?? sentAt)
            var tokens: [String?] = []
            var scanner = JSONScanner(buffer, at: envelope.items)
            try gathering.takeAll(&scanner) { item throws(ItemFlaw) in
                tokens.append((item["properties"]?["token"] ?? item["api_key"] ?? item["token"])?.stringValue)
                return try reader.events(item)
            }
            gathering.note(keys: tokens)
            return gathering.batch
        }
    }

    /// `data=…` of forms: base64 of JSON, or JSON itself. Throws: `ItemFlaw`.
    static func payload(_ body: [UInt8], compression: String?) throws(ItemFlaw) -> [UInt8] {
        let first = body.first { $0 > 0x20 }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return body }
        if compression == "lz64" {
            throw ItemFlaw(.badEncoding, "lz64 is not understood: set “compression” to gzip-js or base64.")
        }
        guard let encoded = FormFields(body).bytes("data"), !encoded.isEmpty else {
            throw ItemFlaw(.malformedJSON, "The body is neither JSON nor a form with “data”.")
        }
        if encoded.first == UInt8(ascii: "{") || encoded.first == UInt8(ascii: "[") { return encoded }
        guard let decoded = Base64.decode(encoded) else { throw ItemFlaw(.badEncoding, "“data” is not base64.") }
        return decoded
    }

    /// The members around a batch.
    private struct Envelope {
        var items = 0
        var keys: [String?] = []
        var sentAt: Timestamp?

        init(_ buffer: UnsafeBufferPointer<UInt8>, _ moment: CollectMoment) throws {
            var scanner = JSONScanner(buffer)
            guard scanner.peek() == .object else {
                // The gathering says what is wrong with anything but an array.
                _ = try scanner.value()
                try scanner.finish()
                return
            }
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                let value = try scanner.value()
                if scanner.matches(key, "batch"), value.kind == .array { items = value.range.lowerBound }
                if scanner.matches(key, "batch"), value.kind != .array {
                    throw ItemFlaw(.wrongType, "“batch” must be an array.")
                }
                guard value.flaw == nil, value.kind == .string else { continue }
                if scanner.matches(key, "api_key") || scanner.matches(key, "token") {
                    keys.append(scanner.string(value))
                }
                if scanner.matches(key, "sent_at") {
                    sentAt = ItemTime.believed(scanner.string(value).map { .string($0) }, moment)
                }
            }
            try scanner.finish()
        }
    }
}
