import Storage

extension Tags {
    /// Throws: `TagError.notFound`, `StorageError`.
    package static func get(_ id: Int64, _ connection: any SQLConnection) throws -> Tag {
        guard let tag = try stored(id, connection) else { throw TagError.notFound(id) }
        return tag
    }

    static func stored(_ id: Int64, _ connection: any SQLConnection) throws -> Tag? {
        try connection.first(
            "SELECT \(raw: Tag.columns) FROM tags WHERE id = \(id) AND deleted_ms IS NULL"
        ).map(Tag.init)
    }

    /// All of them, parents before their children, siblings by rank. Throws: `StorageError`.
    package static func list(_ connection: any SQLConnection) throws -> [(tag: Tag, level: Int)] {
        let tags = try connection.query(
            "SELECT \(raw: Tag.columns) FROM tags WHERE deleted_ms IS NULL"
        ).map(Tag.init)
        let children = Dictionary(grouping: tags, by: \.parentID)
        var ordered: [(tag: Tag, level: Int)] = []
        func walk(_ parent: Int64, _ level: Int) {
            for tag in (children[parent] ?? []).sorted(by: { ($0.rank, $0.id) < ($1.rank, $1.id) }) {
                ordered.append((tag, level))
                if level < depth { walk(tag.id, level + 1) }
            }
        }
        walk(0, 0)
        return ordered
    }

    /// Definitions that ask for it. Throws: `StorageError`.
    package static func usedBy(_ id: Int64, _ connection: any SQLConnection) throws -> [SegmentUse] {
        let tree = try TagTree.load(connection)
        return try DefinitionUses.find(connection) { $0.tags.contains { tree.standing($0) == id } }
            + Journeys.uses(of: .tag(id), connection)
    }

    /// The tags of one person, by their place in the tree, with since when. Throws: `StorageError`.
    package static func of(
        _ profileID: Int64, _ connection: any SQLConnection
    ) throws -> [(tag: Tag, path: String, sinceMS: Int64)] {
        let rows = try connection.query("SELECT tag_id, since_ms FROM profile_tags WHERE profile_id = \(profileID)")
        guard !rows.isEmpty else { return [] }
        let tree = try TagTree.load(connection)
        let found = try rows.compactMap { row in
            try stored(row.int(0), connection).map { ($0, tree.path(of: $0.id), try row.int(1)) }
        }
        return found.sorted { ($0.1, $0.0.id) < ($1.1, $1.0.id) }
    }

    /// How many people have it now. Throws: `StorageError`.
    package static func count(_ id: Int64, _ connection: any SQLConnection) throws -> Int64 {
        try connection.first("SELECT count(*) FROM profile_tags WHERE tag_id = \(id)")?.int(0) ?? 0
    }

    /// How many people have at least one of the tags now: of a tag and of all below it. Throws: `StorageError`.
    package static func count(anyOf ids: [Int64], _ connection: any SQLConnection) throws -> Int64 {
        guard !ids.isEmpty else { return 0 }
        return try connection.first(
            "SELECT count(DISTINCT profile_id) FROM profile_tags WHERE tag_id IN (\(list: ids))"
        )?.int(0) ?? 0
    }

    /// Of every tag that has others below it, how many people have it or one of those, by its id; whoever is not named
    /// has nobody, or nothing below. Throws: `StorageError`.
    package static func countsOfParents(_ connection: any SQLConnection) throws -> [Int64: Int64] {
        let rows = try connection.query(
            """
            WITH RECURSIVE below(above, id) AS (
                SELECT id, id FROM tags
                WHERE deleted_ms IS NULL AND id IN (SELECT parent_id FROM tags WHERE deleted_ms IS NULL)
                UNION ALL
                SELECT b.above, t.id FROM tags t JOIN below b ON t.parent_id = b.id WHERE t.deleted_ms IS NULL
            )
            SELECT b.above, count(DISTINCT p.profile_id) FROM below b JOIN profile_tags p ON p.tag_id = b.id
            GROUP BY b.above
            """)
        return Dictionary(uniqueKeysWithValues: try rows.map { (try $0.int(0), try $0.int(1)) })
    }

    /// Holders of at least one of the tags after an id, ascending, since when they have the first of them.
    /// Throws: `StorageError`.
    package static func holders(
        anyOf ids: [Int64], after: Int64 = 0, limit: Int, _ connection: any SQLConnection
    ) throws -> [(profileID: Int64, sinceMS: Int64)] {
        guard !ids.isEmpty else { return [] }
        return try connection.query(
            """
            SELECT profile_id, min(since_ms) FROM profile_tags
            WHERE tag_id IN (\(list: ids)) AND profile_id > \(after)
            GROUP BY profile_id ORDER BY profile_id LIMIT \(limit)
            """
        ).map { (try $0.int(0), try $0.int(1)) }
    }

    /// Holders after an id, ascending. Throws: `StorageError`.
    package static func holders(
        _ id: Int64, after: Int64 = 0, limit: Int, _ connection: any SQLConnection
    ) throws -> [(profileID: Int64, sinceMS: Int64)] {
        try connection.query(
            """
            SELECT profile_id, since_ms FROM profile_tags WHERE tag_id = \(id) AND profile_id > \(after)
            ORDER BY profile_id LIMIT \(limit)
            """
        ).map { (try $0.int(0), try $0.int(1)) }
    }

    /// What happened to the tags of a person and everyone merged into them, newest first. `before`: a row's id.
    /// Throws: `ProfileError.notFound`, `StorageError`.
    package static func changes(
        of profileID: Int64, before: Int64? = nil, limit: Int, _ connection: any SQLConnection
    ) throws -> [TagChange] {
        let living = try ProfileDetail.resolve(profileID, connection)
        let ids = [living] + (try ProfileDetail.mergedIDs(into: living, connection))
        return try connection.query(
            """
            SELECT c.id, c.tag_id, t.name, t.colour, c.given, c.at_ms, c.cause, c.detail FROM tag_changes c
            JOIN tags t ON t.id = c.tag_id
            WHERE c.profile_id IN (\(list: ids)) AND c.id < \(before ?? .max) ORDER BY c.id DESC LIMIT \(limit)
            """
        ).map(TagChange.init)
    }
}

/// One line of a person's history of tags.
package struct TagChange: Sendable, Equatable {
    package var id: Int64
    package var tagID: Int64
    /// Also of tags that are gone.
    package var name: String
    package var colour: TagColour
    package var isGiven: Bool
    package var atMS: Int64
    package var cause: TagCause

    init(_ row: SQLRow) throws {
        id = try row.int(0)
        tagID = try row.int(1)
        name = try row.text(2)
        colour = TagColour(rawValue: try row.text(3)) ?? .grey
        isGiven = try row.int(4) == 1
        atMS = try row.int(5)
        cause = TagCause(TagCause.Kind(rawValue: try row.text(6)) ?? .hand, try row.text(7))
    }
}
