import Engine

/// The words of reports in somebody's language. What comes from the data stands as it is.
struct ReportWords {
    let wording: Wording

    init(_ wording: Wording) {
        self.wording = wording
    }

    func title(_ report: String) -> String { wording.known("insight.report_\(report)") ?? report }
    func panel(_ report: String, _ name: String) -> String {
        wording.known("insight.panel_\(report)_\(name)") ?? wording.known("insight.panel_\(name)") ?? name
    }
    func column(_ name: String) -> String { wording.known("insight.column_\(name)") ?? offset(name) ?? name }
    func choice(_ word: String) -> String { wording.known("insight.choice_\(word)") ?? word }
    /// What events are divided by.
    func division(_ word: String) -> String { wording.known("insight.by_\(word)") ?? word }
    func field(_ name: String) -> String { wording.known("insight.field_\(name)") ?? name }

    /// `W2` in words: two weeks after the beginning.
    private func offset(_ name: String) -> String? {
        guard name.count > 1, let step = name.first, "DWM".contains(step), Int(name.dropFirst()) != nil else {
            return nil
        }
        return wording.text("insight.offset_\(step.lowercased())", ["number": String(name.dropFirst())])
    }

    /// A label of a row: a word of the report, or something in the data.
    func label(_ text: String) -> String {
        if text.isEmpty { return wording.text("insight.nothing") }
        if text.contains(" → ") {
            return text.components(separatedBy: " → ").map { label($0) }.joined(separator: " → ")
        }
        return wording.known("insight.word_\(text)") ?? text
    }

    /// How a figure is counted; nil for one that needs no words.
    func how(_ name: String, in panel: String) -> HowModel? {
        guard wording.known("metric.report_\(name)") != nil else { return nil }
        var how = HowModel("report_\(name)", name: column(name), wording)
        // The same figure stands in several panels of a page.
        how.id = "\(panel)-\(name)".replacing("_", with: "-")
        return how
    }

    func value(_ number: Double?, _ unit: ReportPanel.Unit) -> String {
        guard let number, number.isFinite else { return wording.text("frame.none") }
        switch unit {
        case .count: return wording.number(Int64(number.rounded()))
        case .decimal: return wording.decimal(number, digits: 2)
        case .percent: return wording.percent(number)
        case .money: return wording.money(Int64(number.rounded()))
        case .days: return wording.text("insight.days", ["days": wording.decimal(number, digits: 1)])
        case .seconds: return seconds(number)
        }
    }

    private func seconds(_ number: Double) -> String {
        let whole = Int64(number.rounded())
        guard whole >= 60 else { return wording.text("insight.seconds", ["seconds": wording.number(whole)]) }
        guard whole >= 3_600 else {
            return wording.text(
                "insight.minutes", ["minutes": wording.number(whole / 60), "seconds": wording.number(whole % 60)])
        }
        guard whole >= 172_800 else {
            return wording.text("insight.hours", ["hours": wording.decimal(number / 3_600, digits: 1)])
        }
        return wording.text("insight.days", ["days": wording.decimal(number / 86_400, digits: 1)])
    }

    /// Places whose values begin with a step of time.
    private static let grouped: Set<String> = ["cohort", "cell"]
    private static let timed: Set<String> = ["step", "began", "completed", "cohort", "cell", "state"]

    /// Whom a place counts. `groups`: what a report's groups of people are called.
    func place(
        _ place: ReportPlace, report: String, _ values: [String: String], groups: [Int64: String] = [:]
    ) -> String {
        // A step of the days before is told by its own day, as any other.
        let place = place.kind == ReportPlace.before ? ReportPlace("step", place.value) : place
        var parts = place.value.split(separator: "/").map { label(String($0)) }
        if Self.grouped.contains(place.kind), let key = place.value.split(separator: "/").first.flatMap({ Int64($0) }),
            let name = groups[key]
        {
            parts[0] = label(name)
        }
        if Self.timed.contains(place.kind), values["by"] ?? "time" == "time",
            let step = parts.first.flatMap({ Int64($0) })
        {
            // Cohorts of buyers are of a month, whatever the trend beside them is divided by.
            let isMonth = report == PurchasesReport.name && place.kind == "cohort"
            let time: ReportStep = isMonth ? .month : ReportStep(rawValue: values["step"] ?? "") ?? .day
            parts[0] = step < 0 ? wording.text("insight.everybody") : time.text(step)
        }
        var value = parts.joined(separator: " · ")
        if place.kind == "hour" {
            let parts = place.value.split(separator: "-").map(String.init)
            value = parts.count == 2 ? label("weekday_\(parts[0])") + " " + parts[1] + ":00" : place.value
        }
        let key = wording.known("insight.place_\(report)_\(place.kind)") == nil ? place.kind : "\(report)_\(place.kind)"
        guard wording.known("insight.place_\(key)") != nil else { return title(report) + " · " + place.description }
        return wording.text("insight.place_\(key)", ["value": value])
    }

    func problem(_ error: ReportError) -> String {
        switch error {
        case .unknownReport, .unknownPanel, .unknownPlace: return wording.text("insight.error_unknown")
        case .unknownSegment: return wording.text("insight.error_segment")
        case .badParameter(let name, let given, let expected):
            return wording.text(
                "insight.error_parameter", ["name": field(name), "given": given, "expected": expected])
        case .periodTooLong(let days, let limit):
            return wording.text(
                "insight.error_period",
                ["days": wording.number(Int64(days)), "limit": wording.number(Int64(limit))])
        case .badEvents(let name, let error):
            let language = CriteriaLanguage(wording.language)
            return wording.text(
                "insight.error_events",
                ["name": field(name), "issues": error.issues.map { $0.text(language) }.joined(separator: "; ")])
        }
    }
}
