import Engine
import NIOCore

/// What Mixpanel's SDKs send, as a pure function of the bytes: items as JSON, or in a form's `data`, plain or base64.
/// Source: requests captured from mixpanel-python 5.4.1; Mixpanel, "Ingestion API".
enum MixpanelBody {
    static let dialect = "mixpanel"

    /// What a path takes.
    enum Call: String, Sendable {
        case track, engage, groups
    }

    /// Throws: `JSONError`, `ItemFlaw` for a body that is neither an item nor a list of them.
    static func read(_ json: [UInt8], _ call: Call, _ moment: CollectMoment) throws -> CollectedBatch {
        try json.withUnsafeBufferPointer { buffer in
            var gathering = ItemGathering(dialect: "\(dialect):\(call.rawValue)", moment: moment)
            let reader = MixpanelItem(moment: moment)
            var tokens: [String?] = []
            var scanner = JSONScanner(buffer)
            try gathering.takeAll(&scanner) { item throws(ItemFlaw) in
                tokens.append((item["properties"]?["token"] ?? item["$token"])?.stringValue)
                switch call {
                case .track: return try reader.tracked(item)
                case .engage: return try reader.engaged(item)
                case .groups:
                    throw ItemFlaw(
                        .unknownEventType, "Properties of groups are about things, not people, and are not collected.")
                }
            }
            try scanner.finish()
            gathering.note(keys: tokens)
            return gathering.batch
        }
    }

    /// The JSON of a body, form or query. Throws: `ItemFlaw`.
    static func payload(_ body: [UInt8]) throws -> [UInt8] {
        if isJSON(body) { return body }
        let form = FormFields(body)
        guard let text = form.bytes("data"), !text.isEmpty else {
            throw ItemFlaw(.missingField, "Send the events as JSON, or as “data” of a form.")
        }
        if isJSON(text) { return text }
        guard let bytes = Base64.decode(text) else {
            throw ItemFlaw(.badEncoding, "“data” is neither JSON nor base64.")
        }
        guard bytes.starts(with: [0x1F, 0x8B]) else { return bytes }
        return Array(
            try CollectBody.inflated(ByteBuffer(bytes: bytes), limit: EventLimits.batchBytes).readableBytesView)
    }

    private static func isJSON(_ bytes: [UInt8]) -> Bool {
        let first = bytes.first { $0 > 0x20 }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }
}
