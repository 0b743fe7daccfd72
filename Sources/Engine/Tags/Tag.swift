import Storage

/// A label of people and how they come by it.
package struct Tag: Sendable, Equatable {
    package var id: Int64
    /// 0: of the first level.
    package var parentID: Int64
    package var name: String
    package var description: String
    package var colour: TagColour
    package var kind: TagKind
    /// The rule as JSON; empty of a manual one.
    package var criteria: String
    /// A person can have only one of its children.
    package var isExclusive: Bool
    /// Place among the children of its parent.
    package var rank: Int64
    package var version: Int64
    package var isBuilding: Bool
    /// As last counted.
    package var size: Int64
    package var createdMS: Int64
    package var updatedMS: Int64
    package var sweptMS: Int64?

    static let columns = """
        id, parent_id, name, description, colour, kind, criteria, exclusive, tag_rank, version, status, size, \
        created_ms, updated_ms, swept_ms
        """

    init(_ row: SQLRow) throws {
        id = try row.int(0)
        parentID = try row.int(1)
        name = try row.text(2)
        description = try row.text(3)
        colour = TagColour(rawValue: try row.text(4)) ?? .grey
        kind = TagKind(rawValue: try row.text(5)) ?? .manual
        criteria = try row.text(6)
        isExclusive = try row.int(7) == 1
        rank = try row.int(8)
        version = try row.int(9)
        isBuilding = try row.text(10) == "building"
        size = try row.int(11)
        createdMS = try row.int(12)
        updatedMS = try row.int(13)
        sweptMS = try row.intOrNil(14)
    }

    /// The rule; nil of a manual tag.
    package var criteriaTree: Criteria? { Criteria.readable(criteria) }

    /// What people change of it.
    package var standing: [String] {
        [name, description, String(parentID), colour.rawValue, criteria, String(isExclusive), String(rank)]
    }

    /// Of its standing. Throws: `EncodingError`.
    package var revision: Revision {
        get throws { try Revision(of: standing) }
    }
}

/// How people come by a tag.
package enum TagKind: String, Sendable, Codable, CaseIterable {
    /// Given and taken: by hand, in bulk, by imports, over the API.
    case manual
    /// Whoever matches the rule, at any moment.
    case rule
}

/// The colours that a tag can have.
package enum TagColour: String, Sendable, Codable, CaseIterable {
    case grey, red, orange, green, teal, blue, purple, pink
}

/// What somebody asks a tag to be.
package struct TagDraft: Sendable {
    package var name: String
    package var description: String
    package var parentID: Int64
    package var colour: TagColour
    package var kind: TagKind
    /// JSON text; empty for a manual tag.
    package var criteria: String
    package var isExclusive: Bool
    /// Nil: as it is, a new one last.
    package var rank: Int64?

    package init(
        name: String, description: String = "", parentID: Int64 = 0, colour: TagColour = .grey,
        kind: TagKind = .manual, criteria: String = "", isExclusive: Bool = false, rank: Int64? = nil
    ) {
        self.name = name
        self.description = description
        self.parentID = parentID
        self.colour = colour
        self.kind = kind
        self.criteria = criteria
        self.isExclusive = isExclusive
        self.rank = rank
    }
}

/// Why a person was given a tag, or lost it.
package struct TagCause: Sendable, Equatable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// Somebody at the console; the detail is who.
        case hand
        /// A key of the API.
        case api
        /// Many people at once; the detail is who.
        case bulk
        /// A file that was imported; the detail is the name of its source.
        case imported = "import"
        /// Another trusted source; the detail is its name.
        case source
        /// The rule holds, or no longer does.
        case rule
        /// Another tag of an exclusive group came; the detail is its id.
        case exclusive
        /// The tag was merged into another; the detail is the other's id.
        case tagsMerged = "tags_merged"
        /// Two people were merged; the detail is the other's id.
        case peopleMerged = "people_merged"
        /// A merge of people was undone; the detail is the other's id.
        case peopleParted = "people_parted"
    }

    package var kind: Kind
    package var detail: String

    package init(_ kind: Kind, _ detail: String = "") {
        self.kind = kind
        self.detail = detail
    }
}
