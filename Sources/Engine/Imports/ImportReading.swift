/// The reading half of an import: rows in, bounded batches out.
struct ImportReading {
    struct Batch {
        var events: [IncomingEvent] = []
        var refusals: [RowRefusal] = []
        /// Rows read for this batch, good and bad.
        var rows: Int64 = 0
        var fileBytesRead: Int64 = 0
    }

    private let rows: any RowReader
    private let source: ImportSource
    private var interpreter: any RowInterpreter
    private var isAtEnd = false
    private let batchEvents: Int

    /// Throws: `ImportError`.
    init(
        plan: ResolvedImport, path: String, startedAt: Timestamp, scattered: ScatteredOrders,
        batchEvents: Int = ImportLimits.batchEvents
    ) throws(ImportError) {
        (rows, source) = try plan.openRows(path: path)
        interpreter = try ImportPlanner.interpreter(plan, importedAt: startedAt, scattered: scattered)
        self.batchEvents = batchEvents
    }

    /// Reads rows that an earlier run has stored: what they leave behind (numbers of equal rows, orders that are still
    /// open) is what they left behind then. Throws: `ImportError.fileChanged` when the file has fewer.
    mutating func skip(rows count: Int64) throws(ImportError) {
        var events: [IncomingEvent] = []
        var passed: Int64 = 0
        while passed < count {
            switch try rows.next() {
            case .end: throw .fileChanged
            case .refused: break
            case .record: _ = try interpreter.read(rows, into: &events)
            }
            events.removeAll(keepingCapacity: true)
            passed += 1
        }
    }

    /// The next batch; nil behind the last one. Throws: `ImportError`.
    mutating func nextBatch() throws(ImportError) -> Batch? {
        guard !isAtEnd else { return nil }
        var batch = Batch()
        var bytes = 0
        batch.events.reserveCapacity(batchEvents)
        while batch.events.count < batchEvents, batch.refusals.count < batchEvents,
            bytes < ImportLimits.batchBytes
        {
            let before = batch.events.count
            switch try rows.next() {
            case .end:
                isAtEnd = true
                batch.refusals += try interpreter.finish(into: &batch.events)
                batch.fileBytesRead = source.fileBytesRead
                return batch.rows == 0 && batch.events.isEmpty && batch.refusals.isEmpty ? nil : batch
            case .refused(let refusal): batch.refusals.append(refusal)
            case .record: batch.refusals += try interpreter.read(rows, into: &batch.events)
            }
            batch.rows += 1
            for event in batch.events[before...] { bytes += event.properties.utf8.count + event.traits.utf8.count }
        }
        batch.fileBytesRead = source.fileBytesRead
        return batch
    }
}
