/// What is done for one kind of job. To add one: make a handler where the feature lives, and list it in `JobCatalog`.
package struct JobHandler: Sendable {
    /// The word in `jobs.kind`.
    package let kind: String
    /// Attempts before the job is given up.
    package let attemptsMax: Int
    /// When the job comes round again by itself; nil for work that someone asks for.
    package let schedule: JobSchedule?
    /// Does the work and returns its result as JSON. It may be run again after a crash at any point, so it continues
    /// from what it has committed, and it writes only through the context, which refuses a stale process.
    /// Throws: `JobFailure` when trying again cannot help; anything else is tried again later.
    package let run: @Sendable (JobContext) async throws -> String

    package init(
        kind: String, attemptsMax: Int = JobLimits.attempts, schedule: JobSchedule? = nil,
        run: @escaping @Sendable (JobContext) async throws -> String
    ) {
        self.kind = kind
        self.attemptsMax = attemptsMax
        self.schedule = schedule
        self.run = run
    }
}

/// When a recurring job runs.
package enum JobSchedule: Sendable, Equatable {
    case every(seconds: Int)
    /// When clocks of the workspace's time zone show this minute: once a day, also on days on which they change.
    case daily(hour: Int, minute: Int)

    /// The first time after `moment`.
    package func next(after moment: Timestamp, calendar: LocalCalendar) -> Timestamp {
        switch self {
        case .every(let seconds):
            return moment.adding(milliseconds: Int64(seconds) * 1000)
        case .daily(let hour, let minute):
            let today = calendar.day(of: moment)
            let candidate = calendar.moment(ofDay: today, hour: Int64(hour), minute: Int64(minute))
            return candidate > moment
                ? candidate : calendar.moment(ofDay: today + 1, hour: Int64(hour), minute: Int64(minute))
        }
    }
}
