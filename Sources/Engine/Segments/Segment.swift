import Storage

/// One group of people and how it is made.
package struct Segment: Sendable, Equatable {
    package var id: Int64
    package var name: String
    package var description: String
    package var kind: SegmentKind
    /// The definition as JSON; empty of a list.
    package var criteria: String
    package var version: Int64
    /// Being filled.
    package var isBuilding: Bool
    package var cut: SegmentCut
    /// As last counted.
    package var size: Int64
    package var createdMS: Int64
    package var updatedMS: Int64
    package var sweptMS: Int64?

    static let columns = """
        id, name, description, kind, criteria, version, status, cut, size, created_ms, updated_ms, swept_ms
        """

    init(_ row: SQLRow) throws {
        id = try row.int(0)
        name = try row.text(1)
        description = try row.text(2)
        kind = SegmentKind(rawValue: try row.text(3)) ?? .list
        criteria = try row.text(4)
        version = try row.int(5)
        isBuilding = try row.text(6) == "building"
        let cut = try row.text(7)
        self.cut = cut == "{}" ? SegmentCut() : try StoredDocument.value(SegmentCut.self, from: cut)
        size = try row.int(8)
        createdMS = try row.int(9)
        updatedMS = try row.int(10)
        sweptMS = try row.intOrNil(11)
    }
}

extension Segment {
    /// The definition; nil of a list.
    package var criteriaTree: Criteria? { Criteria.readable(criteria) }

    /// What people change: name, description and definition.
    package var standing: [String] { [name, description, criteria] }

    /// Of its standing. Throws: `EncodingError`.
    package var revision: Revision {
        get throws { try Revision(of: standing) }
    }
}

/// What somebody asks a segment to be.
package struct SegmentDraft: Sendable {
    package var name: String
    package var description: String
    package var kind: SegmentKind
    /// JSON text; empty for a list.
    package var criteria: String
    package var cut: SegmentCut

    package init(
        name: String, description: String = "", kind: SegmentKind = .dynamic, criteria: String = "",
        cut: SegmentCut = SegmentCut()
    ) {
        self.name = name
        self.description = description
        self.kind = kind
        self.criteria = criteria
        self.cut = cut
    }
}
