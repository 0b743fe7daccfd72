import Engine
import Science

/// Writes a mark as the address of the people behind it, and reads it back.
enum MarkAddress {
    /// What the number on a mark counts, when that is not people.
    enum Counted: String, Sendable {
        case people, orders, profiles, identities
    }

    /// `/behind?mark=moved&…`. With `count`, the page can say when there are more or fewer people than the mark said.
    static func href(_ mark: Mark, count: Int64? = nil, of counted: Counted = .people) -> String {
        var pairs = [("mark", kind(mark))] + parts(mark)
        if let count { pairs.append(("n", String(count))) }
        if counted != .people { pairs.append(("of", counted.rawValue)) }
        return "/behind?" + pairs.map { "\($0.0)=\(Fields.encoded($0.1))" }.joined(separator: "&")
    }

    static func kind(_ mark: Mark) -> String {
        switch mark {
        case .people: "people"
        case .new: "new"
        case .identified: "identified"
        case .active: "active"
        case .buyers: "buyers"
        case .repeatBuyers: "repeat_buyers"
        case .firstSeen: "first_seen"
        case .ordered: "ordered"
        case .merged: "merged"
        case .conflicts: "conflicts"
        case .stage: "stage"
        case .reckoned: "reckoned"
        case .moved: "moved"
        case .model: "model"
        case .rfm: "rfm"
        case .rfmMoved: "rfm_moved"
        case .report: "report"
        case .experiment: "experiment"
        case .variant: "variant"
        case .reach: "reach"
        case .channel: "channel"
        }
    }

    private static func parts(_ mark: Mark) -> [(String, String)] {
        switch mark {
        case .people(let last), .identified(let last): [("to", LocalCalendar.text(ofDay: last))]
        case .new(let period), .active(let period), .buyers(let period), .repeatBuyers(let period):
            [("from", period.firstText), ("to", period.lastText)]
        case .firstSeen(let range), .ordered(let range):
            [("since", text(range.lowerBound)), ("until", text(range.upperBound))]
        case .merged(let since), .conflicts(let since): [("since", text(since))]
        case .stage(let stage, let moment): [("stage", stage.rawValue)] + (moment.map { [("at", text($0))] } ?? [])
        case .reckoned(let stage, let day): [("stage", stage.rawValue), ("day", LocalCalendar.text(ofDay: day))]
        case .moved(let from, let to, let since, let until):
            [("from", from?.rawValue ?? "any"), ("to", to.rawValue), ("since", text(since)), ("until", text(until))]
        case .model(let version, let from, let to):
            [("version", String(version)), ("from", from?.rawValue ?? "none"), ("to", to.rawValue)]
        case .rfm(let selection, let settings, let day):
            RFMMethod.fields(settings) + selectionParts(selection) + [("day", LocalCalendar.text(ofDay: day))]
        case .report(let name, let values, let place):
            [("report", name), ("place", place.description)]
                + values.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        case .experiment(let people):
            [("experiment", String(people.experimentID)), ("variant", people.variant)]
                + [("metric", people.metric), ("by", people.dimension), ("group", people.group)]
                .compactMap { name, value in value.map { (name, $0) } }
        case .variant(let people):
            [("template", String(people.templateID)), ("variant", people.variant)] + days(people.convertedDays)
        case .reach(let people):
            subjectParts(people.subject) + [("side", people.side.rawValue)] + days(people.convertedDays)
        case .channel(let people):
            [
                ("code", people.code), ("what", people.what.rawValue), ("from", people.period.firstText),
                ("to", people.period.lastText),
            ] + (people.day.map { [("day", LocalCalendar.text(ofDay: $0))] } ?? [])
        case .rfmMoved(let from, let to, let settings, let start, let end):
            RFMMethod.fields(settings) + [
                ("from", from ?? "none"), ("to", to ?? "none"), ("start", LocalCalendar.text(ofDay: start)),
                ("end", LocalCalendar.text(ofDay: end)),
            ]
        }
    }

    private static func selectionParts(_ selection: RFMSelection) -> [(String, String)] {
        var parts: [(String, String)] = []
        if let recency = selection.recency { parts.append(("r", String(recency))) }
        if let frequency = selection.frequency { parts.append(("f", String(frequency))) }
        if let code = selection.code { parts.append(("class", code)) }
        return parts
    }

    private static func subjectParts(_ subject: ReachSubject) -> [(String, String)] {
        switch subject {
        case .journey(let id): [("journey", String(id))]
        case .broadcast(let id): [("broadcast", String(id))]
        case .benefit(let tier, let code): [("tier", tier), ("benefit", code)]
        }
    }

    /// Who did what counts, within so many days; all without.
    private static func days(_ days: Int64?) -> [(String, String)] {
        days.map { [("converted", String($0))] } ?? []
    }

    private static func text(_ moment: Timestamp) -> String {
        String(moment.milliseconds)
    }
}

