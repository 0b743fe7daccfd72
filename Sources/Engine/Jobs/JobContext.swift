import Logging
import Storage

/// What a handler is given: the job, the platform, and writes that hold only while the job is still its own.
package struct JobContext: Sendable {
    package let job: Job
    package let platform: Platform
    let lease: JobLease

    /// One transaction that is rolled back when another process has taken the job.
    /// Throws: `JobError.leaseLost`, and what `body` throws.
    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try Task.checkCancellation()
        let lease = lease
        return try await platform.store.writeAlone { connection in
            try lease.check(connection)
            return try body(connection)
        }
    }

    /// Saves how far the job has come, in a transaction of its own.
    /// Throws: `JobError.leaseLost`, `CancellationError`, `StorageError`.
    package func report(_ progress: JobProgress) async throws {
        try Task.checkCancellation()
        let lease = lease
        try await platform.store.write { connection in try lease.record(connection, progress: progress) }
    }

    /// Saves how far the job has come together with the work itself, inside a transaction of `write`.
    /// Throws: `JobError.leaseLost`, `StorageError`.
    package func report(_ progress: JobProgress, in connection: any SQLConnection) throws {
        try lease.record(connection, progress: progress)
    }
}
