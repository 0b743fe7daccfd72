import Engine
import Storage

/// All segments.
struct SegmentsModel: PageModel {
    struct Row: Encodable, Sendable {
        var id: String
        var href: String
        var name: String
        var kind: String
        var words: String
        var size: String
        var isBuilding: Bool
        var updated: String
    }

    var rows: [Row]
    var isEmpty: Bool
    /// Whether the list looks again by itself: some of it is being filled.
    var isFilling: Bool
    var mayManage: Bool
    var mayCompare: Bool
}

/// How some of them overlap.
struct OverlapModel: PageModel {
    struct Part: Encodable, Sendable {
        /// One for each chosen segment, in their order: an UpSet plot lying down (Lex, Gehlenborg: “UpSet”, 2014).
        var dots: [Dot]
        var names: String
        /// The builder with exactly these people; nil for whoever may not make a segment.
        var href: String?
        var people: String
        /// Of the largest, in hundredths, for the bar.
        var width: String
    }

    struct Dot: Encodable, Sendable {
        var isIn: Bool
    }

    var choices: [Checked]
    /// The columns of dots: a letter and the segment it stands for.
    var columns: [Column]
    var parts: [Part]
    var hasParts: Bool
    /// There are not two to compare.
    var isEmpty: Bool
    var mayManage: Bool
    var problem: String?

    struct Column: Encodable, Sendable {
        var name: String
        var href: String
        var size: String
    }

    struct Checked: Encodable, Sendable {
        var value: String
        var title: String
        var size: String
        var checked: String?
    }
}

enum SegmentsPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let (segments, world) = try await request.platform.store.read {
            (try Segments.list($0), try CriteriaWorld.load($0))
        }
        let phrases = CriteriaPhrases(CriteriaLanguage(request.wording.language), world)
        let model = SegmentsModel(
            rows: segments.map { segment in
                SegmentsModel.Row(
                    id: String(segment.id), href: "/segments/\(segment.id)", name: segment.name,
                    kind: request.text("segment.kind_\(segment.kind.rawValue)"),
                    words: segment.criteriaTree?.words(phrases) ?? segment.description,
                    size: request.wording.number(segment.size), isBuilding: segment.isBuilding,
                    updated: request.wording.shortDate(Timestamp(milliseconds: segment.updatedMS), now: request.now))
            },
            isEmpty: segments.isEmpty, isFilling: segments.contains(where: \.isBuilding),
            mayManage: request.user.role.may(.manageSegments), mayCompare: segments.count > 1)
        return .page(Page("segments/page", title: request.text("segment.title"), model: model))
    }

    static func overlap(_ request: PageRequest) async throws -> Reply {
        let ids = request.query.all("id").compactMap { Int64($0) }
        let segments = try await request.platform.store.read { try Segments.list($0) }
        var overlap: SegmentOverlap?
        var problem: String?
        if !ids.isEmpty {
            do {
                overlap = try await request.platform.store.read { try SegmentOverlap.load(ids, $0) }
            } catch is SegmentError {
                problem = request.text("segment.overlap_choose")
            }
        }
        let mayManage = request.user.role.may(.manageSegments)
        let largest = max(overlap?.parts.first?.people ?? 1, 1)
        let model = OverlapModel(
            choices: segments.map { segment in
                OverlapModel.Checked(
                    value: String(segment.id), title: segment.name, size: request.wording.number(segment.size),
                    checked: ids.contains(segment.id) ? "checked" : nil)
            },
            columns: (overlap?.segments ?? []).map { segment in
                OverlapModel.Column(
                    name: segment.name, href: "/segments/\(segment.id)", size: request.wording.number(segment.size))
            },
            parts: (overlap?.parts ?? []).map { part in
                OverlapModel.Part(
                    dots: (overlap?.segments ?? []).indices.map {
                        OverlapModel.Dot(isIn: part.members.contains($0))
                    },
                    names: part.members.compactMap { overlap?.segments[$0].name }
                        .joined(separator: request.wording.isChinese ? " 且 " : " and "),
                    href: mayManage ? SegmentBuilderPage.href(of: exactly(part, overlap?.segments ?? [])) : nil,
                    people: request.wording.number(part.people),
                    width: Wording.attribute(Double(part.people) * 100 / Double(largest)))
            },
            hasParts: overlap?.parts.isEmpty == false, isEmpty: segments.count < 2, mayManage: mayManage,
            problem: problem)
        return .page(
            Page(
                "segments/overlap", title: request.text("segment.overlap"),
                crumbs: [Crumb(request.text("segment.title"), "/segments")], model: model,
                status: problem == nil ? .ok : .unprocessableContent))
    }

    /// In these segments and in none of the others.
    private static func exactly(_ part: SegmentOverlap.Part, _ segments: [Segment]) -> JSONValue {
        let conditions = segments.indices.map { place -> JSONValue in
            let inside: JSONValue = ["kind": "segment", "id": .string(String(segments[place].id))]
            return part.members.contains(place) ? inside : ["kind": "not", "of": inside]
        }
        return ["kind": "all", "of": .array(conditions)]
    }

    /// The segments that one person is in, on the person's page.
    static func ofPerson(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        let segments = try await request.platform.store.read { try Segments.of(id, $0) }
        return .panel(
            template: "segments/person",
            model: PersonSegmentsModel(
                rows: segments.map { entry in
                    PersonSegmentsModel.Row(
                        href: "/segments/\(entry.segment.id)?person=\(id)#explain", name: entry.segment.name,
                        since: request.wording.shortDate(
                            Timestamp(milliseconds: entry.enteredMS), now: request.now))
                }, isEmpty: segments.isEmpty))
    }
}

struct PersonSegmentsModel: PageModel {
    struct Row: Encodable, Sendable {
        var href: String
        var name: String
        var since: String
    }

    var rows: [Row]
    var isEmpty: Bool
}
