import Storage

/// Leases that are kept by the wall clock, which now and then is put right.
enum LeaseClock {
    /// Whether the lease in `lease_expires_ms`, of so many milliseconds, is over: it has run out, or it ends so far ahead that
    /// it was given before the clock went back, and nobody can tell whether it is still kept.
    static func isOver(_ milliseconds: Int64, at now: Timestamp) -> SQL {
        """
        (lease_expires_ms <= \(now.milliseconds) OR lease_expires_ms > \(now.milliseconds + 2 * milliseconds))
        """
    }
}
