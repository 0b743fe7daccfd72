/// The bounds of background work.
package enum JobLimits {
    /// A process that has not renewed its lease for so long is taken for dead.
    package static let leaseMilliseconds: Int64 = 30_000
    /// How often a lease is renewed and a request to cancel is seen.
    package static let heartbeatMilliseconds: Int64 = 2_000
    /// How often an idle runner looks for due work.
    package static let pollMilliseconds: Int64 = 500
    /// How often the runner sees to it that recurring jobs are waiting, and that none waits beyond its time.
    package static let scheduleMilliseconds: Int64 = 10_000
    /// Whoever wants a job at once has looked at the clock so long before at the most.
    static let enqueuedMilliseconds: Int64 = 5_000
    /// Jobs that are brought back at once after the clock went back.
    static let broughtBack = 200
    /// Jobs that one process runs at once.
    package static let concurrency = 2
    /// Attempts before a job is given up, unless its handler says otherwise.
    package static let attempts = 5
    /// The wait before the second attempt; doubled for each one after, up to `backoffMaxMilliseconds`.
    package static let backoffMilliseconds: Int64 = 5_000
    package static let backoffMaxMilliseconds: Int64 = 3_600_000
    /// Rows of one page of `JobQueue.list`.
    package static let pageRows = 200
    /// Rows of each half of `JobQueue.current`.
    package static let currentRows = 20
    /// Finished jobs are forgotten after so long.
    package static let keepDays = 90
    /// Bytes of an error message that are kept.
    package static let errorCharacters = 2_000
}
