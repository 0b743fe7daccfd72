import Engine

/// What Matomo's clients send, as a pure function of the bytes: one hit as query or form, or a bulk of them as JSON.
/// Source: requests captured from matomo.js (2024-10-24) and piwikapi 0.3; Matomo, "Tracking HTTP API".
enum MatomoBody {
    static let dialect = "matomo"

    /// A query or form. Throws: `ItemFlaw` only for U+0000.
    static func read(query: [UInt8], _ moment: CollectMoment) throws(ItemFlaw) -> CollectedBatch {
        var gathering = ItemGathering(dialect: dialect, moment: moment)
        try take(query, &gathering, moment)
        return gathering.batch
    }

    /// `{"requests":["?idsite=…"],"token_auth":…}`, or one hit as an object (a mended one).
    /// Throws: `JSONError`, `ItemFlaw` for a body that is neither.
    static func read(bulk json: [UInt8], _ moment: CollectMoment) throws -> CollectedBatch {
        let tree = try JSONValue(parsing: json, maximumDepth: EventLimits.depth)
        var gathering = ItemGathering(dialect: dialect, moment: moment)
        guard let requests = tree["requests"] else {
            guard tree["idsite"] != nil || tree["rec"] != nil else {
                throw ItemFlaw(.missingField, "“requests”, an array of hits, is missing.")
            }
            gathering.note(keys: [tree["token_auth"]?.word, tree["idsite"]?.word])
            gathering.take(tree, raw: json) { hit throws(ItemFlaw) in try MatomoItem(moment: moment).events(hit) }
            return gathering.batch
        }
        guard let hits = requests.arrayValue else { throw ItemFlaw(.wrongType, "“requests” must be an array.") }
        guard hits.count <= EventLimits.batchEvents else {
            throw ItemFlaw(.tooLarge, "A request has at most \(EventLimits.batchEvents) events.")
        }
        gathering.note(keys: [tree["token_auth"]?.word])
        for hit in hits {
            guard let text = hit.stringValue else {
                // Newer servers also take objects.
                gathering.note(keys: [hit["idsite"]?.word])
                gathering.take(hit, raw: hit.utf8Text()) { hit throws(ItemFlaw) in
                    try MatomoItem(moment: moment).events(hit)
                }
                continue
            }
            let query = Array(text.utf8)
            do throws(ItemFlaw) {
                try take(query, &gathering, moment)
            } catch {
                gathering.refuse(error, raw: query)
            }
        }
        return gathering.batch
    }

    private static func take(
        _ query: [UInt8], _ gathering: inout ItemGathering, _ moment: CollectMoment
    ) throws(ItemFlaw) {
        let plain = query.first == UInt8(ascii: "?") ? Array(query.dropFirst()) : query
        let item = try FormFields(plain).item()
        gathering.note(keys: [item["token_auth"]?.word, item["idsite"]?.word])
        gathering.take(item, raw: plain) { item throws(ItemFlaw) in try MatomoItem(moment: moment).events(item) }
    }
}
