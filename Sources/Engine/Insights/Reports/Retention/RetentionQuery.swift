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

    /// Steps that fit into the bits of a whole number.
    private static let maskSteps: Int64 = 62
    private static let partMasks: Int64 = 5_000_000

    /// Calls `take` with everybody who was there in the period, in the order of ids. Throws: `StorageError`;
    /// `CancellationError`.
    func run(_ period: ReportPeriod, _ take: (PersonSteps) -> Void) async throws {
        let steps = step.step(ofDay: period.first)...max(step.step(ofDay: period.last), step.step(ofDay: period.first))
        let isShort = Int64(steps.count) <= Self.maskSteps
        // Rows, not people: enough to know how many parts there have to be.
        let people =
            try await question.analytics.query("SELECT toInt64(count()) FROM profiles", limits: question.limits)
            .ints(0).first ?? 0
        let parts = min(people / (isShort ? Self.partMasks : Self.partPeople) + 1, Self.partsMax)
        for part in 0..<parts {
            try Task.checkCancellation()
            let share: AnalyticsSQL = parts == 1 ? "1 = 1" : "intHash32(pid) % \(parts) = \(part)"
            if isShort {
                try await runMasks(period, from: steps.lowerBound, share, take)
            } else {
                try await runSteps(period, share, take)
            }
        }
    }

    /// A row a person, with a bit for every step.
    private func runMasks(
        _ period: ReportPeriod, from first: Int64, _ share: AnalyticsSQL, _ take: (PersonSteps) -> Void
    ) async throws {
        let place = step.sql(day: "d", time: "ts", question.zone)
        let bit: AnalyticsSQL = "toUInt64(bitShiftLeft(toUInt64(1), toUInt64(\(place) - \(first))))"
        let inner: AnalyticsSQL = """
            SELECT profile_id, groupBitOr(if(\(begins), \(bit), toUInt64(0))) AS began,
                groupBitOr(if(\(returns), \(bit), toUInt64(0))) AS came
            FROM events WHERE \(condition(period)) GROUP BY profile_id
            """
        let table = try await question.analytics.query(
            """
            SELECT pid, toInt64(groupBitOr(began)) AS b, toInt64(groupBitOr(came)) AS c
            FROM (\(ReportEvents(question: question).resolved(inner, columns: ["began", "came"])))
            WHERE (began != 0 OR came != 0) AND \(share) GROUP BY pid ORDER BY pid
            """, limits: limits)
        let (ids, began, came) = (try table.ints(0), try table.ints(1), try table.ints(2))
        for row in ids.indices {
            var person = PersonSteps(person: ids[row], steps: [], marks: [])
            var left = began[row] | came[row]
            person.steps.reserveCapacity(left.nonzeroBitCount)
            person.marks.reserveCapacity(left.nonzeroBitCount)
            while left != 0 {
                let place = Int64(left.trailingZeroBitCount)
                left &= left - 1
                person.steps.append(first + place)
                person.marks.append(began[row] >> place & 1 + 2 * (came[row] >> place & 1))
            }
            take(person)
        }
    }

    /// A row for every step in which a person was there.
    private func runSteps(
        _ period: ReportPeriod, _ share: AnalyticsSQL, _ take: (PersonSteps) -> Void
    ) async throws {
        let inner: AnalyticsSQL = """
            SELECT profile_id, \(step.sql(day: "d", time: "ts", question.zone)) AS step,
                toInt64(max(if(\(begins), 1, 0))) AS began, toInt64(max(if(\(returns), 1, 0))) AS came
            FROM events WHERE \(condition(period)) GROUP BY profile_id, step
            """
        let table = try await question.analytics.query(
            """
            SELECT pid, step, max(began) + 2 * max(came) AS marks
            FROM (\(ReportEvents(question: question).resolved(inner, columns: ["step", "began", "came"])))
            WHERE began + came > 0 AND \(share) GROUP BY pid, step ORDER BY pid, step
            """, limits: limits)
        let (ids, steps, marks) = (try table.ints(0), try table.ints(1), try table.ints(2))
        var first = 0
        while first < ids.count {
            var end = first
            while end < ids.count, ids[end] == ids[first] { end += 1 }
            take(PersonSteps(person: ids[first], steps: Array(steps[first..<end]), marks: Array(marks[first..<end])))
            first = end
        }
    }

    private var begins: AnalyticsSQL { start?.sql(question.clock) ?? "1 = 1" }
    private var returns: AnalyticsSQL { returning?.sql(question.clock) ?? "1 = 1" }

    private func condition(_ period: ReportPeriod) -> AnalyticsSQL {
        var names: AnalyticsSQL = "1 = 1"
        if let start, let returning { names = "name IN (\(list: Array(Set(start.names + returning.names)).sorted()))" }
        return "\(ReportEvents.acts) AND \(ReportEvents.days(period.first, period.last)) AND \(names)"
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

    /// The tags that people have now, by id.
    func tags() async throws -> [Int64: [Int64]] {
        let table = try await question.analytics.query(
            """
            SELECT profile_id, toInt64(arrayJoin(tags)) AS tag FROM (
                SELECT profile_id, tags, is_deleted FROM profiles AS p FINAL) AS people
            WHERE is_deleted = 0
            """, limits: limits)
        var tags: [Int64: [Int64]] = [:]
        for (person, tag) in zip(try table.ints(0), try table.ints(1)) { tags[person, default: []].append(tag) }
        return tags
    }

    /// Through which source people came, by id.
    func sources() async throws -> [Int64: Int64] {
        let table = try await question.analytics.query(
            "SELECT profile_id, source_id FROM profiles AS p FINAL WHERE is_deleted = 0", limits: limits)
        return Dictionary(zip(try table.ints(0), try table.ints(1))) { first, _ in first }
    }
}
