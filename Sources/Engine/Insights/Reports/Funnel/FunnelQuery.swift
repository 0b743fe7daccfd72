import Storage

/// Reads the events of a funnel person by person and hands each person's furthest attempt on.
struct FunnelQuery {
    let question: ReportQuestion
    let steps: [EventFilter]
    let exclusions: [EventFilter]

    static let stepsMax = 8
    private static let dayMilliseconds: Int64 = 86_400_000
    /// Events that one reading may hold; a larger base is read in parts.
    private static let partEvents: Int64 = 3_000_000
    private static let partsMax: Int64 = 64

    /// Throws: `ReportError` when there are too few or too many steps.
    init(_ question: ReportQuestion) throws {
        self.question = question
        steps = question.events("steps")
        exclusions = question.events("exclude")
        guard (2...Self.stepsMax).contains(steps.count) else {
            throw ReportError.badParameter(
                "steps", given: steps.isEmpty ? "" : "\(steps.count)", expected: "2 to \(Self.stepsMax) events in order"
            )
        }
    }

    var windowDays: Int64 { question.whole("window") }
    var isStrict: Bool { question.text("order") == "strict" }

    private var walk: FunnelWalk {
        let calendar = question.clock.calendar
        let first = calendar.start(ofDay: question.period.first).milliseconds
        let end = calendar.start(ofDay: question.period.last + 1).milliseconds
        return FunnelWalk(
            steps: steps.count, windowMilliseconds: windowDays * Self.dayMilliseconds, isStrict: isStrict,
            starts: first..<max(first, end))
    }

    /// Calls `take` with every person who began. Throws: `StorageError`; `CancellationError`.
    func run(_ take: (_ person: Int64, _ attempt: FunnelWalk.Attempt) -> Void) async throws {
        let walk = walk
        let parts = try await parts()
        for part in 0..<parts {
            try Task.checkCancellation()
            let table = try await question.analytics.query(
                statement(part, of: parts),
                limits: QueryLimits(seconds: ReportQuestion.seconds, memoryBytes: 4_000_000_000, rows: 20_000_000))
            let (people, times, masks) = (try table.ints(0), try table.ints(1), try table.ints(2))
            let groups = hasGroups ? try table.strings(3) : []
            var start = 0
            while start < people.count {
                var end = start
                while end < people.count, people[end] == people[start] { end += 1 }
                let events = (start..<end).lazy.map { row in
                    FunnelWalk.Event(time: times[row], mask: masks[row], group: groups.isEmpty ? "" : groups[row])
                }
                if let attempt = walk.furthest(events) { take(people[start], attempt) }
                start = end
            }
        }
    }

    private var hasGroups: Bool { !question.text("by").isEmpty }

    private var condition: AnalyticsSQL {
        let days = ReportEvents.days(question.period.first, question.period.last + windowDays)
        let all = steps + exclusions
        let names = isStrict ? "1 = 1" : "name IN (\(list: Array(Set(all.flatMap(\.names))).sorted()))" as AnalyticsSQL
        return "\(ReportEvents.acts) AND \(days) AND \(names)"
    }

    private func parts() async throws -> Int64 {
        let count =
            try await question.analytics.query(
                "SELECT toInt64(count()) FROM events WHERE \(condition)", limits: question.limits
            ).ints(0).first ?? 0
        return min(count / Self.partEvents + 1, Self.partsMax)
    }

    /// `pid`, time, mask and group of every event, person by person in order. No column has the name of a lambda's argument:
    /// an old server takes one for the other.
    private func statement(_ part: Int64, of parts: Int64) -> AnalyticsSQL {
        let clock = question.clock
        var bits = steps.enumerated().map { index, step -> AnalyticsSQL in
            "(if(\(step.sql(clock)), toInt64(\(Int64(1) << index)), toInt64(0)))"
        }
        bits += exclusions.prefix(1).map { _ in
            let any = AnalyticsSQL(text: exclusions.map { "(\($0.sql(clock).text))" }.joined(separator: " OR "))
            return "(if(\(any), toInt64(\(FunnelWalk.exclusion)), toInt64(0)))"
        }
        let mask = AnalyticsSQL(text: bits.map(\.text).joined(separator: " + "))
        let inner: AnalyticsSQL = """
            SELECT profile_id, ts_ms AS moment, toInt64(position) AS place, \(mask) AS mask, \(group) AS grouped
            FROM events WHERE \(condition)
            """
        let resolved = ReportEvents(question: question).resolved(
            inner, columns: ["moment", "place", "mask", "grouped"])
        let share: AnalyticsSQL = parts == 1 ? "1 = 1" : "intHash32(pid) % \(parts) = \(part)"
        let kept: AnalyticsSQL = isStrict ? "1 = 1" : "mask != 0"
        return
            "SELECT pid, moment, mask, grouped FROM (\(resolved)) WHERE \(kept) AND \(share) ORDER BY pid, moment, place"
    }

    /// Of an event of the first step: a property, or where it came from.
    private var group: AnalyticsSQL {
        let value: AnalyticsSQL
        switch question.text("by") {
        case "": return "''"
        case "source": value = "toString(source_id)"
        case "campaign": value = "toString(campaign_source)"
        case let property: value = "prop_texts[indexOf(prop_names, \(property))]"
        }
        return "if(\(steps[0].sql(question.clock)), \(value), '')"
    }
}
