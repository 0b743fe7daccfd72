import Storage

/// A journey by name, with how it stands. What it does is in its versions.
package struct Journey: Sendable, Equatable {
    package enum Status: String, Sendable, CaseIterable {
        case draft, live, paused, ended
    }

    package var id: Int64
    package var name: String
    package var description: String
    package var status: Status
    package var publishedVersion: Int64
    package var salt: String
    package var fromPosition: Int64
    package var pausedAt: Timestamp?
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    /// Of its messages, where a cap leaves room for some only (`MessageChoices`).
    package var priority: Int64

    static let columns = """
        id, name, description, status, published_version, salt, from_position, paused_ms, created_ms, updated_ms, \
        priority
        """

    init(_ row: SQLRow) throws {
        id = try row.int(0)
        name = try row.text(1)
        description = try row.text(2)
        status = Status(rawValue: try row.text(3)) ?? .ended
        publishedVersion = try row.int(4)
        salt = try row.text(5)
        fromPosition = try row.int(6)
        pausedAt = try row.intOrNil(7).map(Timestamp.init(milliseconds:))
        createdAt = Timestamp(milliseconds: try row.int(8))
        updatedAt = Timestamp(milliseconds: try row.int(9))
        priority = try row.int(10)
    }
}

/// What somebody asks a journey to be. The definition may be unfinished while it is a draft.
package struct JourneyDraft: Sendable {
    package var name: String
    package var description: String
    /// JSON.
    package var definition: String
    /// Of its messages; holds at once, not only when a version is published. Nil: as it is.
    package var priority: Int64?

    package init(
        name: String, description: String = "", definition: String = JourneyDraft.empty, priority: Int64? = nil
    ) {
        self.name = name
        self.description = description
        self.definition = definition
        self.priority = priority
    }

    package static let empty = #"{"version":1,"entry":{"kind":"api"},"reentry":{"kind":"after_exit"},"steps":[]}"#
}
