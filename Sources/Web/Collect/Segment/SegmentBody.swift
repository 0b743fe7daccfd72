import Engine

/// The Segment HTTP API's bodies, as a pure function of their bytes.
/// Source: Segment, "HTTP Tracking API Source"; RudderStack's SDKs write the same.
enum SegmentBody {
    static let dialect = "segment"

    /// `{"batch":[…],"sentAt":…,"writeKey":…}`. Throws: `JSONError`, `ItemFlaw` for a body that is no batch.
    static func batch(_ bytes: UnsafeBufferPointer<UInt8>, _ moment: CollectMoment) throws -> CollectedBatch {
        var scanner = JSONScanner(bytes)
        let reader = EventReader(scanner: scanner, moment: moment, dialect: dialect)
        var drafts: [Result<EventReader.Draft, RejectedItem.Refusal>]?
        var sentAt: Timestamp?
        var batch = CollectedBatch()
        guard scanner.peek() == .object else { throw try notABatch(&scanner) }
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            if scanner.matches(key, "batch") {
                drafts = try items(&scanner, reader)
                continue
            }
            let value = try scanner.value()
            if scanner.matches(key, "sentAt") { sentAt = reader.believedTime(value) }
            if scanner.matches(key, "writeKey"), value.flaw == nil, let text = scanner.string(value) {
                batch.keys = [text]
            }
        }
        try scanner.finish()
        guard let drafts else { throw ItemFlaw(.missingField, "“batch”, an array of events, is missing.") }
        var repeated = RepeatedIDs()
        for draft in drafts {
            batch.add(draft.flatMap { reader.finish($0, sentAt: sentAt) }.map { repeated.distinct($0) })
        }
        return batch
    }

    /// One event. Throws: `JSONError`, `ItemFlaw` for a body that is no object.
    static func single(
        _ bytes: UnsafeBufferPointer<UInt8>, kind: EventKind?, _ moment: CollectMoment
    ) throws -> CollectedBatch {
        var scanner = JSONScanner(bytes)
        let name = kind.map { dialect + ":" + $0.rawValue } ?? dialect
        var reader = EventReader(scanner: scanner, moment: moment, dialect: name)
        reader.impliedKind = kind
        guard scanner.peek() == .object else { throw try notABatch(&scanner) }
        let fields = try EventFields.read(&scanner)
        try scanner.finish()
        var batch = CollectedBatch()
        if fields.flaw == nil, let key = fields.writeKey.flatMap({ scanner.string($0) }) { batch.keys = [key] }
        batch.add(reader.draft(fields).flatMap { reader.finish($0, sentAt: nil) })
        return batch
    }

    private static func items(
        _ scanner: inout JSONScanner, _ reader: EventReader
    ) throws -> [Result<EventReader.Draft, RejectedItem.Refusal>] {
        guard scanner.peek() == .array else { throw ItemFlaw(.wrongType, "“batch” must be an array.") }
        var drafts: [Result<EventReader.Draft, RejectedItem.Refusal>] = []
        try scanner.enterArray()
        while try scanner.nextElement() {
            guard drafts.count < EventLimits.batchEvents else {
                throw ItemFlaw(.tooLarge, "A request has at most \(EventLimits.batchEvents) events.")
            }
            if scanner.peek() == .object {
                drafts.append(reader.draft(try EventFields.read(&scanner)))
            } else {
                drafts.append(.failure(reader.refusal(notAnObject: try scanner.value())))
            }
        }
        return drafts
    }

    private static func notABatch(_ scanner: inout JSONScanner) throws -> any Error {
        let slice = try scanner.value()
        try scanner.finish()
        if let flaw = slice.flaw { return flaw }
        return ItemFlaw(.wrongType, "The body must be a JSON object.")
    }
}
