import Storage

/// Whom it is asked of what something came to, and what counts.
struct ReachQuestion: Sendable {
    let cohort: ExperimentCohort
    /// Did it within so many days.
    let goal: ExperimentMetric
    private let clock: CriteriaClock

    /// Who was reached and who was kept apart. `goal`: what counts as converted; nil: the journey's own goal where it is an
    /// event, else an order. Throws: `ReachError`, `JourneyError`, `BroadcastError`, `StorageError`.
    init(_ subject: ReachSubject, goal: EventFilter?, days: Int64, _ platform: Platform) async throws {
        let (own, since) = try await platform.store.read { try Self.begin(subject, $0) }
        try await self.init(ExperimentCohort(subject, since: since), goal: goal ?? own, days: days, platform)
    }

    /// Whom messages of a template were sent to, by variant. `goal`: nil: an order. Throws: `ReachError.badDays`,
    /// `StorageError`.
    init(_ template: MessageTemplate, goal: EventFilter?, days: Int64, _ platform: Platform) async throws {
        let cohort = ExperimentCohort(template: template.id, since: template.createdAt)
        try await self.init(cohort, goal: goal, days: days, platform)
    }

    private init(_ cohort: ExperimentCohort, goal: EventFilter?, days: Int64, _ platform: Platform) async throws {
        guard ReachReport.daysRange.contains(days) else {
            throw ReachError.badDays(limit: ReachReport.daysRange.upperBound)
        }
        let workspace = try await platform.store.read { try Workspace.load($0) }
        clock = PublishedSegments(version: 0, workspace: workspace).clock(platform.effects.now())
        self.cohort = cohort
        self.goal = ExperimentMetric(
            .converted, event: goal ?? EventFilter(names: ["Order Completed"]), windowDays: days)
    }

    func query(_ metric: ExperimentMetric) -> ExperimentQuery {
        ExperimentQuery(cohort: cohort, metric: metric, clock: clock, preDays: 0)
    }

    /// The goal of its own, and when it began.
    private static func begin(
        _ subject: ReachSubject, _ connection: any SQLConnection
    ) throws -> (EventFilter?, Timestamp) {
        switch subject {
        case .journey(let id):
            let journey = try Journeys.get(id, connection)
            let version = try Journeys.published(id, connection) ?? Journeys.draft(id, connection)
            return (version.flatMap { JourneyDefinition.readable($0.definition)?.goal?.event }, journey.createdAt)
        case .broadcast(let id):
            let broadcast = try Broadcasts.get(id, connection)
            return (nil, broadcast.startedAt ?? broadcast.createdAt)
        case .benefit(let tier, let code):
            let row = try connection.first(
                """
                SELECT min(since_ms) FROM benefit_holdouts WHERE tier = \(tier) AND benefit = \(code)
                """)
            return (nil, Timestamp(milliseconds: try row?.intOrNil(0) ?? 0))
        }
    }
}
