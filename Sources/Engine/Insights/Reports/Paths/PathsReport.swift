import Storage

/// What people do next, and what they did before: flows from step to step, loops folded.
package enum PathsReport: InsightReport {
    package static let name = "paths"
    package static let summary =
        "What people did after an event or page, or before it, step by step within thirty idle minutes; repeats folded."
    package static let parameters = [
        ReportParameter(
            "start", .events, usual: "Page Viewed",
            "Where the path begins (or ends, going back); the first in the period."),
        ReportParameter(
            "what", .words(["events", "pages"]), usual: "events", "What the steps are: events, or pages and screens."),
        ReportParameter("direction", .words(["next", "previous"]), usual: "next", "Which way to go."),
        ReportParameter("depth", .whole(1...6), usual: "4", "How many steps."),
    ]
    package static let panels = ["flows", "sequences"]

    private static let namesMax = 40
    private static let branchesMax = 7
    private static let sequencesMax = 30
    private static let pauseMilliseconds: Int64 = 1_800_000
    private static let partEvents: Int64 = 4_000_000
    private static let other = "other"
    private static let leaving = "end"

    package static func panel(_ name: String, _ question: ReportQuestion) async throws -> ReportPanel {
        guard panels.contains(name) else { throw ReportError.unknownPanel(name) }
        return try await make(question, only: [name]).panels[0]
    }

    /// Both panels come of one reading. Throws: `ReportError`, `StorageError`.
    package static func make(_ question: ReportQuestion, only wanted: [String]) async throws -> ReportDocument {
        let wanted = try wantedPanels(wanted)
        var counts: [[String]: Int64] = [:]
        try await walk(question) { _, path in counts[path, default: 0] += 1 }
        let panels = wanted.map { $0 == "flows" ? flows(counts) : sequences(counts) }
        return ReportDocument(report: name, question: question, panels: panels)
    }

    /// `flow:0|Page Viewed|Product Viewed`: the depth, from and to; `path:…|…|…`: a whole sequence.
    package static func people(at place: ReportPlace, _ question: ReportQuestion) async throws -> [Int64] {
        let parts = place.value.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        var found: [Int64] = []
        switch place.kind {
        case "flow":
            guard parts.count == 3, let depth = Int(parts[0]), depth >= 0 else { break }
            var counts: [[String]: Int64] = [:]
            try await walk(question) { _, path in counts[path, default: 0] += 1 }
            let kept = branches(counts)
            try await walk(question) { person, path in
                guard path.count > depth + 1 else { return }
                let (from, to) = (kept.name(path[depth], at: depth), kept.name(path[depth + 1], at: depth + 1))
                if from == parts[1], to == parts[2] { found.append(person) }
            }
            return found
        case "path":
            try await walk(question) { person, path in if path == parts { found.append(person) } }
            return found
        default: break
        }
        throw ReportError.unknownPlace(place.description)
    }

    // MARK: Reading

    private static func walk(
        _ question: ReportQuestion, _ take: (_ person: Int64, _ path: [String]) -> Void
    ) async throws {
        let start = try question.event("start")
        let ofPages = question.text("what") == "pages"
        let what: AnalyticsSQL = ofPages ? VisitQuery.page : "toString(name)"
        let days = ReportEvents.days(question.period.first, question.period.last)
        let condition: AnalyticsSQL =
            ofPages
            ? "\(ReportEvents.views) AND \(ReportEvents.acts) AND \(days)"
            : "\(ReportEvents.acts) AND \(days)"
        let common = try await question.analytics.query(
            "SELECT \(what) AS what, toInt64(count()) AS c FROM events WHERE \(condition) "
                + "GROUP BY what ORDER BY c DESC, what LIMIT \(namesMax)", limits: question.limits)
        let names = try common.strings(0)
        guard !names.isEmpty else { return }
        let all = try common.ints(1).reduce(0, +)
        let walk = PathWalk(
            depth: Int(question.whole("depth")), isBackwards: question.text("direction") == "previous",
            pauseMilliseconds: pauseMilliseconds)
        let inner: AnalyticsSQL = """
            SELECT profile_id, ts_ms AS moment, toInt64(position) AS place, toInt64(indexOf([\(list: names)], \(what))) AS what,
                toInt64(if(\(start.sql(question.clock)), 1, 0)) AS begins
            FROM events WHERE \(condition)
            """
        let resolved = ReportEvents(question: question).resolved(inner, columns: ["moment", "place", "what", "begins"])
        let parts = all / partEvents + 1
        for part in 0..<parts {
            try Task.checkCancellation()
            let share: AnalyticsSQL = parts == 1 ? "1 = 1" : "intHash32(pid) % \(parts) = \(part)"
            let table = try await question.analytics.query(
                "SELECT pid, moment, what, begins FROM (\(resolved)) WHERE \(share) ORDER BY pid, moment, place",
                limits: QueryLimits(seconds: ReportQuestion.seconds, memoryBytes: 4_000_000_000, rows: 20_000_000))
            let (people, times) = (try table.ints(0), try table.ints(1))
            let (codes, begins) = (try table.ints(2), try table.ints(3))
            var first = 0
            while first < people.count {
                var end = first
                while end < people.count, people[end] == people[first] { end += 1 }
                let events = (first..<end).map {
                    PathWalk.Event(time: times[$0], name: codes[$0], isStart: begins[$0] != 0)
                }
                if let path = walk.path(events) {
                    take(
                        people[first],
                        path.map { $0 == PathWalk.end ? leaving : $0 == 0 ? other : names[Int($0) - 1] })
                }
                first = end
            }
        }
    }

    // MARK: Panels

    /// The names that are shown at each depth; the others stand together.
    private struct Branches {
        var kept: [Set<String>]

        func name(_ name: String, at depth: Int) -> String {
            name == PathsReport.leaving || (depth < kept.count && kept[depth].contains(name)) ? name : PathsReport.other
        }
    }

    private static func branches(_ counts: [[String]: Int64]) -> Branches {
        var byDepth: [[String: Int64]] = []
        for (path, people) in counts {
            for (depth, name) in path.enumerated() where name != leaving {
                while byDepth.count <= depth { byDepth.append([:]) }
                byDepth[depth][name, default: 0] += people
            }
        }
        return Branches(
            kept: byDepth.map { counts in
                Set(
                    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(branchesMax).map(\.key))
            })
    }

    private struct Flow: Hashable {
        var depth: Int
        var from: String
        var to: String
    }

    private static func flows(_ counts: [[String]: Int64]) -> ReportPanel {
        let kept = branches(counts)
        var flows: [Flow: Int64] = [:]
        for (path, people) in counts {
            for depth in 0..<max(0, path.count - 1) {
                let flow = Flow(
                    depth: depth, from: kept.name(path[depth], at: depth), to: kept.name(path[depth + 1], at: depth + 1)
                )
                flows[flow, default: 0] += people
            }
        }
        var panel = ReportPanel("flows")
        panel.chart = .sankey
        panel.labels = ["depth", "from", "to"]
        panel.columns = [.init("people")]
        let sorted = flows.sorted { left, right in
            (left.key.depth, right.value, left.key.from, left.key.to)
                < (right.key.depth, left.value, right.key.from, right.key.to)
        }
        panel.rows = sorted.map { flow, people in
            .init(
                [String(flow.depth), flow.from, flow.to], [Double(people)],
                people: [ReportPlace("flow", "\(flow.depth)|\(flow.from)|\(flow.to)")])
        }
        return panel
    }

    private static func sequences(_ counts: [[String]: Int64]) -> ReportPanel {
        let all = Double(counts.values.reduce(0, +))
        let sorted = counts.sorted { left, right in
            if left.value != right.value { return left.value > right.value }
            return left.key.lexicographicallyPrecedes(right.key)
        }
        var panel = ReportPanel("sequences")
        panel.labels = ["sequence"]
        panel.columns = [.init("people"), .init("share", .percent, isDrawn: false)]
        panel.rows = sorted.prefix(sequencesMax).map { path, people in
            .init(
                [path.joined(separator: " → ")], [Double(people), Double(people) / all],
                people: [ReportPlace("path", path.joined(separator: "|")), nil])
        }
        if sorted.count > sequencesMax { panel.notes = ["sequences_cut"] }
        return panel
    }
}
