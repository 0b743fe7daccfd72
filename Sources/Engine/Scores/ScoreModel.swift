import Storage

/// One way of weighing people.
package struct ScoreModel: Sendable, Equatable {
    package var id: Int64
    package var name: String
    package var description: String
    /// JSON; `ScoreDefinition` reads it.
    package var definition: String
    package var version: Int64
    /// People are being weighed for the first time, or anew.
    package var isBuilding: Bool
    /// People with at least one receipt, as last counted.
    package var size: Int64
    package var createdMS: Int64
    package var updatedMS: Int64
    package var sweptDay: Int64?

    static let columns = """
        id, name, description, definition, version, status, size, created_ms, updated_ms, swept_day
        """

    init(_ row: SQLRow) throws {
        id = try row.int(0)
        name = try row.text(1)
        description = try row.text(2)
        definition = try row.text(3)
        version = try row.int(4)
        isBuilding = try row.text(5) == "building"
        size = try row.int(6)
        createdMS = try row.int(7)
        updatedMS = try row.int(8)
        sweptDay = try row.intOrNil(9)
    }

    package var rules: ScoreDefinition? { ScoreDefinition.readable(definition) }

    /// What people change of it.
    package var standing: [String] { [name, description, definition] }

    /// Of its standing. Throws: `EncodingError`.
    package var revision: Revision {
        get throws { try Revision(of: standing) }
    }
}

/// What somebody asks a model to be.
package struct ScoreDraft: Sendable {
    package var name: String
    package var description: String
    /// JSON text.
    package var definition: String

    package init(name: String, description: String = "", definition: String) {
        self.name = name
        self.description = description
        self.definition = definition
    }
}

/// What can be wrong with a request about models.
package enum ScoreError: Error, Sendable, Equatable {
    case notFound(Int64)
    case nameMissing
    case nameTooLong(limit: Int)
    case nameTaken(String)
    case tooMany(limit: Int)
    case invalid(CriteriaError)
    case usedBy([SegmentUse])
}
