import Engine

/// Turns a panel's facts into figures, a chart and a table in somebody's words.
struct ReportDrawing {
    let report: String
    /// What was asked, for the addresses of people.
    let values: [String: String]
    let request: PageRequest

    private var words: ReportWords { ReportWords(request.wording) }
    /// Bars drawn of a long table.
    private static let barsMax = 12
    private static let shortCharacters = 24
    private static let lessIsBetter: Set<String> = [
        "bounce_rate", "time_to_convert", "repurchase_interval", "dead_clicks", "rage_clicks",
    ]
    private static let countsPeople: Set<String> = [
        "uv", "new_visitors", "returning_visitors", "people", "began", "completed", "dropped", "buyers", "new_buyers",
        "cohort_people", "followed", "came_back", "active_people", "click_people", "answer_people", "hit_people",
    ]
    private static let turned = ["change-good": "change-bad", "change-bad": "change-good"]
    /// More is neither better nor worse.
    private static let neutral: Set<String> = ["gini", "top_tenth", "new_revenue", "ip"]

    func model(_ panel: ReportPanel) -> ReportPanelModel {
        let chart = chart(panel)
        let isLine = panel.chart == .line || panel.chart == .area || panel.chart == .heat || panel.chart == .sankey
        let isWide = panel.columns.count > panel.columns.filter(\.isDrawn).count
        let choose = unasked(panel)
        let hasTable = !panel.rows.isEmpty && (chart == nil || isWide || !isLine)
        return ReportPanelModel(
            title: words.panel(report, panel.name), figures: panel.figures.map(figure),
            hasFigures: !panel.figures.isEmpty, chart: chart, heads: panel.labels.map { words.column($0) },
            columns: panel.columns.map {
                .init(title: heading($0), how: $0.isBefore ? nil : words.how($0.name, in: panel.name))
            },
            rows: hasTable ? panel.rows.map(row(panel)) : [], hasTable: hasTable,
            fold: (3...8).contains(panel.columns.count) ? " table-fold" : "",
            isEmpty: choose == nil && panel.figures.isEmpty && (panel.rows.isEmpty || (chart?.isEmpty ?? false)),
            choose: choose,
            notes: panel.notes.map { request.text("insight.note_\($0)") })
    }

    /// What a panel needs to be told before there is something to count.
    private static let needs = ["groups": "by", "distribution": "property"]

    /// What is to be chosen first, where nothing was: not the same as nothing found.
    private func unasked(_ panel: ReportPanel) -> String? {
        guard panel.rows.isEmpty, let need = Self.needs[panel.name], values[need, default: ""].isEmpty else {
            return nil
        }
        return request.wording.known("insight.choose_\(report)_\(panel.name)")
    }

    private func figure(_ figure: ReportPanel.Figure) -> FigureModel {
        let isShare = figure.unit == .percent
        var change = FigureModel.Change(from: figure.before, to: figure.value, isShare: isShare, request.wording)
        if let tone = change?.tone {
            if Self.lessIsBetter.contains(figure.name) { change?.tone = Self.turned[tone] ?? tone }
            if Self.neutral.contains(figure.name) { change?.tone = "" }
        }
        return FigureModel(
            words.column(figure.name), words.value(figure.value, figure.unit),
            href: figure.people.map { href($0, count(figure.name, figure.value)) },
            change: change,
            how: words.how(figure.name, in: "figures"))
    }

    private func row(_ panel: ReportPanel) -> (ReportPanel.Row) -> ReportPanelModel.Row {
        { row in
            ReportPanelModel.Row(
                labels: row.labels.map { label in
                    let text = words.label(label)
                    return .init(text: text, tone: text.count > Self.shortCharacters ? "wide" : "nowrap")
                },
                cells: row.values.indices.map { index in
                    let value = row.values[index]
                    let place = index < row.people.count ? row.people[index] : nil
                    return .init(
                        text: text(value, panel.columns[index])
                            + (row.unfinished.contains(index) ? " *" : ""),
                        href: (value ?? 0) > 0 ? place.map { href($0, count(panel.columns[index].name, value)) } : nil)
                })
        }
    }

    private func text(_ value: Double?, _ column: ReportPanel.Column) -> String {
        guard column.name.hasPrefix("is_"), let value else { return words.value(value, column.unit) }
        return request.text(value > 0 ? "frame.yes" : "frame.no")
    }

    private func heading(_ column: ReportPanel.Column) -> String {
        let name = words.column(column.name)
        return column.isBefore ? request.text("insight.before", ["name": name]) : name
    }

    /// What a list of people can be held against: only figures that count people.
    private func count(_ name: String, _ value: Double?) -> Double? {
        Self.countsPeople.contains(name) || name.hasPrefix("state_") ? value : nil
    }

    private func href(_ place: String, _ count: Double?) -> String {
        MarkAddress.href(
            .report(report, values: values, ReportPlace(text: place)), count: count.map { Int64($0.rounded()) })
    }

    // MARK: Charts

