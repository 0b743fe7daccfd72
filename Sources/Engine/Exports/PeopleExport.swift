import Storage

/// People as CSV, in the order of their ids. Every piece looks at a bounded number of rows, whatever the filter.
struct PeopleExport: ExportWriter {
    let total: Int64?
    private let columns: [String]
    private let filter: ProfileFilter
    private let currency: String
    private let sources: [Int64: String]

    init(_ request: ExportRequest, at asked: Timestamp, _ connection: any SQLConnection) throws {
        let workspace = try Workspace.load(connection)
        columns = request.columns
        filter = ProfileQuery(request.words, workspace: workspace, now: asked).filter
        currency = workspace.currency
        sources = Dictionary(
            try Sources.list(connection).map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        if let ids = filter.ids {
            total = Int64(ids.count)
        } else if filter.search != nil {
            total = Int64(ProfileList.searchHits)
        } else {
            total = try connection.first("SELECT count(*) FROM profiles")?.int(0)
        }
    }

    func piece(after place: String, _ connection: any SQLConnection) throws -> ExportJob.Piece {
        if let ids = filter.ids { return try all(ids.sorted(), connection) }
        if filter.search != nil {
            return try all(
                try ProfileList.load(filter, limit: ProfileList.searchHits, connection).profiles.map(\.id), connection)
        }
        let profiles = try connection.query(
            """
            SELECT \(raw: Profile.columns) FROM profiles WHERE id > \(Int64(place) ?? 0) ORDER BY id
            LIMIT \(ExportLimits.partRows)
            """
        ).map(Profile.init)
        let text = try text(profiles, connection)
        return ExportJob.Piece(
            text: text.text, rows: text.rows, seen: Int64(profiles.count),
            next: profiles.count == ExportLimits.partRows ? profiles.last.map { String($0.id) } : nil)
    }

    /// What was selected, or what a search finds, fits in one piece.
    private func all(_ ids: [Int64], _ connection: any SQLConnection) throws -> ExportJob.Piece {
        let profiles = try connection.query(
            "SELECT \(raw: Profile.columns) FROM profiles WHERE id IN (\(list: ids)) ORDER BY id"
        ).map(Profile.init)
        let text = try text(profiles, connection)
        return ExportJob.Piece(text: text.text, rows: text.rows, seen: Int64(profiles.count), next: nil)
    }

    private func text(
        _ profiles: [Profile], _ connection: any SQLConnection
    ) throws -> (text: String, rows: Int64) {
        let needsState = !filter.consent.isEmpty || columns.contains { $0.hasPrefix("consent_") }
        var rows: [(profile: Profile, state: ProfileState)] = []
        for profile in profiles where filter.accepts(profile) {
            let state = needsState ? try ProfileState(parsing: profile.state) : ProfileState()
            if filter.accepts(state) { rows.append((profile, state)) }
        }
        let identities = try identities(of: rows.map(\.profile.id), connection)
        var text = ""
        for row in rows {
            let cells = columns.map { cell($0, row.profile, row.state, identities[row.profile.id] ?? [:]) }
            text += CSVText.row(cells) + "\r\n"
        }
        return (text, Int64(rows.count))
    }

    private func identities(
        of ids: [Int64], _ connection: any SQLConnection
    ) throws -> [Int64: [String: [String]]] {
        guard !ids.isEmpty, columns.contains(where: ExportColumns.identities.contains) else { return [:] }
        let found = try connection.queryMany(
            "SELECT kind, value FROM identities WHERE profile_id = ? ORDER BY kind, value LIMIT 200",
            ids.map { [.integer($0)] })
        var byPerson: [Int64: [String: [String]]] = [:]
        for (id, rows) in zip(ids, found) {
            for row in rows { byPerson[id, default: [:]][try row.text(0), default: []].append(try row.text(1)) }
        }
        return byPerson
    }

    private func cell(
        _ column: String, _ profile: Profile, _ state: ProfileState, _ identities: [String: [String]]
    ) -> String {
        switch column {
        case "profile_id": return String(profile.id)
        case "name": return ExportText.safe(profile.displayName ?? "")
        case "is_identified": return profile.isIdentified ? "true" : "false"
        case "stage": return profile.stage ?? ""
        case "rfm_class": return profile.rfmClass ?? ""
        case "orders": return String(profile.orderCount)
        case "net_spend": return ExportText.money(profile.netSpend, currency)
        case "first_order": return ExportText.time(profile.firstOrderMS)
        case "last_order": return ExportText.time(profile.lastOrderMS)
        case "first_seen": return ExportText.time(profile.firstSeenMS)
        case "last_seen": return ExportText.time(profile.lastSeenMS)
        case "source": return ExportText.safe(sources[profile.sourceID] ?? "")
        default:
            if column.hasPrefix("consent_") {
                let given = state.consent[String(column.dropFirst("consent_".count))]?.isGranted
                return given.map { $0 ? "granted" : "refused" } ?? ""
            }
            return ExportText.safe((identities[column] ?? []).joined(separator: " "))
        }
    }
}
