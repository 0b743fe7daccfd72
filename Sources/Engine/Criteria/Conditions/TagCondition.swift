import Storage

/// Tags: `{"kind": "tag", "ids": ["12"]}` holds for whoever has one of them, or one below; `"below": false` looks at these
/// alone. Tags that a rule keeps are put in their place by `Criteria.expanded`; so only manual ones are asked here.
package struct TagCondition: CriteriaCondition {
    package static let kind = "tag"
    package static let form = CriteriaForm("profile", "标签", "Tag", [.init("ids", "tags", "有", "has")])

    package var ids: [Int64]
    package var includesBelow: Bool

    init(ids: [Int64], includesBelow: Bool) {
        self.ids = ids
        self.includesBelow = includesBelow
    }

    package init(_ reader: CriteriaReader) {
        let texts = reader.texts("ids")
        ids = texts.compactMap { Int64($0) }
        if ids.count != texts.count { reader.note("ids", .wrongType(expected: "ids of tags")) }
        includesBelow = true
        if let below = reader.value("below") {
            if let flag = below.boolValue {
                includesBelow = flag
            } else {
                reader.note("below", .wrongType(expected: "true or false"))
            }
        }
    }

    package var json: [String: JSONValue] {
        var members: [String: JSONValue] = ["ids": .array(ids.map { .string(String($0)) })]
        if !includesBelow { members["below"] = false }
        return members
    }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        ids.contains(where: subject.tags.contains)
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        .any(ids.map { compiler.profile("has(tags, \($0))") })
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        phrases.language("有标签\(names(ids, phrases))", "has the tag \(names(ids, phrases))")
    }

    private func names(_ ids: [Int64], _ phrases: CriteriaPhrases) -> String {
        ids.map { id in
            let name = phrases.tags[id] ?? String(id)
            return phrases.language("“\(name)”", "“\(name)”")
        }.joined(separator: phrases.language("或", " or "))
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        let found = ids.filter(subject.tags.contains)
        return found.isEmpty ? phrases.language("没有", "none") : names(found, phrases)
    }

    package func check(_ world: CriteriaWorld, _ note: (_ field: String, CriteriaIssue.Reason) -> Void) {
        for id in ids where world.tags.standing(id) == nil { note("ids", .unknownTag(id)) }
    }

    /// The tags that it asks for, with those below, as they stand now.
    func meant(_ tree: TagTree) -> [Int64] {
        var meant: [Int64] = []
        for id in ids {
            guard let standing = tree.standing(id) else { continue }
            for one in includesBelow ? tree.below(standing) : [standing] where !meant.contains(one) {
                meant.append(one)
            }
        }
        return meant
    }
}
