import Storage

/// The part of a filter that asks for segments and tags: looked at row by row by their keys, so that a page stays
/// bounded.
struct ProfileGroups {
    private let segmentID: Int64?
    /// The tag and those below it.
    private let tagIDs: [Int64]?

    init(_ filter: ProfileFilter, _ connection: any SQLConnection) throws {
        segmentID = filter.segmentID
        tagIDs = try filter.tagID.map { id in
            let tree = try TagTree.load(connection)
            return tree.standing(id).map(tree.below) ?? []
        }
    }

    var isEmpty: Bool { segmentID == nil && tagIDs == nil }

    /// ` AND …` for a scan; empty when nothing is asked. `id`: the column with the person's id.
    func condition(of id: String) -> SQL {
        var condition: SQL = ""
        if let segmentID {
            condition += """
                 AND EXISTS (SELECT 1 FROM segment_members m
                    WHERE m.segment_id = \(segmentID) AND m.profile_id = \(raw: id))
                """
        }
        if let tagIDs {
            condition +=
                tagIDs.isEmpty
                ? " AND 1 = 0"
                : """
                 AND EXISTS (SELECT 1 FROM profile_tags t
                    WHERE t.profile_id = \(raw: id) AND t.tag_id IN (\(list: tagIDs)))
                """
        }
        return condition
    }

    /// The same for one person. Throws: `StorageError`.
    func accept(_ profileID: Int64, _ connection: any SQLConnection) throws -> Bool {
        try connection.first("SELECT 1 FROM profiles p WHERE p.id = \(profileID)\(condition(of: "p.id"))") != nil
    }
}