    private func chart(_ panel: ReportPanel) -> ChartModel? {
        guard let kind = panel.chart, !panel.rows.isEmpty else { return nil }
        let title = words.panel(report, panel.name)
        let axis = panel.labels.first.map { words.column($0) } ?? ""
        let scale = OverviewPage.scale(request.workspace.currency)
        let unit = ChartModel.Unit(rawValue: panel.unit.rawValue) ?? .decimal
        switch kind {
        case .sankey: return sankey(panel, title)
        case .heat:
            let drawn = panel.columns.indices.filter { panel.columns[$0].isDrawn }
            return ChartModel(
                .heat, title: title, axis: axis, unit: unit,
                categories: drawn.map { words.column(panel.columns[$0].name) },
                series: panel.rows.map { row in
                    .init(
                        name: row.labels.map { words.label($0) }.joined(separator: " · "),
                        values: drawn.map { row.values[$0] }, links: drawn.map { link(row, $0) })
                }, .init(hasLabels: panel.unit == .percent))
        case .funnel:
            let column = panel.columns.firstIndex(where: \.isDrawn) ?? 0
            return ChartModel(
                .funnel, title: title, axis: axis, unit: unit, categories: panel.rows.map(category),
                series: [.init(name: heading(panel.columns[column]), values: panel.rows.map { $0.values[column] })],
                links: panel.rows.map { link($0, column) ?? "" })
        case .bar where intervals(panel) != nil:
            return intervals(panel)
        case .line, .area, .bar, .stack:
            let rows = kind == .bar ? Array(panel.rows.prefix(Self.barsMax)) : panel.rows
            let across = kind == .bar && rows.contains { ($0.labels.first?.count ?? 0) > 6 || $0.labels.count > 1 }
            var places = 0
            let series = panel.columns.indices.filter { panel.columns[$0].isDrawn }.map { index -> ChartModel.Series in
                let column = panel.columns[index]
                if !column.isBefore { places += 1 }
                return .init(
                    name: heading(column), values: rows.map { $0.values[index] },
                    colour: column.isBefore ? "ink-faint" : "chart-\((places - 1) % 6 + 1)", isBefore: column.isBefore,
                    isOpen: rows.last?.unfinished.contains(index) ?? false,
                    links: rows.contains { $0.people.count > index && $0.people[index] != nil }
                        ? rows.map { link($0, index) } : nil)
            }
            return ChartModel(
                ChartModel.Kind(rawValue: kind.rawValue) ?? .bar, title: title, axis: axis, unit: unit,
                categories: rows.map(category), series: series,
                .init(across: across, currencyScale: scale, origin: isLift(panel) ? 1 : 0))
        }
    }

    /// Of a lift more than one is more than usual, and less is less: bars part there.
    private func isLift(_ panel: ReportPanel) -> Bool {
        panel.columns.filter(\.isDrawn).map(\.name) == ["lift"]
    }

    /// Rates with the interval in which each lies: points and lines, where bars from nought would all look alike. Nil
    /// where no interval is told.
    private func intervals(_ panel: ReportPanel) -> ChartModel? {
        guard let drawn = panel.columns.firstIndex(where: \.isDrawn),
            let low = panel.columns.firstIndex(where: { $0.name == "interval_low" }),
            let high = panel.columns.firstIndex(where: { $0.name == "interval_high" })
        else { return nil }
        let across = panel.rows.contains { words.label($0.labels.first ?? "").count > 4 }
        let rows = across ? Array(panel.rows.prefix(Self.barsMax)) : panel.rows
        return ChartModel(
            .interval, title: words.panel(report, panel.name),
            axis: panel.labels.first.map { words.column($0) } ?? "",
            unit: ChartModel.Unit(rawValue: panel.unit.rawValue) ?? .decimal, categories: rows.map(category),
            series: [
                .init(
                    name: heading(panel.columns[drawn]), values: rows.map { $0.values[drawn] }, colour: "chart-1",
                    links: rows.map { link($0, drawn) }, low: rows.map { $0.values[low] },
                    high: rows.map { $0.values[high] })
            ], .init(across: across))
    }

    private func category(_ row: ReportPanel.Row) -> String {
        let text = row.labels.filter { !$0.isEmpty }.map { words.label($0) }.joined(separator: " · ")
        let said = text.isEmpty ? words.label("") : request.wording.chartDay(text)
        return row.unfinished.isEmpty ? said : request.text("insight.so_far", ["step": said])
    }

    private func link(_ row: ReportPanel.Row, _ index: Int) -> String? {
        guard index < row.people.count, let place = row.people[index], (row.values[index] ?? 0) > 0 else { return nil }
        return href(place, nil)
    }

    /// Rows are flows between two labels; the first of each row's labels says how deep it lies.
    private func sankey(_ panel: ReportPanel, _ title: String) -> ChartModel {
        var nodes: [String: Double] = [:]
        var order: [String] = []
        func note(_ id: String, _ value: Double) {
            if nodes[id] == nil { order.append(id) }
            nodes[id] = max(nodes[id] ?? 0, value)
        }
        var sums: [String: Double] = [:]
        for row in panel.rows where row.labels.count == 3 {
            let depth = Int(row.labels[0]) ?? 0
            sums["\(depth)|\(row.labels[1])", default: 0] += row.values[0] ?? 0
            note("\(depth)|\(row.labels[1])", 0)
            note("\(depth + 1)|\(row.labels[2])", row.values[0] ?? 0)
        }
        let flows = panel.rows.compactMap { row -> ChartModel.Flow? in
            guard row.labels.count == 3, let depth = Int(row.labels[0]), let value = row.values[0] else { return nil }
            return .init(
                from: "\(depth)|\(row.labels[1])", to: "\(depth + 1)|\(row.labels[2])", value: value, href: link(row, 0)
            )
        }
        return ChartModel(
            title: title,
            nodes: order.enumerated().map { index, id in
                .init(
                    id: id, name: words.label(String(id.split(separator: "|", maxSplits: 1).last ?? "")),
                    colour: "chart-\(index % 6 + 1)", value: max(nodes[id] ?? 0, sums[id] ?? 0))
            }, flows: flows)
    }
}
