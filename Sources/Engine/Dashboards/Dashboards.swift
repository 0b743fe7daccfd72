import Storage

/// Dashboards: who sees which, and every change of one.
package enum Dashboards {
    package static let nameCharacters = 80
    package static let limit = 100
    package static let panelsMax = 24
    package static let widths = 1...3

    private static let columns = "id, name, shared, owner_id, layout, created_ms, updated_ms"

    /// Own and shared ones, by name. Throws: `StorageError`.
    package static func list(for user: Int64, _ connection: any SQLConnection) throws -> [Dashboard] {
        try connection.query(
            """
            SELECT \(raw: columns) FROM dashboards WHERE shared = 1 OR owner_id = \(user) ORDER BY name, id
            """
        ).map(dashboard)
    }

    /// Throws: `DashboardError.notFound` also for somebody else's own one, `StorageError`.
    package static func get(_ id: Int64, for user: Int64, _ connection: any SQLConnection) throws -> Dashboard {
        let row = try connection.first(
            """
            SELECT \(raw: columns) FROM dashboards WHERE id = \(id) AND (shared = 1 OR owner_id = \(user))
            """)
        guard let row else { throw DashboardError.notFound(id) }
        return try dashboard(row)
    }

    /// Throws: `DashboardError`, `StorageError`.
    package static func create(
        name: String, isShared: Bool, _ layout: DashboardLayout, by user: Int64, _ connection: any SQLConnection,
        _ effects: Effects
    ) throws -> Dashboard {
        let name = try checked(name, layout, connection)
        let owned =
            try connection.first("SELECT count(*) FROM dashboards WHERE owner_id = \(user)")?.int(0) ?? 0
        guard owned < limit else { throw DashboardError.tooMany(limit: limit) }
        let (id, now) = (effects.newID(), effects.now().milliseconds)
        try connection.execute(
            """
            INSERT INTO dashboards (id, name, shared, owner_id, layout, created_ms, updated_ms)
            VALUES (\(id), \(name), \(isShared), \(user), \(try StoredDocument.text(layout)), \(now), \(now))
            """)
        return try get(id, for: user, connection)
    }

    /// The caller has checked the revision in the same transaction. Throws: `DashboardError`, `StorageError`.
    package static func update(
        _ id: Int64, name: String, isShared: Bool, _ layout: DashboardLayout, by user: Int64,
        _ connection: any SQLConnection, at now: Timestamp
    ) throws -> Dashboard {
        let name = try checked(name, layout, connection)
        let changed = try connection.execute(
            """
            UPDATE dashboards SET name = \(name), shared = \(isShared), layout = \(try StoredDocument.text(layout)),
                updated_ms = \(now.milliseconds)
            WHERE id = \(id) AND (shared = 1 OR owner_id = \(user))
            """)
        guard changed == 1 else { throw DashboardError.notFound(id) }
        return try get(id, for: user, connection)
    }

    /// A copy of one's own, which tells nobody. Throws: `DashboardError`, `StorageError`.
    package static func duplicate(
        _ id: Int64, name: String, by user: Int64, _ connection: any SQLConnection, _ effects: Effects
    ) throws -> Dashboard {
        var layout = try get(id, for: user, connection).layout
        layout.digest = nil
        // Keys own nothing that only they see.
        return try create(
            name: String(name.prefix(nameCharacters)), isShared: user == 0, layout, by: user, connection, effects)
    }

    /// Throws: `DashboardError.notFound`, `StorageError`.
    package static func remove(_ id: Int64, by user: Int64, _ connection: any SQLConnection) throws {
        let removed = try connection.execute(
            "DELETE FROM dashboards WHERE id = \(id) AND (shared = 1 OR owner_id = \(user))")
        guard removed == 1 else { throw DashboardError.notFound(id) }
        try DigestSendings.forget(id, connection)
    }

    /// Every dashboard that has a digest, whosever it is. Throws: `StorageError`.
    static func withDigests(_ connection: any SQLConnection) throws -> [Dashboard] {
        try connection.query(
            "SELECT \(raw: columns) FROM dashboards WHERE layout LIKE '%\"digest\":{%' ORDER BY id"
        ).map(dashboard)
    }

    /// Those of everybody that show the people of a segment, in all or in one of their panels. Somebody's own ones hold up
    /// nobody else's work: their panels say that the segment is gone. Throws: `StorageError`.
    static func uses(of segment: Int64, _ connection: any SQLConnection) throws -> [SegmentUse] {
        let asked = "segment=\(segment)"
        return try connection.query(
            "SELECT \(raw: columns) FROM dashboards WHERE shared = 1 ORDER BY name, id"
        ).map(dashboard).filter {
            $0.layout.segment == segment
                || $0.layout.panels.contains { $0.query.split(separator: "&").contains { $0 == asked } }
        }.map { SegmentUse(kind: "dashboard", id: String($0.id), name: $0.name) }
    }

    /// Asks every panel's question without counting anything. Throws: `DashboardError.badPanel`, `StorageError`.
    package static func check(_ layout: DashboardLayout, _ platform: Platform) async throws {
        guard layout.panels.count <= panelsMax else { throw DashboardError.tooManyPanels(limit: panelsMax) }
        for (index, panel) in layout.panels.enumerated() {
            do {
                let (report, _) = try await SavedReports.question(panel.query, platform)
                guard report.panels.contains(panel.panel) else { throw ReportError.unknownPanel(panel.panel) }
            } catch let error as ReportError {
                throw DashboardError.badPanel(index + 1, error)
            }
        }
    }

    /// Returns the name without blanks around it.
    private static func checked(
        _ name: String, _ layout: DashboardLayout, _ connection: any SQLConnection
    ) throws -> String {
        let name = Whitespace.trim(name)
        guard !name.isEmpty, name.count <= nameCharacters else { throw DashboardError.badName }
        guard layout.panels.count <= panelsMax else { throw DashboardError.tooManyPanels(limit: panelsMax) }
        for (index, panel) in layout.panels.enumerated() {
            guard widths.contains(panel.width) else { throw DashboardError.badWidth(index + 1) }
            guard panel.title.count <= nameCharacters else { throw DashboardError.badTitle(index + 1) }
            guard panel.query.utf8.count <= SavedViews.queryBytes else {
                throw DashboardError.badPanel(
                    index + 1,
                    .badParameter("query", given: "", expected: "at most \(SavedViews.queryBytes) bytes long"))
            }
        }
        if let days = layout.days, !(1...ReportQuestion.daysMax).contains(days) {
            throw DashboardError.badDays(limit: ReportQuestion.daysMax)
        }
        if let segment = layout.segment, try Segments.stored(segment, connection) == nil {
            throw DashboardError.unknownSegment
        }
        do {
            try layout.digest?.check()
        } catch {
            throw DashboardError.badSchedule(error)
        }
        return name
    }

    private static func dashboard(_ row: SQLRow) throws -> Dashboard {
        Dashboard(
            id: try row.int(0), name: try row.text(1), isShared: try row.bool(2), ownerID: try row.int(3),
            layout: try StoredDocument.value(DashboardLayout.self, from: try row.text(4)),
            createdAt: Timestamp(milliseconds: try row.int(5)), updatedAt: Timestamp(milliseconds: try row.int(6)))
    }
}
