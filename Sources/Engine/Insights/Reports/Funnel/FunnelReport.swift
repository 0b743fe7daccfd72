import Science
import Storage

/// How far people get through steps that follow one another, where they stop, and how long it takes them.
package enum FunnelReport: InsightReport {
    package static let name = "funnel"
    package static let summary =
        "Steps in order within a window: how many reach each, conversion to the next, time to convert, trend, drop."
    package static let parameters = [
        ReportParameter(
            "steps", .eventList(2...FunnelQuery.stepsMax),
            usual: "Product Viewed\nProduct Added\nCheckout Started\nOrder Completed",
            "2 to \(FunnelQuery.stepsMax) events in order: a name or names divided by commas a line, or a JSON list of "
                + "event conditions."),
        ReportParameter(
            "window", .whole(1...90), usual: "7", "Days from the first step within which the last must be."),
        ReportParameter(
            "order", .words(["any", "strict"]), usual: "any",
            "strict: nothing else may happen between two steps."),
        ReportParameter(
            "exclude", .eventList(0...ReportQuestion.eventListLimit), "Events that end an attempt."),
        ReportParameter(
            "by", .property(of: "steps", words: ["source", "campaign"]),
            "Divide by a property of the first step, by `source`, or by `campaign`."),
        ReportParameter("step", .words(["day", "week", "month"]), usual: "day", "What the trend is divided by."),
    ]
    package static let panels = ["figures", "steps", "trend", "groups"]

    private static let groupsMax = 20

    package static func panel(_ name: String, _ question: ReportQuestion) async throws -> ReportPanel {
        guard panels.contains(name) else { throw ReportError.unknownPanel(name) }
        return try await panels([name], question)[0]
    }

    /// All panels come of one reading. Throws: `ReportError`, `StorageError`.
    package static func make(
        _ question: ReportQuestion, only wanted: [String]
    ) async throws -> ReportDocument {
        ReportDocument(
            report: name, question: question, panels: try await panels(try wantedPanels(wanted), question))
    }

    package static func people(at place: ReportPlace, _ question: ReportQuestion) async throws -> [Int64] {
        let query = try FunnelQuery(question)
        let parts = place.value.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let trend = ReportStep(rawValue: question.text("step")) ?? .day
        let level = parts.first.flatMap { Int($0) }
        guard let number = level, ["reached", "dropped", "began", "completed"].contains(place.kind) else {
            throw ReportError.unknownPlace(place.description)
        }
        let group = parts.count > 1 ? parts[1] : nil
        let calendar = question.clock.calendar
        var found: [Int64] = []
        try await query.run { person, attempt in
            if let group, attempt.group != group { return }
            let step = trend.step(ofDay: calendar.day(of: Timestamp(milliseconds: attempt.times[0])))
            let counts =
                switch place.kind {
                case "reached": attempt.level >= number
                case "dropped": attempt.level == number
                case "began": step == Int64(number)
                default: step == Int64(number) && attempt.level == query.steps.count
                }
            if counts { found.append(person) }
        }
        return found
    }

    // MARK: Panels

    private static func panels(_ names: [String], _ question: ReportQuestion) async throws -> [ReportPanel] {
        let query = try FunnelQuery(question)
        let trend = ReportStep(rawValue: question.text("step")) ?? .day
        let calendar = question.clock.calendar
        var tally = FunnelTally(steps: query.steps.count)
        try await query.run { _, attempt in
            tally.add(attempt, step: trend.step(ofDay: calendar.day(of: Timestamp(milliseconds: attempt.times[0]))))
        }
        var before: FunnelTally?
        if names.contains("figures") {
            var earlier = FunnelTally(steps: query.steps.count)
            let asked = try FunnelQuery(question.about(question.other))
            try await asked.run { _, attempt in earlier.add(attempt, step: 0) }
            before = earlier
        }
        let groupNames = try await question.groupNames()
        return names.map { name in
            switch name {
            case "figures": figures(tally, before ?? tally)
            case "steps": steps(tally, query)
            case "trend": self.trend(tally, trend, question)
            default: groups(tally, query, groupNames)
            }
        }
    }

    private static func figures(_ tally: FunnelTally, _ before: FunnelTally) -> ReportPanel {
        let last = tally.reached.count
        var panel = ReportPanel("figures")
        panel.figures = [
            .init(
                "began", Double(tally.reached[0]), before: Double(before.reached[0]),
                people: ReportPlace("reached", "1")),
            .init(
                "completed", Double(tally.reached[last - 1]), before: Double(before.reached[last - 1]),
                people: ReportPlace("reached", String(last))),
            .init(
                "funnel_conversion", tally.conversion, .percent, before: before.conversion,
                people: ReportPlace("reached", String(last))),
            .init(
                "time_to_convert", FunnelTally.median(tally.total), .seconds, before: FunnelTally.median(before.total),
                people: ReportPlace("reached", String(last))),
        ]
        return panel
    }

    private static func steps(_ tally: FunnelTally, _ query: FunnelQuery) -> ReportPanel {
        var panel = ReportPanel("steps")
        panel.chart = .funnel
        panel.labels = ["event"]
        panel.columns = [
            .init("people"), .init("of_first", .percent, isDrawn: false), .init("to_next", .percent, isDrawn: false),
            .init("dropped", isDrawn: false), .init("time_from_previous", .seconds, isDrawn: false),
        ]
        let reached = tally.reached
        panel.rows = query.steps.indices.map { index in
            let people = Double(reached[index])
            let isLast = index == reached.count - 1
            let dropped = isLast ? nil : people - Double(reached[index + 1])
            return .init(
                ["\(index + 1). " + query.steps[index].names.joined(separator: ", ")],
                [
                    people, reached[0] > 0 ? people / Double(reached[0]) : nil,
                    isLast || people == 0 ? nil : Double(reached[index + 1]) / people, dropped,
                    index == 0 ? nil : FunnelTally.median(tally.gaps[index - 1]),
                ],
                people: [
                    ReportPlace("reached", String(index + 1)), nil, nil,
                    isLast ? nil : ReportPlace("dropped", String(index + 1)), nil,
                ])
        }
        return panel
    }

    private static func trend(_ tally: FunnelTally, _ step: ReportStep, _ question: ReportQuestion) -> ReportPanel {
        var panel = ReportPanel("trend")
        panel.chart = .line
        panel.unit = .percent
        panel.labels = [step.rawValue]
        panel.columns = [
            .init("funnel_conversion", .percent), .init("began", isDrawn: false), .init("completed", isDrawn: false),
        ]
        panel.rows = step.steps(question.period).map { place in
            let (began, completed) = tally.bySteps[place] ?? (0, 0)
            return .init(
                [step.text(place)],
                [began > 0 ? Double(completed) / Double(began) : nil, Double(began), Double(completed)],
                people: [
                    ReportPlace("completed", String(place)), ReportPlace("began", String(place)),
                    ReportPlace("completed", String(place)),
                ])
        }
        let window = Int64(question.whole("window"))
        if question.period.last + window >= question.clock.today { panel.notes = ["window_open"] }
        return panel
    }

    private static func groups(
        _ tally: FunnelTally, _ query: FunnelQuery, _ names: [String: String]
    ) -> ReportPanel {
        var panel = ReportPanel("groups")
        panel.labels = ["group"]
        guard !query.question.text("by").isEmpty else { return panel }
        panel.columns = query.steps.indices.map { .init("\($0 + 1)") } + [.init("funnel_conversion", .percent)]
        let sorted = tally.byGroup.sorted { ($1.value[0], $0.key) < ($0.value[0], $1.key) }
        panel.rows = sorted.prefix(groupsMax).map { group, reached in
            .init(
                [names[group] ?? group],
                reached.map { Double($0) } + [Double(reached[reached.count - 1]) / Double(max(1, reached[0]))],
                people: reached.indices.map { ReportPlace("reached", "\($0 + 1)/\(group)") } + [nil])
        }
        if sorted.count > groupsMax { panel.notes = ["groups_cut"] }
        return panel
    }
}

