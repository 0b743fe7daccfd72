import Engine
import Science

/// What a mark is called, and what time it is about, in words.
struct MarkWords {
    let title: String
    let time: String

    /// With the names of groups that the mark's report divides people into, and of what the mark is about. Throws:
    /// `StorageError`; `PageFailure.notFound` where that is gone.
    static func load(_ mark: Mark, _ request: PageRequest) async throws -> MarkWords {
        if let name = try await subject(of: mark, request) { return MarkWords(mark, request, subject: name) }
        guard case .report(RetentionReport.name, let values, _) = mark, let by = values["by"] else {
            return MarkWords(mark, request)
        }
        let names = try await request.platform.store.read { try RetentionReport.groupNames(by: by, $0) }
        return MarkWords(mark, request, groups: names ?? [:])
    }

    /// What a template, a journey, a broadcast or a benefit is called; nil of marks that are about none.
    private static func subject(of mark: Mark, _ request: PageRequest) async throws -> String? {
        let language = request.wording.language
        return try await BehindPage.found(request) {
            try await request.platform.store.read { connection in
                switch mark {
                case .variant(let people): try MessageTemplates.get(people.templateID, connection).name
                case .reach(let people):
                    switch people.subject {
                    case .journey(let id): try Journeys.get(id, connection).name
                    case .broadcast(let id): try Broadcasts.get(id, connection).name
                    case .benefit(let tier, let code):
                        try TierLadders.current(connection)?.ladder.tier(tier)?.benefits.first { $0.code == code }?
                            .name(language) ?? code
                    }
                default: nil
                }
            }
        }
    }

    init(_ mark: Mark, _ request: PageRequest, groups: [Int64: String] = [:], subject: String = "") {
        let wording = request.wording
        let calendar = request.workspace.calendar
        func day(_ day: Int64) -> String { wording.date(calendar.start(ofDay: day)) }
        func span(_ period: ReportPeriod) -> String {
            wording.text("behind.span", ["from": day(period.first), "to": day(period.last)])
        }
        func span(_ since: Timestamp, _ until: Timestamp) -> String {
            wording.text("behind.span", ["from": wording.dateTime(since), "to": wording.dateTime(until)])
        }
        func stage(_ stage: LifecycleStage?) -> String { StageWords.name(stage?.rawValue, wording) }
        func named(_ values: [String: String] = [:]) -> String {
            wording.text("behind.\(MarkAddress.kind(mark))", values)
        }
        switch mark {
        case .people(let last), .identified(let last):
            title = named()
            time = wording.text("behind.through", ["date": day(last)])
        case .new(let period), .active(let period), .buyers(let period), .repeatBuyers(let period):
            title = named()
            time = span(period)
        case .firstSeen(let range), .ordered(let range):
            title = named()
            time = span(range.lowerBound, range.upperBound)
        case .merged(let since), .conflicts(let since):
            title = named()
            time = wording.text("behind.since", ["date": wording.dateTime(since)])
        case .stage(let one, let moment):
            title = named(["stage": stage(one)])
            time =
                moment.map { wording.text("behind.at", ["date": wording.dateTime($0)]) } ?? wording.text("behind.now")
        case .reckoned(let one, let asOf):
            title = wording.text("behind.stage", ["stage": stage(one)])
            time = wording.text("behind.reckoned", ["date": day(asOf)])
        case .moved(let from, let to, let since, let until):
            title =
                from == nil
                ? wording.text("behind.arrived", ["to": stage(to)])
                : named(["from": stage(from), "to": stage(to)])
            time = span(since, until)
        case .model(let version, let from, let to):
            title = named(["from": stage(from), "to": stage(to)])
            time = wording.text("behind.version", ["version": String(version)])
        case .rfm(let selection, let settings, let asOf):
            title = MarkWords.cell(selection, wording)
            time = RFMMethod.words(settings, wording) + " · " + wording.text("behind.through", ["date": day(asOf)])
        case .report(let name, let values, let place):
            title = ReportWords(wording).place(place, report: name, values, groups: groups)
            time = wording.text("behind.span", ["from": values["from"] ?? "", "to": values["to"] ?? ""])
        case .experiment(let people):
            title = wording.text(
                people.metric == nil ? "behind.experiment" : "behind.experiment_metric", ["variant": people.variant])
            time = wording.text("behind.now") + (people.group.map { " · \($0)" } ?? "")
        case .variant(let people):
            title = wording.text(
                people.convertedDays == nil ? "behind.variant" : "behind.variant_converted",
                ["variant": people.variant, "template": subject])
            time = MarkWords.window(people.convertedDays, wording)
        case .reach(let people):
            let isConverted = people.convertedDays != nil
            title = wording.text(
                "behind.reach_\(people.side.rawValue)" + (isConverted ? "_converted" : ""), ["name": subject])
            time = MarkWords.window(people.convertedDays, wording)
        case .channel(let people):
            title = wording.text("behind.channel_\(people.what.rawValue)", ["code": people.code])
            time = people.day.map(day) ?? span(people.period)
        case .rfmMoved(let from, let to, let settings, let start, let end):
            title = named(["from": MarkWords.place(from, wording), "to": MarkWords.place(to, wording)])
            time = RFMMethod.words(settings, wording) + " · " + span(ReportPeriod(first: start, last: end))
        }
    }

    /// So far, or what was done within so many days.
    private static func window(_ days: Int64?, _ wording: Wording) -> String {
        let now = wording.text("behind.now")
        guard let days else { return now }
        return now + " · " + wording.text("behind.within", count: days)
    }

    /// A class, or outside the window.
    static func place(_ code: String?, _ wording: Wording) -> String {
        ClassWords.name(code, wording) ?? wording.text("rfm.outside")
    }

    private static func cell(_ selection: RFMSelection, _ wording: Wording) -> String {
        if let code = selection.code { return ClassWords.name(code, wording) ?? code }
        let scores = [("R", selection.recency), ("F", selection.frequency)].compactMap { letter, score in
            score.map { "\(letter) \($0)" }
        }
        return scores.isEmpty ? wording.text("rfm.customers") : scores.joined(separator: " · ")
    }
}
