import Engine
import Storage

/// What happened to a person, newest first, a page at a time.
struct TimelineModel: PageModel {
    struct Day: Encodable, Sendable {
        var title: String
        var moments: [Moment]
    }

    struct Moment: Encodable, Sendable {
        var icon: String
        /// `order`, `refund`, `stage`, `identity` or nothing, for the colour.
        var tone: String
        var title: String
        var detail: String?
        var time: String
        var source: String
        var properties: [PersonModel.TraitRow]
        var hasProperties: Bool
    }

    struct Kind: Encodable, Sendable {
        var title: String
        var href: String
        var current: String?
    }

    var id: String
    var kinds: [Kind]
    var days: [Day]
    var next: String?
    var isFirst: Bool
    var isEmpty: Bool
    var isPartial: Bool
}

enum PersonTimeline {
    private static let rows = 40
    private static let shownProperties = 30
    private static let orderEvents = ["Order Completed", "Order Updated", "Order Refunded", "Order Cancelled"]

    static func show(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        let kind = request.query.text("kind")
        let timeline: Timeline
        do {
            timeline = try await Timeline.load(
                of: id, filter(kind), cursor: request.query["cursor"], limit: rows, platform: request.platform)
        } catch ProfileError.notFound {
            throw PageFailure.notFound
        }
        let sources = try await request.platform.store.read { try Sources.list($0) }
        let names = Dictionary(sources.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        var days: [TimelineModel.Day] = []
        for entry in timeline.entries {
            let title = day(entry, request)
            let moment = moment(entry, names, request)
            if days.last?.title == title {
                days[days.count - 1].moments.append(moment)
            } else {
                days.append(TimelineModel.Day(title: title, moments: [moment]))
            }
        }
        let base = "/people/\(id)/timeline"
        let model = TimelineModel(
            id: String(id),
            kinds: ["", "orders", "visits", "traits", "system"].map { one in
                TimelineModel.Kind(
                    title: request.text("person.kind_\(one.isEmpty ? "all" : one)"),
                    href: one.isEmpty ? base : "\(base)?kind=\(one)", current: one == kind ? "true" : nil)
            },
            days: days,
            next: timeline.nextCursor.map { "\(base)?" + request.query.query(changing: ["cursor": $0]) },
            isFirst: request.query["cursor"] == nil, isEmpty: timeline.entries.isEmpty,
            isPartial: timeline.isPartial)
        return .panel(template: "person/timeline", model: model)
    }

    private static func filter(_ kind: String) -> Timeline.Filter {
        switch kind {
        case "orders": Timeline.Filter(names: orderEvents)
        case "visits": Timeline.Filter(kinds: [.page, .screen])
        case "traits": Timeline.Filter(kinds: [.identify, .alias, .unbind, .group])
        case "system": Timeline.Filter(kinds: [.system])
        default: Timeline.Filter()
        }
    }

    private static func day(_ entry: Timeline.Entry, _ request: PageRequest) -> String {
        request.wording.date(Timestamp(milliseconds: entry.timeMS))
    }

    private static func moment(
        _ entry: Timeline.Entry, _ sources: [Int64: String], _ request: PageRequest
    ) -> TimelineModel.Moment {
        let wording = request.wording
        let properties = (try? JSONValue(parsing: entry.properties))?.objectValue ?? [:]
        let look = look(entry)
        return TimelineModel.Moment(
            icon: look.icon, tone: look.tone, title: wording.event(entry.name),
            detail: detail(entry, properties, wording),
            time: wording.timeWithSeconds(Timestamp(milliseconds: entry.timeMS)),
            source: sources[entry.sourceID] ?? wording.text("person.platform"),
            properties: properties.sorted { $0.key < $1.key }.prefix(shownProperties).map {
                PersonModel.TraitRow(name: $0.key, value: String(TraitText.say($0.value).prefix(400)), changed: "")
            },
            hasProperties: !properties.isEmpty)
    }

    private static func look(_ entry: Timeline.Entry) -> (icon: String, tone: String) {
        switch entry.name {
        case "Order Completed", "Order Updated": return ("orders", "moment-order")
        case "Order Refunded", "Order Cancelled": return ("undo", "moment-refund")
        case "Stage Changed": return ("lifecycle", "moment-stage")
        case "Tier Changed", "Tier Notice": return ("tiers", "moment-stage")
        case "RFM Class Changed": return ("rfm", "moment-stage")
        case "Tag Added", "Tag Removed": return ("tag", "moment-stage")
        case "Segment Entered", "Segment Left": return ("segments", "moment-stage")
        case "Score Threshold Reached", "Score Grade Changed": return ("score", "moment-stage")
        case "Experiment Exposed": return ("flask", "moment-stage")
        case "Profiles Merged", "Profiles Unmerged": return ("merge", "moment-identity")
        case let name where name.hasPrefix("Points "): return ("score", "moment-order")
        case "Identity Unlinked", "Identity Relinked": return ("identity", "moment-identity")
        default: break
        }
        switch entry.kind {
        case "page", "screen": return ("page", "")
        case "identify": return ("trait", "moment-identity")
        case "alias", "unbind": return ("identity", "moment-identity")
        default: return ("events", "")
        }
    }

    /// On which channel, about what, and why not.
    private static func message(_ properties: [String: JSONValue], _ wording: Wording) -> String? {
        let channel = properties["channel"]?.stringValue.map { wording.known("message.channel_\($0)") ?? $0 }
        let granted = properties["granted"]?.boolValue.map { wording.text($0 ? "person.granted" : "person.refused") }
        let reason = properties["reason"]?.stringValue.map { wording.known("message.reason_\($0)") ?? $0 }
        let words = [channel, properties["topic"]?.stringValue, granted, reason].compactMap { $0 }
        return words.filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// The one fact of an event that is worth a line.
    private static func detail(
        _ entry: Timeline.Entry, _ properties: [String: JSONValue], _ wording: Wording
    ) -> String? {
        if let to = properties["to"]?.stringValue, entry.name == "Stage Changed" {
            let words = [properties["from"]?.stringValue, to].compactMap { $0 }.map { StageWords.name($0, wording) }
            return words.joined(separator: " → ")
        }
        if entry.name == "Tier Changed" {
            return ["from", "to"].compactMap { properties[$0]?.stringValue }.joined(separator: " → ")
        }
        if entry.name == "RFM Class Changed" {
            let none = wording.text("frame.none")
            let names = ["from", "to"].map { ClassWords.name(properties[$0]?.stringValue, wording) ?? none }
            return names.joined(separator: " → ")
        }
        if entry.kind == "system" {
            switch entry.name {
            case "Experiment Exposed":
                return ["name", "variant"].compactMap { properties[$0]?.stringValue }.joined(separator: " · ")
            case "Tag Added", "Tag Removed": return properties["tag"]?.stringValue
            case "Segment Entered", "Segment Left": return properties["segment"]?.stringValue
            case "Score Threshold Reached":
                return ["model", "threshold"].compactMap { properties[$0]?.stringValue }.joined(separator: " · ")
            case let name where name.hasPrefix("Points "):
                let words = [
                    properties["amount"]?.intValue.map { wording.number($0) }, properties["currency"]?.stringValue,
                ]
                return words.compactMap { $0 }.joined(separator: " ")
            case "Score Grade Changed":
                let grades = ["from", "to"].compactMap { properties[$0]?.stringValue }.joined(separator: " → ")
                return [properties["model"]?.stringValue, grades].compactMap { $0 }.joined(separator: " · ")
            case let name where MessageEvents.all.contains(name): return message(properties, wording)
            default: break
            }
        }
        let amount = (properties["total"] ?? properties["revenue"] ?? properties["amount"])?.doubleValue
        if PersonTimeline.orderEvents.contains(entry.name), let amount {
            let currency = properties["currency"]?.stringValue ?? wording.currency
            let order = properties["order_id"].map(TraitText.say)
            return [Wording.symbol(currency) + wording.decimal(amount, digits: 2), order].compactMap { $0 }
                .joined(separator: " · ")
        }
        for name in ["title", "product_name", "name", "query", "path", "channel"] {
            if let text = properties[name]?.stringValue, !text.isEmpty { return String(text.prefix(120)) }
        }
        return entry.url.isEmpty ? nil : String(entry.url.prefix(120))
    }
}