// MARK: Reading

extension MarkAddress {
    /// The mark of an address; nil when it names none. `saved` stands in for a method that words cannot say.
    static func mark(_ query: Fields, saved: RFMSettings) -> Mark? {
        let period = period(query, "from", "to")
        let last = day(query, "to")
        switch query.text("mark") {
        case "people": return last.map { .people(through: $0) }
        case "identified": return last.map { .identified(through: $0) }
        case "new": return period.map { .new($0) }
        case "active": return period.map { .active($0) }
        case "buyers": return period.map { .buyers($0) }
        case "repeat_buyers": return period.map { .repeatBuyers($0) }
        case "first_seen": return range(query).map { .firstSeen($0) }
        case "ordered": return range(query).map { .ordered($0) }
        case "merged": return moment(query, "since").map { .merged(since: $0) }
        case "conflicts": return moment(query, "since").map { .conflicts(since: $0) }
        case "stage": return stage(query, "stage").map { .stage($0, at: moment(query, "at")) }
        case "reckoned":
            guard let stage = stage(query, "stage"), let day = day(query, "day") else { return nil }
            return .reckoned(stage, asOf: day)
        case "moved":
            guard let to = stage(query, "to"), let range = range(query) else { return nil }
            return .moved(from: stage(query, "from"), to: to, since: range.lowerBound, until: range.upperBound)
        case "model":
            guard let version = query.int("version"), let to = stage(query, "to") else { return nil }
            return .model(version: version, from: stage(query, "from"), to: to)
        case "rfm": return rfm(query, saved)
        case "report":
            guard let report = query["report"], let place = query["place"] else { return nil }
            return .report(report, values: ReportFields.values(query), ReportPlace(text: place))
        case "experiment":
            guard let id = query.int("experiment"), let variant = query["variant"] else { return nil }
            return .experiment(
                ExperimentPeople(
                    id, variant: variant, metric: query["metric"], dimension: query["by"], group: query["group"]))
        case "variant":
            guard let id = query.int("template"), let variant = query["variant"] else { return nil }
            return .variant(VariantPeople(id, variant: variant, convertedDays: days(query)))
        case "reach":
            guard let subject = subject(query), let side = ReachPeople.Side(rawValue: query.text("side")) else {
                return nil
            }
            return .reach(ReachPeople(subject, side, convertedDays: days(query)))
        case "channel":
            guard let code = query["code"], let period, let what = ChannelCodePeople.What(rawValue: query.text("what"))
            else { return nil }
            return .channel(ChannelCodePeople(code, what, period, day: day(query, "day")))
        case "rfm_moved":
            guard let days = self.period(query, "start", "end") else { return nil }
            return .rfmMoved(
                from: code(query, "from"), to: code(query, "to"), RFMMethod.settings(query, saved), start: days.first,
                end: days.last)
        default: return nil
        }
    }

    private static func subject(_ query: Fields) -> ReachSubject? {
        if let id = query.int("journey") { return .journey(id) }
        if let id = query.int("broadcast") { return .broadcast(id) }
        guard let tier = query["tier"], let code = query["benefit"] else { return nil }
        return .benefit(tier: tier, code: code)
    }

    /// As near as may be asked.
    private static func days(_ query: Fields) -> Int64? {
        query.int("converted").map { min(max($0, ReachReport.daysRange.lowerBound), ReachReport.daysRange.upperBound) }
    }

    private static func rfm(_ query: Fields, _ saved: RFMSettings) -> Mark? {
        guard let day = day(query, "day") else { return nil }
        func score(_ name: String) -> UInt8? { query.int(name).flatMap { UInt8(exactly: $0) } }
        return .rfm(
            RFMSelection(recency: score("r"), frequency: score("f"), code: query["class"]),
            RFMMethod.settings(query, saved), asOf: day)
    }

    private static func day(_ query: Fields, _ name: String) -> Int64? {
        query[name].flatMap(LocalCalendar.day(fromText:))
    }

    private static func period(_ query: Fields, _ first: String, _ last: String) -> ReportPeriod? {
        guard let first = day(query, first), let last = day(query, last), first <= last else { return nil }
        return ReportPeriod(first: first, last: last)
    }

    private static func moment(_ query: Fields, _ name: String) -> Timestamp? {
        query.int(name).map(Timestamp.init(milliseconds:))
    }

    private static func range(_ query: Fields) -> Range<Timestamp>? {
        guard let since = moment(query, "since"), let until = moment(query, "until"), since <= until else { return nil }
        return since..<until
    }

    private static func stage(_ query: Fields, _ name: String) -> LifecycleStage? {
        query[name].flatMap(LifecycleStage.init(rawValue:))
    }

    private static func code(_ query: Fields, _ name: String) -> String? {
        query[name].flatMap { $0 == "none" ? nil : $0 }
    }
}
