import Engine

/// Who the people of a segment are, beside everybody.
struct SegmentCompositionModel: PageModel {
    struct Row: Encodable, Sendable {
        var words: String
        /// The builder with these people in the segment; nil for whoever may not make one.
        var href: String?
        var people: String
        var share: String
        var shareOfAll: String
        var lift: String
        var isRarer: Bool
    }

    var rows: [Row]
    var isEmpty: Bool
}

enum SegmentCompositionPanel {
    static func show(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("segment")
        let composition = try await SegmentPage.found { try await SegmentComposition.load(id, request.platform) }
        let world = try await request.platform.store.read { try CriteriaWorld.load($0) }
        let phrases = CriteriaPhrases(CriteriaLanguage(request.wording.language), world)
        let (wording, mayManage) = (request.wording, request.user.role.may(.manageSegments))
        let model = SegmentCompositionModel(
            rows: composition.rows.map { row in
                let node = row.criteria.json["where"] ?? [:]
                let both: JSONValue = [
                    "kind": "all", "of": [["kind": "segment", "id": .string(String(id))], node],
                ]
                return SegmentCompositionModel.Row(
                    words: row.criteria.words(phrases),
                    href: mayManage ? SegmentBuilderPage.href(of: both) : nil, people: wording.number(row.people),
                    share: wording.percent(row.found.share), shareOfAll: wording.percent(row.found.shareOfAll),
                    lift: wording.decimal(row.found.lift, digits: 2) + "×", isRarer: row.found.z < 0)
            }, isEmpty: composition.rows.isEmpty)
        return .panel(template: "segments/composition", model: model)
    }
}
