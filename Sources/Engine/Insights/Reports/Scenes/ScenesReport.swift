import Science
import Storage

/// In which scenes an event happens more often than chance gives: when, where, and on what kind of day.
package enum ScenesReport: InsightReport {
    package static let name = "scenes"
    package static let summary =
        "Scenes in which an event happens more often, or less, than on the days of everybody: travel, season, time of "
        + "day, weekends, store visits; with lift and significance."
    package static let parameters = [
        ReportParameter("event", .events, usual: "Order Completed", "Which event: names, or JSON with filters."),
        ReportParameter("support", .whole(1...100_000), usual: "30", "Scenes with fewer days are left out."),
    ]
    package static let panels = ["figures", "scenes"]

    /// A finding counts when no more than one of twenty like it would be false.
    private static let falseDiscoveries = 0.05

    package static func panel(_ name: String, _ question: ReportQuestion) async throws -> ReportPanel {
        let query = try SceneQuery(question)
        switch name {
        case "figures": return try await figures(query)
        case "scenes": return try await scenes(query)
        default: throw ReportError.unknownPanel(name)
        }
    }

    package static func people(at place: ReportPlace, _ question: ReportQuestion) async throws -> [Int64] {
        try await question.analytics.query(
            try SceneQuery(question).people(place), limits: question.limits
        ).ints(0)
    }

    private static func figures(_ query: SceneQuery) async throws -> ReportPanel {
        let now = try await query.counts().all
        let before = try await SceneQuery(query.question.about(query.question.other)).counts().all
        func rate(_ counts: SceneQuery.Counts) -> Double? {
            counts.days > 0 ? Double(counts.hits) / Double(counts.days) : nil
        }
        let mark = ReportPlace("happened")
        var panel = ReportPanel("figures")
        panel.figures = [
            .init("person_days", Double(now.days), before: Double(before.days)),
            .init("hit_days", Double(now.hits), before: Double(before.hits), people: mark),
            .init("hit_people", Double(now.people), before: Double(before.people), people: mark),
            .init("hit_rate", rate(now), .percent, before: rate(before), people: mark),
        ]
        return panel
    }

    private static func scenes(_ query: SceneQuery) async throws -> ReportPanel {
        let (all, counts) = try await query.counts()
        let kept = counts.filter { $0.days >= query.question.whole("support") }
        let found = kept.map {
            OverRepresentation(having: $0.hits, part: $0.days, havingOfAll: all.hits, people: all.days)
        }
        let adjusted = Significance.adjusted(found.map { Significance.twoSided(z: $0.z) })
        var panel = ReportPanel("scenes")
        panel.chart = .bar
        panel.unit = .decimal
        panel.labels = ["scene"]
        panel.columns = [
            .init("lift", .decimal), .init("hit_rate", .percent, isDrawn: false),
            .init("person_days", isDrawn: false), .init("hit_days", isDrawn: false),
            .init("hit_people", isDrawn: false), .init("z", .decimal, isDrawn: false),
            .init("false_discovery", .percent, isDrawn: false), .init("is_significant", isDrawn: false),
        ]
        panel.rows = kept.indices.sorted { found[$0].lift > found[$1].lift }.map { index in
            let (scene, facts) = (kept[index], found[index])
            let mark = ReportPlace("scene", scene.scene)
            return .init(
                [scene.scene],
                [
                    facts.lift, facts.share, Double(scene.days), Double(scene.hits), Double(scene.people), facts.z,
                    adjusted[index], adjusted[index] <= falseDiscoveries ? 1 : 0,
                ], people: [mark, mark, nil, mark, mark, nil, nil, nil])
        }
        if kept.count < counts.count { panel.notes.append("little_support") }
        return panel
    }
}