/// What the attempts of everybody come to.
struct FunnelTally {
    /// People who got at least to each step.
    private(set) var reached: [Int64]
    /// Seconds between two steps, and from the first to the last.
    private(set) var gaps: [[Double]]
    private(set) var total: [Double] = []
    /// Who began and who completed, by when they began.
    private(set) var bySteps: [Int64: (began: Int64, completed: Int64)] = [:]
    private(set) var byGroup: [String: [Int64]] = [:]

    init(steps: Int) {
        reached = Array(repeating: 0, count: steps)
        gaps = Array(repeating: [], count: steps - 1)
    }

    mutating func add(_ attempt: FunnelWalk.Attempt, step: Int64) {
        var group = byGroup[attempt.group] ?? Array(repeating: 0, count: reached.count)
        for level in 0..<attempt.level {
            reached[level] += 1
            group[level] += 1
            if level > 0 { gaps[level - 1].append(Double(attempt.times[level] - attempt.times[level - 1]) / 1_000) }
        }
        byGroup[attempt.group] = group
        let isComplete = attempt.level == reached.count
        if isComplete { total.append(Double(attempt.times[attempt.level - 1] - attempt.times[0]) / 1_000) }
        let known = bySteps[step] ?? (0, 0)
        bySteps[step] = (known.began + 1, known.completed + (isComplete ? 1 : 0))
    }

    var conversion: Double? {
        reached[0] > 0 ? Double(reached[reached.count - 1]) / Double(reached[0]) : nil
    }

    /// The middle, or the mean of the two in the middle; nil of nothing.
    static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
