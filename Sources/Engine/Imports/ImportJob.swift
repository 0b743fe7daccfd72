import Storage

/// Runs started imports from the queue. A run that another process takes over goes on from the last note.
package enum ImportJob {
    package static let handler = JobHandler(kind: Imports.jobKind) { context in
        try await run(context)
    }

    private static func run(_ context: JobContext) async throws -> String {
        let platform = context.platform
        let id = try StoredDocument.value(Request.self, from: context.job.request).id
        let record = try await context.write { try Imports.begin(id, $0, at: platform.effects.now()) }
        let ingest = Ingest(platform: platform, signal: LogSignal())
        let result = Result { try importRun(record, platform, ingest) }
        do {
            let progress = try await result.get().run(from: record.progress) { progress in
                try await context.write { connection in
                    try Imports.note(progress, of: id, connection, at: platform.effects.now())
                    try context.report(jobProgress(progress), in: connection)
                }
            }
            try await context.write { connection in
                try Imports.finish(id, as: .done, error: nil, connection, at: platform.effects.now())
                try Imports.askForModels(connection, platform.effects)
            }
            return try StoredDocument.text(progress)
        } catch let error as ImportError {
            try await context.write {
                try Imports.finish(id, as: .failed, error: error, $0, at: platform.effects.now())
            }
            throw JobFailure(code: error.code, message: error.description)
        } catch is CancellationError {
            try await closeIfCancelled(id, context)
            throw CancellationError()
        }
    }

    /// The platform's own side of a run: where rows go and what time it is.
    package static func importRun(
        _ record: ImportRecord, _ platform: Platform, _ ingest: Ingest
    ) throws(ImportError) -> ImportRun {
        guard let plan = record.plan, let startedAt = record.startedAt else {
            throw .wrongStatus(status: record.status.rawValue, wanted: ImportStatus.running.rawValue)
        }
        return ImportRun(
            plan: plan, path: record.filePath, sourceID: record.sourceID, startedAt: startedAt,
            errorsPath: record.errorsPath, clock: platform.effects.now,
            append: { try await ingest.append($0) })
    }

    /// A server that stops hands the job back and the import goes on later; one that was cancelled is closed.
    private static func closeIfCancelled(_ id: Int64, _ context: JobContext) async throws {
        let platform = context.platform
        let job = context.job.id
        // A task of its own: this one is cancelled already.
        let closing = Task {
            try await platform.store.write { connection in
                guard try JobQueue.get(connection, id: job).status == .cancelling else { return }
                try Imports.finish(id, as: .cancelled, error: nil, connection, at: platform.effects.now())
            }
        }
        try await closing.value
    }

    private static func jobProgress(_ progress: ImportProgress) -> JobProgress {
        JobProgress(
            done: progress.fileBytesRead, total: progress.fileBytes, unit: "bytes", phase: "reading")
    }

    private struct Request: Decodable {
        let id: Int64

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            let text = try container.decode(String.self, forKey: .id)
            guard let id = Int64(text) else {
                throw DecodingError.dataCorruptedError(forKey: .id, in: container, debugDescription: "no id: \(text)")
            }
            self.id = id
        }

        private enum Key: String, CodingKey { case id = "import" }
    }
}
