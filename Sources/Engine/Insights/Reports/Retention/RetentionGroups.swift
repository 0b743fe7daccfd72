import Storage

/// What cohorts are divided by: the step in which people began, the source they came by, or the tags they have now.
struct RetentionGroups: Sendable {
    private let sources: [Int64: Int64]?
    private let tags: [Int64: [Int64]]?
    private let tree: TagTree

    /// The group of people without a tag.
    static let untagged: Int64 = 0
    static let rowsMax = 50

    init(_ query: RetentionQuery) async throws {
        let by = query.question.text("by")
        sources = by == "source" ? try await query.sources() : nil
        tags = by == "tag" ? try await query.tags() : nil
        tree = by == "tag" ? try await query.question.platform.store.read { try TagTree.load($0) } : TagTree()
    }

    /// Each group once. Who has several tags is in the group of each; a merged tag is the one that it became.
    func groups(of person: Int64, cohort: Int64) -> [Int64] {
        if let sources { return [sources[person] ?? 0] }
        guard let tags else { return [cohort] }
        let standing = Set((tags[person] ?? []).compactMap(tree.standing))
        return standing.isEmpty ? [Self.untagged] : standing.sorted()
    }

    /// What groups are called; nil where they are steps of time.
    static func names(_ question: ReportQuestion) async throws -> [Int64: String]? {
        let by = question.text("by")
        return try await question.platform.store.read { try names(by: by, $0) }
    }

    static func names(by: String, _ connection: any SQLConnection) throws -> [Int64: String]? {
        switch by {
        case "source": return try CriteriaWorld.load(connection).sources
        case "tag": return try TagTree.load(connection).names.merging([untagged: "no_tag"]) { $1 }
        default: return nil
        }
    }

    /// In the order of time or of sources; of tags the largest first.
    static func ordered(
        _ groups: [Int64: RetentionTally.Group], _ question: ReportQuestion
    ) -> [(key: Int64, value: RetentionTally.Group)] {
        let isBySize = question.text("by") == "tag"
        return groups.sorted { one, other in
            isBySize && one.value.people != other.value.people
                ? one.value.people > other.value.people : one.key < other.key
        }
    }
}
