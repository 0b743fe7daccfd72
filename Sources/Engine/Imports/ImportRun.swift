/// Brings the rows of one file into the log.
///
/// Batches go to `append` one at a time while the next one is being read. Every batch is noted with `report` once it is
/// durable; a run that begins with such a note reads the rows before it again without storing them, and then goes on.
/// Rows that were stored after the last note are stored again with the same message ids, which adds nothing.
package struct ImportRun: Sendable {
    package let plan: ResolvedImport
    package let path: String
    package let sourceID: Int64
    /// When the import was first started: the time of rows that have none. The same after a restart.
    package let startedAt: Timestamp
    /// Where refused rows are written; nil to only count them.
    package let errorsPath: String?
    private let clock: @Sendable () -> Timestamp
    private let append: @Sendable (IncomingBatch) async throws -> Void

    package init(
        plan: ResolvedImport, path: String, sourceID: Int64, startedAt: Timestamp, errorsPath: String?,
        clock: @escaping @Sendable () -> Timestamp,
        append: @escaping @Sendable (IncomingBatch) async throws -> Void
    ) {
        self.plan = plan
        self.path = path
        self.sourceID = sourceID
        self.startedAt = startedAt
        self.errorsPath = errorsPath
        self.clock = clock
        self.append = append
    }

    /// Imports the file, from the beginning or from a note of an earlier run. Returns the final count.
    ///
    /// `report` is called after each batch and may throw to stop the run (`CancellationError`).
    /// Throws: `ImportError`; what `append` and `report` throw.
    package func run(
        from checkpoint: ImportProgress = ImportProgress(),
        report: @Sendable (ImportProgress) async throws -> Void
    ) async throws -> ImportProgress {
        let file = try RawFile(path: path)
        guard file.size == plan.fileBytes else { throw ImportError.fileChanged }
        let scattered =
            plan.kind == .orders ? try ScatteredOrders.find(in: path, plan: plan) : ScatteredOrders()
        let errors = try errorsPath.map { path in try ErrorFile(path: path, keeping: checkpoint.errorBytes) }
        var reading = try ImportReading(plan: plan, path: path, startedAt: startedAt, scattered: scattered)
        try reading.skip(rows: checkpoint.rows)
        var progress = checkpoint
        progress.fileBytes = file.size
        let began = clock().milliseconds - checkpoint.milliseconds
        var batch = try reading.nextBatch()
        while let current = batch {
            try Task.checkCancellation()
            try errors?.add(current.refusals)
            async let stored: Void = store(current.events)
            batch = try reading.nextBatch()
            try await stored
            progress.rows += current.rows
            progress.events += Int64(current.events.count)
            progress.refused += Int64(current.refusals.count)
            progress.fileBytesRead = batch == nil ? file.size : current.fileBytesRead
            progress.errorBytes = errors?.bytes ?? 0
            progress.milliseconds = clock().milliseconds - began
            try await report(progress)
        }
        return progress
    }

    private func store(_ events: [IncomingEvent]) async throws {
        guard !events.isEmpty else { return }
        try await append(IncomingBatch(sourceID: sourceID, events: events))
    }
}
