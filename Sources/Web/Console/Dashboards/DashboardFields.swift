import Engine
import Storage

/// Between a dashboard and the fields of its form.
enum DashboardFields {
    /// The layout that the form says, after what its buttons ask: `move=2:-1`, `remove=2`, `add=1`.
    static func layout(_ form: Fields) -> DashboardLayout {
        var layout = DashboardLayout()
        let (titles, panels) = (form.all("title"), form.all("panel"))
        let (queries, widths) = (form.all("query"), form.all("width"))
        for index in panels.indices where index < queries.count {
            layout.panels.append(
                DashboardPanel(
                    title: index < titles.count ? titles[index] : "", panel: panels[index],
                    query: ViewBar.query(of: Fields(encoded: queries[index])),
                    width: index < widths.count ? Int(widths[index]) ?? 1 : 1))
        }
        change(&layout.panels, form.text("step"), adding: form.text("offer"))
        layout.days = form.text("days").isEmpty ? nil : Int(form.text("days")) ?? 0
        layout.segment = form.int("segment")
        if let cadence = DigestSchedule.Cadence(rawValue: form.text("cadence")) {
            layout.digest = DigestSchedule(
                cadence: cadence, hour: Int(form.int("hour") ?? 8), weekday: Int(form.int("weekday") ?? 1),
                day: Int(form.int("month_day") ?? 1), recipients: recipients(form.text("recipients")))
        }
        return layout
    }

    private static func change(_ panels: inout [DashboardPanel], _ step: String, adding offer: String) {
        let parts = step.split(separator: ":").map(String.init)
        let place = parts.count > 1 ? Int(parts[1]) ?? -1 : -1
        switch parts.first {
        case "up" where panels.indices.contains(place) && place > 0: panels.swapAt(place, place - 1)
        case "down" where panels.indices.contains(place) && place < panels.count - 1:
            panels.swapAt(place, place + 1)
        case "remove" where panels.indices.contains(place): panels.remove(at: place)
        case "add":
            let sides = offer.split(separator: "|", maxSplits: 1).map(String.init)
            if sides.count == 2 { panels.append(DashboardPanel(panel: sides[0], query: sides[1])) }
        default: break
        }
    }

    /// One on each line, or divided by commas; each once.
    private static func recipients(_ text: String) -> [String] {
        var seen: Set<String> = []
        return text.split { $0.isNewline || ",;，； ".contains($0) }.map { $0.lowercased() }
            .filter { seen.insert($0).inserted }
    }

    static func model(
        _ board: Dashboard, segments: [Segment], views: [SavedView], users: [User], revision: String, problem: String?,
        _ request: PageRequest
    ) -> DashboardFormModel {
        let (layout, wording) = (board.layout, request.wording)
        let words = ReportWords(wording)
        let digest = layout.digest ?? DigestSchedule(cadence: .weekly)
        return DashboardFormModel(
            path: "/dashboards/\(board.id)", name: board.name, shared: board.isShared ? "checked" : nil,
            mayShare: request.user.role.may(.exportPeople), days: layout.days.map { String($0) } ?? "",
            segments: DashboardForm.segments(segments, layout.segment, "dashboard.own_people", request),
            rows: layout.panels.enumerated().map { index, panel in
                var plain = panel
                plain.title = ""
                return DashboardFormModel.Row(
                    place: String(index + 1), title: panel.title, usual: BoardPage.title(plain, words),
                    panel: panel.panel, query: panel.query,
                    widths: Dashboards.widths.map {
                        Choice(String($0), request.text("dashboard.width_\($0)"), chosen: String(panel.width))
                    }, up: "up:\(index)", down: "down:\(index)", remove: "remove:\(index)")
            }, isEmpty: layout.panels.isEmpty, offers: offers(views, words, request),
            cadences: ([""] + DigestSchedule.Cadence.allCases.map(\.rawValue)).map {
                Choice(
                    $0, request.text($0.isEmpty ? "dashboard.no_digest" : "dashboard.cadence_\($0)"),
                    chosen: layout.digest?.cadence.rawValue ?? "")
            }, hours: (0...23).map { Choice(String($0), DigestWords.hour($0), chosen: String(digest.hour)) },
            weekdays: (1...7).map {
                Choice(String($0), words.label("weekday_\($0)"), chosen: String(digest.weekday))
            },
            monthDays: (1...DigestSchedule.dayMax).map { Choice(String($0), String($0), chosen: String(digest.day)) },
            recipients: digest.recipients.joined(separator: "\n"),
            known: users.filter { $0.disabledAt == nil }.map(\.email), problem: problem, revision: revision)
    }

    /// Saved reports first, then every panel of every report as it is usually asked.
    private static func offers(
        _ views: [SavedView], _ words: ReportWords, _ request: PageRequest
    ) -> [DashboardFormModel.Group] {
        var groups: [DashboardFormModel.Group] = []
        for view in views {
            let name = Fields(encoded: view.query).text("report")
            guard let report = ReportCatalog.reports.first(where: { $0.name == name }) else { continue }
            groups.append(
                DashboardFormModel.Group(
                    title: request.text("dashboard.saved_as", ["name": view.name]),
                    choices: report.panels.map {
                        Choice($0 + "|" + view.query, view.name + " · " + words.panel(name, $0), chosen: "")
                    }))
        }
        return groups
            + ReportCatalog.reports.map { report in
                DashboardFormModel.Group(
                    title: words.title(report.name),
                    choices: report.panels.map {
                        Choice($0 + "|report=" + report.name, words.panel(report.name, $0), chosen: "")
                    })
            }
    }
}
