import Storage

/// Reads in which steps of time people were there.
struct RetentionQuery {
    let question: ReportQuestion

    private static let partPeople: Int64 = 400_000
    private static let partsMax: Int64 = 64

    var step: ReportStep { ReportStep(rawValue: question.text("step")) ?? .week }
    var start: EventFilter? { question.events("start").first }
    var returning: EventFilter? { question.events("return").first }
    var limits: QueryLimits {
        QueryLimits(seconds: ReportQuestion.seconds, memoryBytes: 4_000_000_000, rows: 20_000_000)
    }

    /// Calls `take` with everybody who was there in the period. Throws: `StorageError`; `CancellationError`.
    func run(_ period: ReportPeriod, _ take: (PersonSteps) -> Void) async throws {
        let people =
            try await question.analytics.query(
                "SELECT toInt64(count()) FROM profiles AS p FINAL WHERE is_deleted = 0", limits: question.limits
            ).ints(0).first ?? 0
        let parts = min(people / Self.partPeople + 1, Self.partsMax)
        for part in 0..<parts {
            try Task.checkCancellation()
            let table = try await question.analytics.query(statement(period, part, of: parts), limits: limits)
            let (ids, steps, marks) = (try table.ints(0), try table.ints(1), try table.ints(2))
            var first = 0
            while first < ids.count {
                var end = first
                while end < ids.count, ids[end] == ids[first] { end += 1 }
                take(
                    PersonSteps(
                        person: ids[first], steps: Array(steps[first..<end]), marks: Array(marks[first..<end])))
                first = end
            }
        }
    }

    private func statement(_ period: ReportPeriod, _ part: Int64, of parts: Int64) -> AnalyticsSQL {
        let clock = question.clock
        let begins = start?.sql(clock) ?? "1 = 1"
        let returns = returning?.sql(clock) ?? "1 = 1"
        var names: AnalyticsSQL = "1 = 1"
        if let start, let returning { names = "name IN (\(list: Array(Set(start.names + returning.names)).sorted()))" }
        let inner: AnalyticsSQL = """
            SELECT profile_id, \(step.sql(day: "d", time: "ts", question.zone)) AS step,
                toInt64(max(if(\(begins), 1, 0))) AS began, toInt64(max(if(\(returns), 1, 0))) AS came
            FROM events WHERE \(ReportEvents.acts) AND \(ReportEvents.days(period.first, period.last)) AND \(names)
            GROUP BY profile_id, step
            """
        let share: AnalyticsSQL = parts == 1 ? "1 = 1" : "intHash32(pid) % \(parts) = \(part)"
        return """
            SELECT pid, step, max(began) + 2 * max(came) AS marks
            FROM (\(ReportEvents(question: question).resolved(inner, columns: ["step", "began", "came"])))
            WHERE began + came > 0 AND \(share) GROUP BY pid, step ORDER BY pid, step
            """
    }

    /// The step in which people were first seen, of those who were in the period.
    func firstSeen(_ period: ReportPeriod) async throws -> [Int64: Int64] {
        let table = try await question.analytics.query(
            """
            SELECT profile_id, toInt64(toDate(first_seen_ts, \(question.zone))) AS day FROM profiles AS p FINAL
            WHERE is_deleted = 0 AND day >= \(period.first) AND day <= \(period.last)
                AND \(ReportEvents(question: question).people("profile_id"))
            """, limits: limits)
        let step = step
        return Dictionary(zip(try table.ints(0), try table.ints(1).map { step.step(ofDay: $0) })) { first, _ in first }
    }

    /// Through which source people came, by id.
    func sources() async throws -> [Int64: Int64] {
        let table = try await question.analytics.query(
            "SELECT profile_id, source_id FROM profiles AS p FINAL WHERE is_deleted = 0", limits: limits)
        return Dictionary(zip(try table.ints(0), try table.ints(1))) { first, _ in first }
    }
}
