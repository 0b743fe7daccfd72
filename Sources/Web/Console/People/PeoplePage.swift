import Engine
import Storage

/// Everybody, searched and filtered, a page at a time.
struct PeopleModel: PageModel {
    struct Row: Encodable, Sendable {
        var id: String
        var name: String
        /// The name is one we made up for somebody unknown.
        var isAnonymous: Bool
        var initial: String
        var hint: String
        var stage: StageChip?
        var rfmClass: String?
        var orders: String
        var spend: String
        var lastOrder: String
        var lastSeen: String
    }

    struct Sort: Encodable, Sendable {
        var title: String
        var href: String
        var current: String?
    }

    var search: String
    var stages: [Choice]
    var classes: [Choice]
    var sources: [Choice]
    var kinds: [Choice]
    var seen: [Choice]
    var sort: String
    var recency: String
    var frequency: String
    var sorts: [Sort]
    var rows: [Row]
    var next: String?
    var first: String?
    /// Nobody was ever collected.
    var isEmpty: Bool
    /// There are people, but none that match.
    var isNothingFound: Bool
    var isFiltered: Bool
    var mayImport: Bool
}

enum PeoplePage {
    private static let rows = 50
    private static let seenDays = [1, 7, 30, 90, 365]

    static func show(_ request: PageRequest) async throws -> Reply {
        let query = request.query
        let filter = filter(request)
        let order = query["sort"].flatMap(ProfileOrder.init(rawValue:)) ?? .lastSeen
        let (list, sources) = try await request.platform.store.read { connection in
            (
                try ProfileList.load(
                    filter, order: order, cursor: query["cursor"], limit: rows, connection),
                try Sources.list(connection)
            )
        }
        let isFiltered = filter != ProfileFilter() || query["cursor"] != nil
        let model = PeopleModel(
            search: query.text("q"),
            stages: choices(request, "stage", "people.any_stage", StageWords.all) {
                StageWords.name($0, request.wording)
            },
            classes: choices(request, "class", "people.any_class", ClassWords.all) {
                ClassWords.name($0, request.wording) ?? $0
            },
            sources: choices(request, "source", "people.any_source", sources.map { String($0.id) }) { id in
                sources.first { String($0.id) == id }?.name ?? id
            },
            kinds: choices(request, "identified", "people.anyone", ["1", "0"]) {
                request.text($0 == "1" ? "people.known" : "people.anonymous")
            },
            seen: choices(request, "seen", "people.any_time", seenDays.map(String.init)) {
                request.text("people.seen_within", count: Int64($0) ?? 1)
            },
            sort: order.rawValue, recency: query.text("r"), frequency: query.text("f"),
            sorts: ProfileOrder.allCases.map { one in
                PeopleModel.Sort(
                    title: request.text("people.sort_\(one.rawValue)"),
                    href: "/people?" + query.query(changing: ["sort": one.rawValue, "cursor": nil]),
                    current: one == order ? "true" : nil)
            },
            rows: list.profiles.map { row($0, request) },
            next: list.nextCursor.map { "/people?" + query.query(changing: ["cursor": $0]) },
            first: query["cursor"] == nil ? nil : "/people?" + query.query(changing: ["cursor": nil]),
            isEmpty: list.profiles.isEmpty && !isFiltered, isNothingFound: list.profiles.isEmpty && isFiltered,
            isFiltered: isFiltered, mayImport: request.user.role.may(.importData))
        return .page(Page("people/page", title: request.text("people.title"), model: model))
    }

    static func row(_ profile: Profile, _ request: PageRequest) -> PeopleModel.Row {
        let wording = request.wording
        let name = PersonName(profile, wording)
        let lastOrder = profile.lastOrderMS.map {
            wording.shortDate(Timestamp(milliseconds: $0), now: request.now)
        }
        return PeopleModel.Row(
            id: String(profile.id), name: name.text, isAnonymous: name.isAnonymous, initial: name.initial,
            hint: request.text(profile.isIdentified ? "people.known" : "people.anonymous"),
            stage: StageChip(profile.stage, wording), rfmClass: ClassWords.name(profile.rfmClass, wording),
            orders: wording.number(profile.orderCount), spend: wording.money(profile.netSpend),
            lastOrder: lastOrder ?? wording.text("frame.none"),
            lastSeen: wording.ago(Timestamp(milliseconds: profile.lastSeenMS), now: request.now))
    }

    private static func filter(_ request: PageRequest) -> ProfileFilter {
        let query = request.query
        var filter = ProfileFilter()
        func word(_ name: String) -> String? { query[name].flatMap { $0.isEmpty ? nil : $0 } }
        filter.search = word("q")
        filter.stage = word("stage")
        filter.rfmClass = word("class")
        filter.sourceID = query.int("source")
        filter.isIdentified = word("identified").map { $0 == "1" }
        filter.recencyScore = query.int("r")
        filter.frequencyScore = query.int("f")
        if let days = query.int("seen"), (1...36_500).contains(days) {
            let since = request.now.adding(days: -Int(days))
            filter.lastSeen = since..<request.now.adding(days: 1)
        }
        return filter
    }

    private static func choices(
        _ request: PageRequest, _ name: String, _ any: String, _ values: [String], _ title: (String) -> String
    ) -> [Choice] {
        let chosen = request.query.text(name)
        return [Choice("", request.text(any), chosen: chosen)] + values.map { Choice($0, title($0), chosen: chosen) }
    }
}

/// What a person is called: their name, or a friendly stand-in for somebody unknown.
struct PersonName {
    let text: String
    let isAnonymous: Bool
    let initial: String

    init(_ profile: Profile, _ wording: Wording) {
        let known = profile.displayName.flatMap { $0.isEmpty ? nil : $0 }
        isAnonymous = known == nil && !profile.isIdentified
        text =
            known
            ?? wording.text(
                profile.isIdentified ? "people.customer" : "people.visitor", ["number": PersonName.short(profile.id)])
        initial = known.map { String($0.prefix(1)).uppercased() } ?? "·"
    }

    /// Four characters by which two visitors on a page are told apart.
    static func short(_ id: Int64) -> String {
        String(String(id, radix: 36).uppercased().suffix(4))
    }
}
