import Engine
import Foundation
import Storage

/// One segment: how it is made, how large it is, who is in it, and why somebody is or is not.
struct SegmentModel: PageModel {
    struct Use: Encodable, Sendable {
        var href: String
        var name: String
    }

    var id: String
    var kind: String
    var description: String?
    var words: String?
    var isBuilding: Bool
    var isDynamic: Bool
    var isList: Bool
    var figures: [FigureModel]
    var growth: ChartModel?
    var uses: [Use]
    var hasUses: Bool
    var person: String
    var mayManage: Bool
    var mayExport: Bool
    var problem: String?
}

/// How large it is, looked at again while it is being filled.
struct SegmentStandingModel: PageModel {
    var id: String
    var isBuilding: Bool
    var isFilled: Bool
    var figures: [FigureModel]
    var growth: ChartModel?
}

/// A page of its people.
struct SegmentPeopleModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var initial: String
        var entered: String
        var explain: String
    }

    var rows: [Row]
    var isEmpty: Bool
    var isFirst: Bool
    var next: String?
}

/// Why one person is in or out.
struct ExplanationModel: PageModel {
    struct Line: Encodable, Sendable {
        var words: String
        var finding: String?
        var tone: String
        var icon: String
        var state: String
        /// Levels below the first.
        var depth: String
    }

    var problem: String?
    var verdict: String?
    var tone: String
    var lines: [Line]
}

enum SegmentPage {
    private static let rows = 20
    private static let days: Int64 = 120

    static func show(_ request: PageRequest) async throws -> Reply { try await answer(request) }

    static func answer(_ request: PageRequest, problem: String? = nil) async throws -> Reply {
        let id = try request.id("segment")
        let (segment, uses, sizes, world, everybody) = try await found {
            try await request.platform.store.read { connection in
                (
                    try Segments.get(id, connection), try Segments.usedBy(id, connection),
                    try Segments.sizes(id, days: days, connection), try CriteriaWorld.load(connection),
                    try SegmentPreview.everybody(connection)
                )
            }
        }
        let phrases = CriteriaPhrases(CriteriaLanguage(request.wording.language), world)
        let model = SegmentModel(
            id: String(id), kind: request.text("segment.kind_\(segment.kind.rawValue)"),
            description: segment.description.isEmpty ? nil : segment.description,
            words: segment.criteriaTree?.words(phrases), isBuilding: segment.isBuilding,
            isDynamic: segment.kind == .dynamic, isList: segment.kind == .list,
            figures: figures(segment, everybody, request),
            growth: growth(sizes, request),
            uses: uses.map { SegmentModel.Use(href: href(of: $0), name: $0.name) }, hasUses: !uses.isEmpty,
            person: request.query.text("person"), mayManage: request.user.role.may(.manageSegments),
            mayExport: request.user.role.may(.exportPeople), problem: problem)
        return .page(
            Page(
                "segments/one", title: segment.name, crumbs: [Crumb(request.text("segment.title"), "/segments")],
                model: model, status: problem == nil ? .ok : .conflict, hasCharts: true))
    }

    /// Its size day by day; nil while there is nothing to draw.
    private static func growth(_ sizes: [(day: Int64, size: Int64)], _ request: PageRequest) -> ChartModel? {
        let chart = ChartModel(
            .line, title: request.text("segment.size_over_time"), axis: request.text("segment.day"), unit: .count,
            categories: sizes.map { LocalCalendar.text(ofDay: $0.day) },
            series: [ChartModel.Series(name: request.text("segment.people"), values: sizes.map { Double($0.size) })])
        return chart.isEmpty ? nil : chart
    }

    private static func figures(_ segment: Segment, _ everybody: Int64, _ request: PageRequest) -> [FigureModel] {
        let wording = request.wording
        let share = everybody > 0 ? Double(segment.size) / Double(everybody) : 0
        return [
            FigureModel(request.text("segment.people"), wording.number(segment.size)),
            FigureModel(request.text("segment.share"), wording.percent(share)),
            FigureModel(
                request.text("segment.updated"),
                wording.shortDate(Timestamp(milliseconds: segment.updatedMS), now: request.now)),
        ]
    }

    /// The figures alone, for a page that waits for them; with them what is told of its people, once all are there.
    static func standing(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("segment")
        let (segment, everybody, sizes) = try await found {
            try await request.platform.store.read { connection in
                let segment = try Segments.get(id, connection)
                return (
                    segment, try SegmentPreview.everybody(connection),
                    segment.isBuilding ? [] : try Segments.sizes(id, days: days, connection)
                )
            }
        }
        return .panel(
            template: "segments/standing",
            model: SegmentStandingModel(
                id: String(id), isBuilding: segment.isBuilding, isFilled: !segment.isBuilding,
                figures: figures(segment, everybody, request), growth: growth(sizes, request)))
    }

    /// The page of a definition that uses something.
    static func href(of use: SegmentUse) -> String {
        switch use.kind {
        case "tag": "/tags/\(use.id)"
        case "score": "/scores/\(use.id)"
        case "dashboard": "/dashboards/\(use.id)"
        case "experiment": "/experiments/\(use.id)"
        case "program": "/program/versions/\(use.id)"
        case "journey": "/journeys/\(use.id)"
        case "broadcast": "/broadcasts/\(use.id)"
        case "webhook": "/settings/webhooks/\(use.id)"
        default: "/segments/\(use.id)"
        }
    }

