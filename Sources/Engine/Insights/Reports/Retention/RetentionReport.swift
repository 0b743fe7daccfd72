import Storage

/// Who comes back: by cohort and time since, how often in a period, and as new, returning, resurrected or dormant people.
package enum RetentionReport: InsightReport {
    package static let name = "retention"
    package static let summary =
        "Cohorts and who of them returned 1, 2, 3 … days, weeks or months later; stickiness; new, returning, resurrected "
        + "and dormant people."
    package static let parameters = [
        ReportParameter("step", .words(["day", "week", "month"]), usual: "week", "What time is divided by."),
        ReportParameter("periods", .whole(1...26), usual: "8", "How many steps people are followed."),
        ReportParameter(
            "cohort", .words(["new", "event"]), usual: "new",
            "new: by when people were first seen; event: by the first `start` event in the period."),
        ReportParameter("start", .events, "With cohort = event; anything unless told."),
        ReportParameter("return", .events, "What counts as coming back; anything unless told."),
        ReportParameter(
            "mode", .words(["exact", "unbounded"]), usual: "exact",
            "exact: returned in that very step; unbounded: in that step or later."),
        ReportParameter(
            "by", .words(["time", "source", "tag"]), usual: "time",
            "Cohorts by when they began, by the source people came by, or by their tags now."),
    ]
    package static let panels = ["figures", "matrix", "curve", "stickiness", "states"]

    package static func panel(_ name: String, _ question: ReportQuestion) async throws -> ReportPanel {
        switch name {
        case "figures": try await figures(question)
        case "matrix": try await matrix(question)
        case "curve": try await curve(question)
        case "stickiness": try await stickiness(question)
        case "states": try await states(question)
        default: throw ReportError.unknownPanel(name)
        }
    }

    package static func people(at place: ReportPlace, _ question: ReportQuestion) async throws -> [Int64] {
        let parts = place.value.split(separator: "/").map(String.init)
        var found: [Int64] = []
        switch place.kind {
        case "cohort", "cell":
            guard let key = parts.first.flatMap({ Int64($0) }) else { break }
            let offset = parts.count > 1 ? Int64(parts[1]) : 0
            guard let offset, place.kind == "cohort" || parts.count == 2 else { break }
            let tally = tally(question)
            try await walk(question) { person, cohort, groups in
                guard key == everybody || groups.contains(key) else { return }
                let returns = person.returns(after: cohort)
                if place.kind == "cohort" || tally.holds(returns, at: offset) { found.append(person.person) }
            }
            return found
        case "followed", "kept":
            let offset = try place.number()
            let tally = tally(question)
            guard (0...Int64(tally.offsets)).contains(offset) else { break }
            try await walk(question) { person, cohort, _ in
                guard tally.isOver(cohort, at: offset) else { return }
                let isKept = tally.holds(person.returns(after: cohort), at: offset)
                if isKept || place.kind == "followed" { found.append(person.person) }
            }
            return found
        case "state":
            guard parts.count == 2, let step = Int64(parts[0]), let state = UsageState(rawValue: parts[1]) else {
                break
            }
            try await usage(question) { person, states in
                if states.contains(where: { $0.step == step && $0.state == state }) { found.append(person) }
            }
            return found
        case "active":
            return try await question.analytics.query(
                "SELECT pid FROM (\(activeDays(question))) ORDER BY pid", limits: question.limits
            ).ints(0)
        case "days":
            return try await question.analytics.query(
                "SELECT pid FROM (\(activeDays(question))) WHERE days = \(try place.number()) ORDER BY pid",
                limits: question.limits
            ).ints(0)
        default: break
        }
        throw ReportError.unknownPlace(place.description)
    }

    /// What cohorts that are divided so are called, by the key that a place begins with; nil where they are steps of
    /// time. Throws: `StorageError`.
    package static func groupNames(by: String, _ connection: any SQLConnection) throws -> [Int64: String]? {
        try RetentionGroups.names(by: by, connection)
    }

    /// The key of all groups together.
    private static let everybody: Int64 = -1

    // MARK: Cohorts

    private static func tally(_ question: ReportQuestion) -> RetentionTally {
        let query = RetentionQuery(question: question)
        let begun = query.step.step(ofDay: question.clock.today)
        return RetentionTally(
            offsets: Int(question.whole("periods")), isUnbounded: question.text("mode") == "unbounded",
            lastWhole: begun - 1, lastBegun: begun)
    }

    /// Everybody who began in the period, with the step in which that was and the groups they are counted in.
    private static func walk(
        _ question: ReportQuestion, _ take: (_ person: PersonSteps, _ cohort: Int64, _ groups: [Int64]) -> Void
    ) async throws {
        let query = RetentionQuery(question: question)
        let range = query.step.steps(question.period)
        let last = query.step.days(range.upperBound + question.whole("periods")).last
        let seen = ReportPeriod(first: query.step.days(range.lowerBound).first, last: min(last, question.clock.today))
        let isNew = question.text("cohort") == "new"
        let firstSeen = isNew ? try await query.firstSeen(question.period) : [:]
        let division = try await RetentionGroups(query)
        let start = query.step.step(ofDay: question.period.first)
        var met: Set<Int64> = []
        func hand(_ person: PersonSteps, _ cohort: Int64) {
            take(person, cohort, division.groups(of: person.person, cohort: cohort))
        }
        try await query.run(seen) { person in
            if isNew {
                guard let cohort = firstSeen[person.person], cohort >= start else { return }
                met.insert(person.person)
                hand(person, cohort)
            } else if let cohort = person.cohort(in: range) {
                hand(person, cohort)
            }
        }
        // Who was first seen and never did anything that counts belongs to the cohort all the same.
        for (id, cohort) in firstSeen.sorted(by: { $0.key < $1.key }) where !met.contains(id) {
            hand(PersonSteps(person: id, steps: [], marks: []), cohort)
        }
    }

    private static func counted(_ question: ReportQuestion, together: Bool) async throws -> RetentionTally {
        var tally = tally(question)
        try await walk(question) { person, cohort, groups in
            for group in together ? [everybody] : groups { tally.add(person, cohort: cohort, group: group) }
        }
        return tally
    }

    private static func matrix(_ question: ReportQuestion) async throws -> ReportPanel {
        let tally = try await counted(question, together: false)
        let step = RetentionQuery(question: question).step
        let names = try await RetentionGroups.names(question)
        var panel = ReportPanel("matrix")
        panel.chart = .heat
        panel.unit = .percent
        panel.labels = ["cohort"]
        panel.columns =
            [.init("people", isDrawn: false)]
            + (0...tally.offsets).map { .init((step == .day ? "D" : step == .week ? "W" : "M") + String($0), .percent) }
        let groups = RetentionGroups.ordered(tally.groups, question)
        for (key, group) in groups.prefix(RetentionGroups.rowsMax) {
            var row = ReportPanel.Row(
                [names.map { $0[key] ?? String(key) } ?? step.text(key)], [Double(group.people)],
                people: [ReportPlace("cohort", String(key))])
            for offset in 0...tally.offsets {
                let isOpen = group.eligible[offset] == 0
                let eligible = isOpen ? group.eligibleOpen[offset] : group.eligible[offset]
                let retained = isOpen ? group.retainedOpen[offset] : group.retained[offset]
                row.values.append(eligible > 0 ? Double(retained) / Double(eligible) : nil)
                row.people.append(eligible > 0 ? "cell:\(key)/\(offset)" : nil)
                if isOpen, eligible > 0 { row.unfinished.append(row.values.count - 1) }
            }
            panel.rows.append(row)
        }
        panel.noteUnfinished()
        if question.text("by") == "tag" { panel.notes.append("several_tags") }
        if groups.count > RetentionGroups.rowsMax { panel.notes.append("rows_cut") }
        return panel
    }

    private static func curve(_ question: ReportQuestion) async throws -> ReportPanel {
        let tally = try await counted(question, together: true)
        let step = RetentionQuery(question: question).step
        var panel = ReportPanel("curve")
        panel.chart = .line
        panel.unit = .percent
        panel.labels = [step.rawValue + "s"]
        panel.columns = [
            .init("retention", .percent), .init("followed", isDrawn: false), .init("came_back", isDrawn: false),
        ]
        guard let group = tally.groups[everybody] else { return panel }
        panel.rows = (0...tally.offsets).compactMap { offset in
            let eligible = group.eligible[offset]
            guard eligible > 0 else { return nil }
            let kept = ReportPlace("kept", String(offset))
            return .init(
                [String(offset)],
                [Double(group.retained[offset]) / Double(eligible), Double(eligible), Double(group.retained[offset])],
                people: [kept, ReportPlace("followed", String(offset)), kept])
        }
        return panel
    }

    private static func figures(_ question: ReportQuestion) async throws -> ReportPanel {
        let now = try await counted(question, together: true)
        let before = try await counted(question.about(question.other), together: true)
        func rate(_ tally: RetentionTally, _ offset: Int) -> Double? {
            guard let group = tally.groups[everybody], group.eligible[offset] > 0 else { return nil }
            return Double(group.retained[offset]) / Double(group.eligible[offset])
        }
        let active = try await activity(question)
        let earlier = try await activity(question.about(question.other))
        var panel = ReportPanel("figures")
        panel.figures = [
            .init(
                "cohort_people", Double(now.groups[everybody]?.people ?? 0),
                before: Double(before.groups[everybody]?.people ?? 0), people: ReportPlace("cohort", String(everybody))),
            .init(
                "retained_first", rate(now, 1), .percent, before: rate(before, 1), people: ReportPlace("kept", "1")),
            .init(
                "retained_last", rate(now, now.offsets), .percent, before: rate(before, now.offsets),
                people: ReportPlace("kept", String(now.offsets))),
            .init("active_people", active.people, before: earlier.people, people: ReportPlace("active")),
            .init("active_daily", active.daily, .decimal, before: earlier.daily, people: ReportPlace("active")),
            .init(
                "stickiness", active.people > 0 ? active.daily / active.people : nil, .percent,
                before: earlier.people > 0 ? earlier.daily / earlier.people : nil, people: ReportPlace("active")),
        ]
        return panel
    }

    // MARK: Stickiness

    /// `pid` and on how many days of the period the person did what counts as returning.
    private static func activeDays(_ question: ReportQuestion) -> AnalyticsSQL {
        let returns = question.events("return").first?.sql(question.clock) ?? "1 = 1"
        let inner: AnalyticsSQL = """
            SELECT profile_id, toInt64(d) AS day FROM events
            WHERE \(ReportEvents.acts) AND \(ReportEvents.days(question.period.first, question.period.last)) AND \(returns)
            GROUP BY profile_id, day
            """
        let rows = ReportEvents(question: question).resolved(inner, columns: ["day"])
        return "SELECT pid, toInt64(uniqExact(day)) AS days FROM (\(rows)) GROUP BY pid"
    }

    private static func activity(_ question: ReportQuestion) async throws -> (people: Double, daily: Double) {
        let table = try await question.analytics.query(
            "SELECT toInt64(count()), toInt64(sum(days)) FROM (\(activeDays(question)))", limits: question.limits)
        let days = Double(try table.ints(1).first ?? 0)
        return (Double(try table.ints(0).first ?? 0), days / Double(question.period.days))
    }

    private static func stickiness(_ question: ReportQuestion) async throws -> ReportPanel {
        let table = try await question.analytics.query(
            "SELECT days, toInt64(count()) FROM (\(activeDays(question))) GROUP BY days ORDER BY days",
            limits: question.limits)
        var panel = ReportPanel("stickiness")
        panel.chart = .bar
        panel.labels = ["active_days"]
        panel.columns = [.init("people")]
        panel.rows = zip(try table.ints(0), try table.ints(1)).map { days, people in
            .init([String(days)], [Double(people)], people: [ReportPlace("days", String(days))])
        }
        return panel
    }

    // MARK: Usage

    private static func usage(
        _ question: ReportQuestion, _ take: (_ person: Int64, _ states: [(step: Int64, state: UsageState)]) -> Void
    ) async throws {
        let query = RetentionQuery(question: question)
        let range = query.step.steps(question.period)
        let days = ReportPeriod(
            first: query.step.days(range.lowerBound - 1).first, last: query.step.days(range.upperBound).last)
        let firstSeen = try await query.firstSeen(days)
        try await query.run(days) { person in
            let steps = zip(person.steps, person.marks).compactMap { $1 & PersonSteps.returned != 0 ? $0 : nil }
            let states = UsageState.states(steps, firstSeen: firstSeen[person.person], in: range)
            if !states.isEmpty { take(person.person, states) }
        }
    }

    private static func states(_ question: ReportQuestion) async throws -> ReportPanel {
        var counts: [Int64: [UsageState: Int64]] = [:]
        try await usage(question) { _, states in
            for (step, state) in states { counts[step, default: [:]][state, default: 0] += 1 }
        }
        let step = RetentionQuery(question: question).step
        var panel = ReportPanel("states")
        panel.chart = .stack
        panel.labels = [step.rawValue]
        panel.columns = UsageState.allCases.map { .init("state_" + $0.rawValue) }
        panel.rows = step.steps(question.period).map { place in
            .init(
                [step.text(place)], UsageState.allCases.map { Double(counts[place]?[$0] ?? 0) },
                people: UsageState.allCases.map { ReportPlace("state", "\(place)/\($0.rawValue)") })
        }
        return panel
    }
}
