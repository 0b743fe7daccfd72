import Storage

/// Views of a list under a name: filters that somebody comes back to, alone or together with everybody.
///
/// A change names the version it was made from. Of two people who change the same view the second is told what the
/// first made of it (`ViewError.changed`); nothing is written over silently.
package struct SavedView: Sendable, Equatable {
    package var id: Int64
    package var list: ListName
    package var name: String
    /// The filters as the list's address carries them: `stage=decline&consent_sms=granted`.
    package var query: String
    package var isShared: Bool
    /// 0 for a key of the API.
    package var ownerID: Int64
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    package var version: Int64
}

/// What is shown under a name: lists, which are exported, and reports. All but the audit log have views, which programs read.
package enum ListName: String, Sendable, Codable, CaseIterable {
    case people, orders
    /// For administrators, on the screen only.
    case audit
    /// Saved reports: the query begins with `report=NAME`, the rest is what is asked of it.
    case reports

    package static let withViews: [ListName] = [.people, .orders, .reports]
    /// Those that programs can have as a file.
    package static let exported: [ListName] = [.people, .orders]
}

/// What can be wrong with a request about a view.
package enum ViewError: Error, Sendable, Equatable {
    case notFound(id: Int64)
    /// Somebody else changed it since; this is what it is now.
    case changed(SavedView)
    /// Empty, or longer than `SavedViews.nameCharacters`.
    case badName
    /// Longer than `SavedViews.queryBytes`.
    case badQuery
    /// There are as many as one list may have.
    case tooMany(limit: Int)
}

package enum SavedViews {
    package static let nameCharacters = 80
    package static let queryBytes = 2_000
    /// Views of one list that one person owns.
    package static let limit = 200

    private static let columns = "id, list, name, query, shared, owner_id, created_ms, updated_ms, version"

    /// The views of a list that a user sees, own and shared, by name. Throws: `StorageError`.
    package static func list(
        _ list: ListName, for user: Int64, _ connection: any SQLConnection
    ) throws -> [SavedView] {
        try connection.query(
            """
            SELECT \(raw: columns) FROM saved_views
            WHERE list = \(list.rawValue) AND (shared = 1 OR owner_id = \(user)) ORDER BY name, id
            """
        ).map(view)
    }

    /// Throws: `ViewError.notFound` also for somebody else's own view, `StorageError`.
    package static func get(_ id: Int64, for user: Int64, _ connection: any SQLConnection) throws -> SavedView {
        let row = try connection.first(
            """
            SELECT \(raw: columns) FROM saved_views WHERE id = \(id) AND (shared = 1 OR owner_id = \(user))
            """)
        guard let row else { throw ViewError.notFound(id: id) }
        return try view(row)
    }

    /// Throws: `ViewError.badName`, `.badQuery`, `.tooMany`, `StorageError`.
    package static func create(
        _ list: ListName, name: String, query: String, isShared: Bool, by user: Int64,
        _ connection: any SQLConnection, _ effects: Effects
    ) throws -> SavedView {
        let name = try checked(name, query)
        let owned =
            try connection.first(
                "SELECT count(*) FROM saved_views WHERE list = \(list.rawValue) AND owner_id = \(user)")?.int(0) ?? 0
        guard owned < limit else { throw ViewError.tooMany(limit: limit) }
        let (id, now) = (effects.newID(), effects.now().milliseconds)
        try connection.execute(
            """
            INSERT INTO saved_views (id, list, name, query, shared, owner_id, created_ms, updated_ms, version)
            VALUES (\(id), \(list.rawValue), \(name), \(query), \(isShared), \(user), \(now), \(now), 1)
            """)
        return try get(id, for: user, connection)
    }

    /// Changes a view that is still at `version`. Throws: as `create`, and `ViewError.changed`, `.notFound`.
    package static func update(
        _ id: Int64, version: Int64, name: String, query: String, isShared: Bool, by user: Int64,
        _ connection: any SQLConnection, at now: Timestamp
    ) throws -> SavedView {
        let name = try checked(name, query)
        let changed = try connection.execute(
            """
            UPDATE saved_views SET name = \(name), query = \(query), shared = \(isShared),
                updated_ms = \(now.milliseconds), version = version + 1
            WHERE id = \(id) AND version = \(version) AND (shared = 1 OR owner_id = \(user))
            """)
        let view = try get(id, for: user, connection)
        guard changed == 1 else { throw ViewError.changed(view) }
        return view
    }

    /// Removes a view that is still at `version`. Throws: `ViewError.changed`, `.notFound`, `StorageError`.
    package static func remove(
        _ id: Int64, version: Int64, by user: Int64, _ connection: any SQLConnection
    ) throws {
        let removed = try connection.execute(
            """
            DELETE FROM saved_views WHERE id = \(id) AND version = \(version) AND (shared = 1 OR owner_id = \(user))
            """)
        if removed == 0 { throw ViewError.changed(try get(id, for: user, connection)) }
    }

    private static func checked(_ name: String, _ query: String) throws -> String {
        let name = Whitespace.trim(name)
        guard !name.isEmpty, name.count <= nameCharacters else { throw ViewError.badName }
        guard query.utf8.count <= queryBytes else { throw ViewError.badQuery }
        return name
    }

    private static func view(_ row: SQLRow) throws -> SavedView {
        SavedView(
            id: try row.int(0), list: ListName(rawValue: try row.text(1)) ?? .people, name: try row.text(2),
            query: try row.text(3), isShared: try row.bool(4), ownerID: try row.int(5),
            createdAt: Timestamp(milliseconds: try row.int(6)), updatedAt: Timestamp(milliseconds: try row.int(7)),
            version: try row.int(8))
    }
}