    static func people(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("segment")
        let after = request.query.int("after") ?? 0
        let (members, names) = try await request.platform.store.read { connection in
            let members = try Segments.members(id, after: after, limit: rows + 1, connection)
            return (members, try PeopleByID.load(members.prefix(rows).map(\.profileID), connection))
        }
        let entered = Dictionary(members.map { ($0.profileID, $0.enteredMS) }) { first, _ in first }
        let model = SegmentPeopleModel(
            rows: names.map { person in
                let name = PersonName(person, request.wording)
                return SegmentPeopleModel.Row(
                    href: "/people/\(person.id)", name: name.text, initial: name.initial,
                    entered: request.wording.shortDate(
                        Timestamp(milliseconds: entered[person.id] ?? 0), now: request.now),
                    explain: "/segments/\(id)/explain?person=\(person.id)")
            }, isEmpty: members.isEmpty, isFirst: after == 0,
            next: members.count > rows ? names.last.map { "/segments/\(id)/people?after=\($0.id)" } : nil)
        return .panel(template: "segments/people", model: model)
    }

    static func explain(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("segment")
        let text = request.query.text("person").trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty else {
            return .panel(template: "segments/explain", model: ExplanationModel(tone: "", lines: []))
        }
        do {
            let person = try await request.platform.store.read {
                try ProfileList.load(ProfileFilter(search: text), limit: 1, $0)
            }.profiles.first
            guard let person else { throw ProfileError.notFound(0) }
            let language = CriteriaLanguage(request.wording.language)
            let told = try await SegmentExplanation.explain(person.id, in: id, language, request.platform)
            var lines: [ExplanationModel.Line] = []
            flatten(told, depth: 0, request, &lines)
            let name = PersonName(person, request.wording).text
            return .panel(
                template: "segments/explain",
                model: ExplanationModel(
                    verdict: request.text(told.holds ? "segment.is_in" : "segment.is_out", ["name": name]),
                    tone: told.holds ? "good" : "warn", lines: lines))
        } catch is ProfileError {
            return .panel(
                template: "segments/explain",
                model: ExplanationModel(problem: request.text("segment.nobody_found"), tone: "", lines: []))
        }
    }

    private static func flatten(
        _ node: SegmentExplanation, depth: Int, _ request: PageRequest, _ lines: inout [ExplanationModel.Line]
    ) {
        lines.append(
            ExplanationModel.Line(
                words: node.words,
                finding: node.finding.isEmpty ? nil : request.text("segment.found", ["value": node.finding]),
                tone: node.holds ? "good" : "bad", icon: node.holds ? "check" : "close",
                state: request.text(node.holds ? "segment.holds" : "segment.fails"), depth: String(min(depth, 6))))
        for part in node.parts { flatten(part, depth: depth + 1, request, &lines) }
    }

    /// Why a definition cannot go: who asks for it.
    static func inUse(_ uses: [SegmentUse], _ request: PageRequest) -> String {
        let names = uses.map(\.name).joined(separator: request.wording.isChinese ? "、" : ", ")
        return request.text("segment.in_use", ["names": names])
    }

    static func delete(_ request: PageRequest) async throws -> Reply {
        let (id, effects, actor, now) = (
            try request.id("segment"), request.platform.effects, request.actor, request.now
        )
        do {
            try await request.platform.store.write { connection in
                let segment = try Segments.get(id, connection)
                try Segments.delete(id, effects: effects, connection)
                try AuditLog.append(
                    actor: actor, action: "segment.delete", subject: "segment:\(id)", detail: segment.name, connection,
                    at: now)
            }
        } catch SegmentError.usedBy(let uses) {
            return try await answer(request, problem: SegmentPage.inUse(uses, request))
        } catch SegmentError.notFound {
            throw PageFailure.notFound
        }
        return .redirect(to: "/segments", notice: "segment.deleted")
    }

    /// Puts the people named in a text on a list, or takes them off.
    static func members(_ request: PageRequest) async throws -> Reply {
        let (id, effects, form) = (try request.id("segment"), request.platform.effects, request.form)
        let words = form.text("people").split { ",;\n\t".contains($0) || $0 == "\r\n" }
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }.prefix(1_000)
        let isRemoval = form.text("verb") == "remove"
        let changed = try await found {
            try await request.platform.store.write { connection in
                let segment = try Segments.get(id, connection)
                guard segment.kind == .list else { throw SegmentError.notFound(id) }
                var ids: [Int64] = []
                for word in words {
                    let found = try ProfileList.load(ProfileFilter(search: word), limit: 1, connection)
                    if let person = found.profiles.first { ids.append(person.id) }
                }
                let changed =
                    isRemoval
                    ? try SegmentLists.take(
                        ids, from: id, named: segment.name, at: effects.now(), effects: effects, connection)
                    : try SegmentLists.put(
                        ids, in: id, named: segment.name, at: effects.now(), effects: effects, connection)
                try SegmentLists.recount(id, at: effects.now(), connection)
                return changed
            }
        }
        return .redirect(to: "/segments/\(id)", notice: changed > 0 ? "segment.changed" : "segment.not_changed")
    }

    static func export(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("segment")
        let file = try await found {
            try await SegmentFile.open(
                id, isHashed: request.query.text("form") == "hashed", by: request.actor, request.platform)
        }
        return .download(name: file.name, type: "text/csv; charset=utf-8", file.body)
    }

    static func found<T>(_ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch SegmentError.notFound { throw PageFailure.notFound }
    }
}
