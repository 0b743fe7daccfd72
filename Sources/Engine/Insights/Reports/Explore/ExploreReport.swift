import Science
import Storage

/// Any event by any measure, over time, divided by a property or by who did it, and how a property is distributed.
package enum ExploreReport: InsightReport {
    package static let name = "explore"
    package static let summary =
        "Any event by a measure (events, people, events a person, sum or average of a property), over time, divided, "
        + "compared; how often people did it, and how a property is distributed."
    package static let parameters = [
        ReportParameter("event", .events, usual: "Order Completed", "Which events: names, or JSON with filters."),
        ReportParameter(
            "measure", .words(["events", "people", "per_person", "sum", "average"]), usual: "events",
            "What is counted; sum and average need a property."),
        ReportParameter(
            "property", .property(of: "event", words: []), "The number that is added up and distributed."),
        ReportParameter(
            "by",
            .property(of: "event", words: ["source", "campaign", "stage", "rfm_class", "weekday", "hour"]),
            "Divide by a property of the event, or by `source`, `campaign`, `stage`, `rfm_class`, `weekday`, `hour`."),
        ReportParameter(
            "step", .words(ReportStep.allCases.map(\.rawValue)), usual: "day", "What the trend is divided by."),
    ]
    package static let panels = ["figures", "trend", "groups", "times", "distribution"]

    private static let groupsMax = 30
    private static let timesMax: Int64 = 10
    private static let binsMax = 12

    package static func panel(_ name: String, _ question: ReportQuestion) async throws -> ReportPanel {
        let query = try ExploreQuery(question)
        switch name {
        case "figures": return try await figures(query)
        case "trend": return try await trend(query)
        case "groups": return try await groups(query)
        case "times": return try await times(query)
        case "distribution": return try await distribution(query)
        default: throw ReportError.unknownPanel(name)
        }
    }

    package static func people(at place: ReportPlace, _ question: ReportQuestion) async throws -> [Int64] {
        let (place, question) = question.about(place)
        return try await question.analytics.query(
            try ExploreQuery(question).people(place), limits: question.limits
        ).ints(0)
    }

    private static func figures(_ query: ExploreQuery) async throws -> ReportPanel {
        let earlier = try ExploreQuery(query.question.about(query.question.other))
        let now = try await query.measures(by: "toInt64(0)")[0] ?? .nothing
        let before = try await earlier.measures(by: "toInt64(0)")[0] ?? .nothing
        var panel = ReportPanel("figures")
        let everybody = ReportPlace("everybody")
        panel.figures = [
            .init("events", now.events, before: before.events, people: everybody),
            .init("people", now.people, before: before.people, people: everybody),
            .init("per_person", now.perPerson, .decimal, before: before.perPerson, people: everybody),
        ]
        if !query.property.isEmpty {
            panel.figures += [
                .init("sum", now.sum, .decimal, before: before.sum, people: everybody),
                .init("average", now.average, .decimal, before: before.average, people: everybody),
            ]
        }
        return panel
    }

    private static func trend(_ query: ExploreQuery) async throws -> ReportPanel {
        let question = query.question
        let step = query.step
        let now = try await query.measures(by: step.sql(day: "d", time: "ts", question.zone))
        let earlier = try ExploreQuery(question.about(question.other))
        let before = try await earlier.measures(by: step.sql(day: "d", time: "ts", question.zone))
        let places = Array(step.steps(question.other))
        var panel = ReportPanel("trend")
        panel.chart = .line
        panel.unit = query.unit
        panel.labels = [step.rawValue]
        panel.columns = [.init(query.measure, query.unit), .init(query.measure, query.unit, isBefore: true)]
        panel.rows = step.steps(question.period).enumerated().map { index, place in
            let past = index < places.count ? (before[places[index]] ?? .nothing).value(query.measure) : nil
            var row = ReportPanel.Row(
                [step.text(place)], [(now[place] ?? .nothing).value(query.measure), past],
                people: [
                    ReportPlace("step", String(place)),
                    index < places.count ? ReportPlace(ReportPlace.before, String(places[index])) : nil,
                ])
            if question.isOpen(step, place) { row.unfinished = [0] }
            return row
        }
        panel.noteUnfinished()
        return panel
    }

    private static func groups(_ query: ExploreQuery) async throws -> ReportPanel {
        var panel = ReportPanel("groups")
        panel.labels = ["group"]
        guard !query.by.isEmpty else { return panel }
        let rows = try await query.groups()
        let names = try await query.question.groupNames()
        let sum = rows.reduce(0) { $0 + ($1.measures.value(query.measure) ?? 0) }
        let isShared = query.measure == "events" || query.measure == "sum"
        panel.chart = .bar
        panel.unit = query.unit
        panel.columns =
            [.init(query.measure, query.unit)] + (isShared ? [.init("share", .percent, isDrawn: false)] : [])
            + (query.measure == "people" ? [] : [.init("people", isDrawn: false)])
        panel.rows = rows.prefix(groupsMax).map { group, measures in
            let value = measures.value(query.measure)
            let mark = ReportPlace("group", group)
            var values = [value]
            var people: [ReportPlace?] = [mark]
            if isShared {
                values.append(sum > 0 ? (value ?? 0) / sum : nil)
                people.append(nil)
            }
            if query.measure != "people" {
                values.append(measures.people)
                people.append(mark)
            }
            return .init([names[group] ?? group], values, people: people)
        }
        if rows.count > groupsMax { panel.notes = ["groups_cut_thirty"] }
        return panel
    }

    /// People by how often they did it.
    private static func times(_ query: ExploreQuery) async throws -> ReportPanel {
        let counts = try await query.times(most: timesMax)
        var panel = ReportPanel("times")
        panel.chart = .bar
        panel.labels = ["times"]
        panel.columns = [.init("people")]
        panel.rows = counts.map { times, people in
            .init(
                [times == timesMax ? "\(times)+" : String(times)], [people],
                people: [ReportPlace("times", String(times))])
        }
        return panel
    }

    /// Events by the size of the property, in bands of equal width with round ends.
    private static func distribution(_ query: ExploreQuery) async throws -> ReportPanel {
        var panel = ReportPanel("distribution")
        panel.labels = ["band"]
        guard !query.property.isEmpty, let range = try await query.range() else { return panel }
        let width = ExploreBands.width(from: range.lowerBound, to: range.upperBound, most: binsMax)
        let counts = try await query.bands(width)
        panel.chart = .bar
        panel.columns = [.init("events"), .init("people", isDrawn: false)]
        panel.rows = counts.map { band, events, people in
            let mark = ReportPlace("band", "\(width)/\(band)")
            return .init([ExploreBands.label(band, width)], [events, people], people: [mark, mark])
        }
        return panel
    }
}

/// Bands for a distribution, in ten-thousandths.
enum ExploreBands {
    /// 1, 2 or 5 times a power of ten, so that at most so many bands cover the range.
    static func width(from low: Int64, to high: Int64, most: Int) -> Int64 {
        let needed = max(1, (high - low) / Int64(most) + 1)
        var power: Int64 = 1
        while power <= needed / 10 { power *= 10 }
        for factor in [Int64(1), 2, 5] where power * factor >= needed { return power * factor }
        return power * 10
    }

    /// `20–30`: from the first up to, not including, the second.
    static func label(_ band: Int64, _ width: Int64) -> String {
        text(band * width) + "–" + text((band + 1) * width)
    }

    private static func text(_ number: Int64) -> String {
        ReportFigure.number(Double(number) / Double(CriteriaValue.scale), digits: 4)
    }
}
