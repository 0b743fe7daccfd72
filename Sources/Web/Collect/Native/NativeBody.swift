import Engine

/// Events in Perennial's own words: one object, or an array of them, as a pure function of the bytes.
enum NativeBody {
    static let dialect = "native"

    /// Throws: `JSONError`, `ItemFlaw` for a body that is neither.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ moment: CollectMoment) throws -> CollectedBatch {
        var scanner = JSONScanner(bytes)
        var reader = EventReader(scanner: scanner, moment: moment, dialect: dialect)
        reader.impliedKind = .track
        reader.isNative = true
        var batch = CollectedBatch()
        var repeated = RepeatedIDs()
        switch scanner.peek() {
        case .object: try add(&scanner, reader, &batch, &repeated)
        case .array:
            try scanner.enterArray()
            while try scanner.nextElement() {
                guard batch.count < EventLimits.batchEvents else {
                    throw ItemFlaw(
                        .tooLarge, "An array has at most \(EventLimits.batchEvents) events. Send more as NDJSON.")
                }
                try add(&scanner, reader, &batch, &repeated)
            }
        default:
            let slice = try scanner.value()
            throw slice.flaw.map { ItemFlaw($0) } ?? ItemFlaw(.wrongType, "Send an object or an array of objects.")
        }
        try scanner.finish()
        return batch
    }

    /// One line of an NDJSON stream, added to the batch whatever it is.
    static func readLine(
        _ line: UnsafeBufferPointer<UInt8>, _ moment: CollectMoment, into batch: inout CollectedBatch,
        _ repeated: inout RepeatedIDs
    ) {
        var scanner = JSONScanner(line)
        var reader = EventReader(scanner: scanner, moment: moment, dialect: dialect)
        reader.impliedKind = .track
        reader.isNative = true
        var one = CollectedBatch()
        one.count = batch.count
        do {
            try add(&scanner, reader, &one, &repeated)
            try scanner.finish()
        } catch {
            one = CollectedBatch()
            one.count = batch.count
            let raw = Array(line.prefix(EventLimits.rawBytes))
            one.add(.failure(ItemFlaw(any: error).refusal(raw: raw, messageID: nil, dialect: dialect)))
        }
        batch.events += one.events
        batch.rejected += one.rejected
        batch.count = one.count
    }

    private static func add(
        _ scanner: inout JSONScanner, _ reader: EventReader, _ batch: inout CollectedBatch,
        _ repeated: inout RepeatedIDs
    ) throws {
        guard scanner.peek() == .object else {
            batch.add(.failure(reader.refusal(notAnObject: try scanner.value())))
            return
        }
        let draft = reader.draft(try EventFields.read(&scanner))
        batch.add(draft.flatMap { reader.finish($0, sentAt: nil) }.map { repeated.distinct($0) })
    }
}
