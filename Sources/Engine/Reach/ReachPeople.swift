import Storage

/// The people of one side of what a journey, a broadcast or a benefit came to, or those of them who did what counts.
package struct ReachPeople: Sendable, Equatable {
    package enum Side: String, Sendable {
        case held, reached
    }

    package var subject: ReachSubject
    package var side: Side
    /// Only who converted within so many days; nil: all.
    package var convertedDays: Int64?

    package init(_ subject: ReachSubject, _ side: Side, convertedDays: Int64? = nil) {
        self.subject = subject
        self.side = side
        self.convertedDays = convertedDays
    }

    /// Throws: `ReachError`, `JourneyError`, `BroadcastError`, `StorageError`.
    func ids(_ platform: Platform) async throws -> [Int64] {
        let asked = try await ReachQuestion(
            subject, goal: nil, days: convertedDays ?? ReachReport.daysUsual, platform)
        return try await asked.query(asked.goal).ids(
            variant: side.rawValue, group: nil, onlyConverted: convertedDays != nil, platform.analytics)
    }
}
