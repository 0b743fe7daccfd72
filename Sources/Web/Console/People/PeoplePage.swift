import Engine
import Storage

/// Everybody, searched and filtered, a page at a time.
struct PeopleModel: PageModel {
    var views: ViewBar
    var search: String
    var stages: [Choice]
    var classes: [Choice]
    var sources: [Choice]
    var kinds: [Choice]
    var seen: [Choice]
    var tags: [Choice]
    var segments: [Choice]
    var consents: [ConsentChoice]
    /// Ranges as they were typed.
    var ranges: Ranges
    /// Filters that the small form does not show: kept when another one changes.
    var hidden: [DateRange.Hidden]
    var hasMore: Bool
    var chips: [FilterChip]
    var hasChips: Bool
    var table: TableModel?
    var export: ExportForm?
    var ignored: String?
    /// Nobody was ever collected.
    var isEmpty: Bool
    /// There are people, but none that match.
    var isNothingFound: Bool
    var mayImport: Bool
    var mayExport: Bool

    struct ConsentChoice: Encodable, Sendable {
        var name: String
        var label: String
        var choices: [Choice]
    }

    struct Ranges: Encodable, Sendable {
        var firstFrom: String
        var firstTo: String
        var lastFrom: String
        var lastTo: String
        var spendFrom: String
        var spendTo: String
    }
}

/// The dialog that asks for a file of what a list shows.
struct ExportForm: Encodable, Sendable {
    var list: String
    var query: String
    var back: String
    var columns: [TableModel.ColumnChoice.Box]
    var filters: String

    init(_ list: ListName, _ request: PageRequest) {
        self.list = list.rawValue
        query = ViewBar.query(of: request.query)
        back = request.path + "?" + request.query.query()
        columns = ExportColumns.all(of: list).map {
            TableModel.ColumnChoice.Box(key: $0, title: $0, checked: "checked")
        }
        filters = request.text(query.isEmpty ? "exports.everything" : "exports.as_filtered")
    }
}

enum PeoplePage {
    private static let rows = 50
    private static let seenDays = [1, 7, 30, 90, 365]

    static func show(_ request: PageRequest) async throws -> Reply {
        let asked = ProfileQuery(request.query.pairs, workspace: request.workspace, now: request.now)
        let (query, user) = (request.query, request.user.id)
        let found: (ProfileList, [Source], [SavedView], [String]?, CriteriaWorld)
        do {
            found = try await request.platform.store.read { connection in
                (
                    try ProfileList.load(
                        asked.filter, order: asked.order, cursor: query["cursor"], limit: rows, connection),
                    try Sources.list(connection), try SavedViews.list(.people, for: user, connection),
                    try ListColumns.load("people", of: user, connection), try CriteriaWorld.load(connection)
                )
            }
        } catch ProfileError.badCursor {
            return .redirect(to: "/people?" + query.query(changing: ["cursor": nil]))
        }
        let model = model(
            found.0, asked, sources: found.1, views: found.2, columns: found.3, PeopleGroups(found.4), request)
        return .page(Page("people/page", title: request.text("people.title"), model: model))
    }

    private static func model(
        _ list: ProfileList, _ asked: ProfileQuery, sources: [Source], views: [SavedView], columns: [String]?,
        _ groups: PeopleGroups, _ request: PageRequest
    ) -> PeopleModel {
        let query = request.query
        let isFiltered = asked.filter != ProfileFilter() || query["cursor"] != nil
        let chips = FilterChip.all(request, sources: sources, groups: groups.names)
        let mayExport = request.user.role.may(.exportPeople)
        return PeopleModel(
            views: ViewBar(.people, views: views, everything: request.text("people.everybody"), request),
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
            tags: choices(request, "tag", "tag.any", groups.tags.map(\.id)) { groups.names["tag:" + $0] ?? $0 },
            segments: choices(request, "segment", "segment.any", groups.segments.map(\.id)) {
                groups.names["segment:" + $0] ?? $0
            },
            consents: Consent.channels.map { channel in
                PeopleModel.ConsentChoice(
                    name: "consent_" + channel, label: FilterWords.channel(channel, request.wording),
                    choices: choices(
                        request, "consent_" + channel, "lists.consent_any", ConsentState.allCases.map(\.rawValue)
                    ) { request.text("lists.consent_\($0)") })
            },
            ranges: PeopleModel.Ranges(
                firstFrom: query.text("first_from"), firstTo: query.text("first_to"),
                lastFrom: query.text("last_from"), lastTo: query.text("last_to"),
                spendFrom: query.text("spend_from"), spendTo: query.text("spend_to")),
            hidden: ["sort", "r", "f", "view"].compactMap { name in
                query[name].map { DateRange.Hidden(name: name, value: $0) }
            },
            hasMore: query.pairs.contains { pair in
                !pair.value.isEmpty
                    && ["first_", "last_", "spend_", "consent_", "tag", "segment"].contains { pair.name.hasPrefix($0) }
            },
            chips: chips, hasChips: !chips.isEmpty,
            table: list.profiles.isEmpty
                ? nil : PeopleTable.make(list, asked.order, sources: sources, columns: columns, request),
            export: mayExport ? ExportForm(.people, request) : nil,
            ignored: ignored(asked.ignored, request),
            isEmpty: list.profiles.isEmpty && !isFiltered, isNothingFound: list.profiles.isEmpty && isFiltered,
            mayImport: request.user.role.may(.importData), mayExport: mayExport)
    }

    /// Says which filters could not be understood; nil when all could.
    static func ignored(_ names: [String], _ request: PageRequest) -> String? {
        guard !names.isEmpty else { return nil }
        let said = names.map { FilterWords.say($0, request.query.text($0), request.wording) }
        return request.text("lists.ignored", ["filters": said.joined(separator: " · ")])
    }

    static func choices(
        _ request: PageRequest, _ name: String, _ any: String, _ values: [String], _ title: (String) -> String
    ) -> [Choice] {
        let chosen = request.query.text(name)
        return [Choice("", request.text(any), chosen: chosen)] + values.map { Choice($0, title($0), chosen: chosen) }
    }
}

/// The tags and segments that a list can be narrowed to, with their names.
struct PeopleGroups: Sendable {
    var tags: [(id: String, name: String)]
    var segments: [(id: String, name: String)]
    /// `tag:12` and `segment:7`, as `FilterWords` asks for them.
    var names: [String: String] = [:]

    init(_ world: CriteriaWorld) {
        func sorted(_ all: [Int64: String]) -> [(id: String, name: String)] {
            all.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map { (String($0.key), $0.value) }
        }
        tags = sorted(world.tags.names)
        segments = sorted(world.segments.mapValues(\.name))
        for (id, name) in tags { names["tag:" + id] = name }
        for (id, name) in segments { names["segment:" + id] = name }
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
