import Storage

extension EventLog {
    /// The position that the next event of this transaction will get at the least, with the log held until it commits.
    ///
    /// What is changed outside a batch (a merge by hand, its undoing) is marked with it, so that the archiver cannot
    /// pass it before the commit.
    static func nextPosition(_ connection: any SQLConnection) throws -> Int64 {
        try connection.lock("event_log")
        return try end(connection) + 1
    }
}
