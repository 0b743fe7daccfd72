/// What can go wrong with jobs.
package enum JobError: Error, Sendable, Equatable {
    /// No job has this id.
    case notFound(id: Int64)
    /// The lease ran out and another process may have taken the job: nothing more may be written for it.
    case leaseLost(id: Int64)
    /// The row holds a status that this program does not know.
    case unknownStatus(String)
}

/// Thrown by a handler when trying again cannot help; the message is shown to the one who asked.
package struct JobFailure: Error, Sendable, Equatable {
    /// A word for programs: `file_missing`.
    package var code: String
    /// What was wrong, where, and what would be right.
    package var message: String

    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}
