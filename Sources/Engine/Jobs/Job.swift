import Storage

/// Jobs are work that runs apart from requests: imports, model refreshes, sweeps, retention.
///
/// Invariants of this room:
/// - At most one job with a key is living (waiting, running or cancelling); a unique index says so.
/// - A job runs on one process at a time, under a lease. A process that dies loses the lease and the job starts again
///   elsewhere; handlers therefore continue from what they have committed.
/// - Every claim raises the fence. A write that a handler makes through `JobContext` is refused under an older fence.
package struct Job: Sendable, Equatable {
    package var id: Int64
    package var kind: String
    package var key: String
    package var status: JobStatus
    package var due: Timestamp
    package var fence: Int64
    package var attempts: Int
    /// JSON, as the one who asked for it wrote it.
    package var request: String
    package var progress: JobProgress
    /// JSON: what came out, or `{"error": …}` of the last attempt.
    package var result: String?
    package var createdAt: Timestamp
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// The user who asked; nil for work that the platform started itself.
    package var createdBy: Int64?
}

/// Where a job is in its life.
package enum JobStatus: String, Sendable, Codable, CaseIterable {
    case waiting, running
    /// Running, and asked to stop; its process sees that within seconds.
    case cancelling
    case done, failed, cancelled

    /// Whether the job still occupies its key.
    package var isLiving: Bool {
        switch self {
        case .waiting, .running, .cancelling: true
        case .done, .failed, .cancelled: false
        }
    }
}

extension Job {
    static let columns = """
        id, kind, job_key, status, due_ms, fence, attempts, request, progress, result, created_ms, started_ms, \
        finished_ms, created_by
        """

    /// Reads one row of `columns`. Throws: `StorageError`, `JobError.unknownStatus`.
    init(row: SQLRow) throws {
        let statusText = try row.text(3)
        guard let status = JobStatus(rawValue: statusText) else { throw JobError.unknownStatus(statusText) }
        self.init(
            id: try row.int(0), kind: try row.text(1), key: try row.text(2), status: status,
            due: Timestamp(milliseconds: try row.int(4)), fence: try row.int(5), attempts: Int(try row.int(6)),
            request: try row.text(7), progress: try JobProgress(json: try row.text(8)), result: try row.textOrNil(9),
            createdAt: Timestamp(milliseconds: try row.int(10)),
            startedAt: try row.intOrNil(11).map(Timestamp.init(milliseconds:)),
            finishedAt: try row.intOrNil(12).map(Timestamp.init(milliseconds:)), createdBy: try row.intOrNil(13))
    }
}
