import Storage

/// Which channel, weekday, hour and kind of page a group answers best.
package enum TouchpointsReport: InsightReport {
    package static let name = "touchpoints"
    package static let summary =
        "Which channel, weekday, hour and kind of page is answered best: rates of visits that were engaged, or led to "
        + "an order, drawn towards the rate of all visits the more the fewer there are, with their intervals."
    package static let parameters = [
        ReportParameter(
            "answer", .words(["engaged", "order"]), usual: "engaged",
            "What counts as an answer: an engaged visit, or one with an order."),
        ReportParameter("support", .whole(1...100_000), usual: "30", "Kinds with fewer visits are left out."),
    ]
    package static let panels = ["figures"] + TouchpointKind.allCases.map(\.panel)

    private static let rowsMax = 50

    package static func panel(_ name: String, _ question: ReportQuestion) async throws -> ReportPanel {
        if name == "figures" { return try await figures(question) }
        guard let kind = TouchpointKind.allCases.first(where: { $0.panel == name }) else {
            throw ReportError.unknownPanel(name)
        }
        return try await touchpoints(kind, question)
    }

    package static func people(at place: ReportPlace, _ question: ReportQuestion) async throws -> [Int64] {
        try await question.analytics.query(
            try TouchpointQuery(question: question).people(place), limits: question.limits
        ).ints(0)
    }

    private static func figures(_ question: ReportQuestion) async throws -> ReportPanel {
        let now = try await TouchpointQuery(question: question).all()
        let before = try await TouchpointQuery(question: question.about(question.other)).all()
        func rate(_ counts: TouchpointQuery.Counts) -> Double? {
            counts.visits > 0 ? Double(counts.answered) / Double(counts.visits) : nil
        }
        let mark = ReportPlace("answered")
        var panel = ReportPanel("figures")
        panel.figures = [
            .init("visits", Double(now.visits), before: Double(before.visits)),
            .init("answered", Double(now.answered), before: Double(before.answered), people: mark),
            .init("answer_people", Double(now.people), before: Double(before.people), people: mark),
            .init("answer_rate", rate(now), .percent, before: rate(before), people: mark),
        ]
        return panel
    }

    private static func touchpoints(
        _ kind: TouchpointKind, _ question: ReportQuestion
    ) async throws -> ReportPanel {
        let query = TouchpointQuery(question: question)
        let counts = try await query.counts(kind)
        let (visits, good) = (counts.reduce(0) { $0 + $1.visits }, counts.reduce(0) { $0 + $1.answered })
        let expected = visits > 0 ? Double(good) / Double(visits) : 0
        let kept = counts.filter { $0.visits >= question.whole("support") }.map {
            Touchpoint(
                $0.name, visits: $0.visits, answered: $0.answered, people: $0.people, from: expected)
        }.sorted { kind.precedes($0, $1) }
        var panel = ReportPanel(kind.panel)
        panel.chart = .bar
        panel.unit = .percent
        panel.labels = [kind == .page ? "page_type" : kind.rawValue]
        panel.columns = [
            .init("answer_rate_smoothed", .percent), .init("interval_low", .percent, isDrawn: false),
            .init("interval_high", .percent, isDrawn: false), .init("visits", isDrawn: false),
            .init("answered", isDrawn: false), .init("answer_people", isDrawn: false),
            .init("lift", .decimal, isDrawn: false),
        ]
        panel.rows = kept.prefix(rowsMax).map { touchpoint in
            let mark = ReportPlace(kind.rawValue, touchpoint.name)
            return .init(
                [touchpoint.name],
                [
                    touchpoint.rate, touchpoint.low, touchpoint.high, Double(touchpoint.visits),
                    Double(touchpoint.answered), Double(touchpoint.people),
                    expected > 0 ? touchpoint.rate / expected : nil,
                ], people: [mark, nil, nil, nil, mark, mark, nil])
        }
        if kept.count > rowsMax { panel.notes.append("rows_cut") }
        if kept.count < counts.count { panel.notes.append("little_support") }
        return panel
    }
}

/// What one person answers best, seen against how everybody answers the same.
package struct PersonTouchpoints: Sendable, Equatable {
    package struct Best: Sendable, Equatable {
        package var kind: TouchpointKind
        package var touchpoint: Touchpoint
        /// Everybody's rate for the same.
        package var expected: Double
    }

    package var visits: Int64
    /// One of each kind at most: those that the person met often enough.
    package var best: [Best]

    package static let days = 365
    /// A kind that a person met less often tells nothing of the person.
    package static let support: Int64 = 3

    /// Throws: `StorageError`; `CancellationError` when the task was cancelled.
    package static func load(_ person: Int64, _ platform: Platform) async throws -> PersonTouchpoints {
        let everybody = try await ReportQuestion(TouchpointsReport.self, ["days": String(days)], platform)
        let own = TouchpointQuery(question: everybody.about(person: person))
        var found = PersonTouchpoints(visits: try await own.all().visits, best: [])
        guard found.visits >= support else { return found }
        for kind in TouchpointKind.allCases {
            let met = try await own.counts(kind).filter { $0.visits >= support }
            guard !met.isEmpty else { continue }
            let rates = Dictionary(
                try await TouchpointQuery(question: everybody).counts(kind).map {
                    ($0.name, Double($0.answered) / Double(max($0.visits, 1)))
                }, uniquingKeysWith: { first, _ in first })
            let touchpoints = met.map { counts -> Best in
                let expected = rates[counts.name] ?? 0
                return Best(
                    kind: kind,
                    touchpoint: Touchpoint(
                        counts.name, visits: counts.visits, answered: counts.answered, people: counts.people,
                        from: expected), expected: expected)
            }
            let ranked = touchpoints.map(\.touchpoint).max { one, two in
                (one.rate, two.name) < (two.rate, one.name)
            }
            found.best += touchpoints.filter { $0.touchpoint == ranked }
        }
        return found
    }
}
