import Engine

/// The JSON inside a Sensors request: one item or a list of them, as a pure function of its bytes.
enum SensorsBody {
    /// Throws: `JSONError`, `ItemFlaw` for a body that is neither.
    static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ moment: CollectMoment) throws -> CollectedBatch {
        var scanner = JSONScanner(bytes)
        let reader = SensorsReader(scanner: scanner, moment: moment)
        var batch = CollectedBatch()
        var repeated = RepeatedIDs()
        switch scanner.peek() {
        case .object: try add(&scanner, reader, &batch, &repeated)
        case .array:
            try scanner.enterArray()
            while try scanner.nextElement() {
                guard batch.count < EventLimits.batchEvents else {
                    throw ItemFlaw(.tooLarge, "A request has at most \(EventLimits.batchEvents) events.")
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

    private static func add(
        _ scanner: inout JSONScanner, _ reader: SensorsReader, _ batch: inout CollectedBatch,
        _ repeated: inout RepeatedIDs
    ) throws {
        guard scanner.peek() == .object else {
            let slice = try scanner.value()
            let flaw = ItemFlaw(.wrongType, "An item must be a JSON object.")
            batch.add(
                .failure(
                    flaw.refusal(raw: scanner.copy(slice.range), messageID: nil, dialect: SensorsReader.dialect)))
            return
        }
        let item = try SensorsItem.read(&scanner)
        if batch.count == 0, item.flaw == nil {
            batch.keys = [item.token, item.project].compactMap { slice in slice.flatMap { scanner.string($0) } }
        }
        batch.add(reader.event(item).map { repeated.distinct($0) })
    }
}
