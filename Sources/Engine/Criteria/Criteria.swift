import Storage

/// The one condition language (docs/criteria.md): who is meant, as a tree.
///
/// Four uses of one definition: `holds` decides for one person in memory, `CriteriaQuery` for all in the analytics store, `words`
/// tells it in Chinese or English, `CriteriaCatalog.form` builds the form of the console. The first two agree on every
/// input. A kind of condition is one file in `Conditions` and one line in `CriteriaCatalog`.
package struct Criteria: Sendable {
    package var root: CriteriaNode

    package static let version: Int64 = 1

    package init(_ root: CriteriaNode) {
        self.root = root
    }

    /// Reads `{"version": 1, "where": {…}}`. Throws: `CriteriaError` with everything that is wrong.
    package init(parsing text: String) throws(CriteriaError) {
        try self.init(json: JSONValue(definition: text, bytesMax: CriteriaLimits.bytes))
    }

    package init(json: JSONValue) throws(CriteriaError) {
        let notes = CriteriaNotes()
        let reader = CriteriaReader(json, "", notes)
        let version = reader.whole("version", in: 1...Int64.max, orElse: Self.version)
        if version != Self.version { notes.add("version", .version(version)) }
        var count = 0
        root = .all([])
        if let body = reader.value("where") {
            root = .read(CriteriaReader(body, "where", notes), depth: 1, &count)
        } else {
            notes.add("where", .missing("where"))
        }
        reader.finish()
        if count > CriteriaLimits.nodes { notes.add("where", .tooMany("conditions", limit: CriteriaLimits.nodes)) }
        guard notes.issues.isEmpty else { throw CriteriaError(issues: notes.issues) }
    }

    package var json: JSONValue { ["version": .integer(Self.version), "where": root.json] }
    package var text: String { json.text() }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        root.holds(for: subject, clock)
    }

    package func words(_ phrases: CriteriaPhrases) -> String { root.words(phrases) }

    /// What has to be known of a person's events.
    package var features: Set<Feature> {
        var features: Set<Feature> = []
        root.visit { condition, _ in features.formUnion(condition.features) }
        return features
    }

    /// Whether the answer can change by time alone; it then does so at midnight of the workspace.
    package var dependsOnTime: Bool {
        var depends = false
        root.visit { condition, _ in depends = depends || condition.dependsOnTime }
        return depends
    }

    package var needsOrders: Bool {
        var needs = false
        root.visit { condition, _ in needs = needs || condition.needsOrders }
        return needs
    }

    /// Whether points or coupons have to be known.
    package var needsHoldings: Bool {
        var needs = false
        root.visit { condition, _ in needs = needs || condition.needsHoldings }
        return needs
    }

    /// Currencies of points that it asks for.
    package var currencies: Set<String> {
        var codes: Set<String> = []
        root.visit { condition, _ in
            if let points = condition as? PointsCondition { codes.insert(points.currency) }
        }
        return codes
    }

    /// Definitions of coupons that it asks for by name.
    package var coupons: Set<Int64> {
        var ids: Set<Int64> = []
        root.visit { condition, _ in
            if let coupons = condition as? CouponsCondition { ids.formUnion(coupons.ids) }
        }
        return ids
    }

    /// Segments that it mentions.
    package var segments: Set<Int64> {
        var ids: Set<Int64> = []
        root.visit { condition, _ in
            if let segment = condition as? SegmentCondition { ids.insert(segment.segmentID) }
        }
        return ids
    }

    /// Tags that it mentions, as written.
    package var tags: Set<Int64> {
        var ids: Set<Int64> = []
        root.visit { condition, _ in
            if let tag = condition as? TagCondition { ids.formUnion(tag.ids) }
        }
        return ids
    }

    /// Models whose scores it asks for.
    package var scores: Set<Int64> {
        var ids: Set<Int64> = []
        root.visit { condition, _ in
            if let score = condition as? ScoreCondition { ids.insert(score.modelID) }
            if let grade = condition as? ScoreGradeCondition { ids.insert(grade.modelID) }
        }
        return ids
    }

    package var cost: Int {
        var cost = 0
        root.visit { condition, _ in cost += condition.cost }
        return cost
    }
}
