import Storage

/// Finds people by what somebody typed: an identity, its beginning, a name's beginning, or a profile id.
enum ProfileSearch {
    /// Candidates that each way of looking may bring.
    private static let candidates = 200
    /// The last scalar value of Unicode: every text that begins like another sorts before that other with this behind.
    private static let last = "\u{10FFFF}"

    static func find(
        _ text: String, _ filter: ProfileFilter, limit: Int, _ connection: any SQLConnection
    ) throws -> [Profile] {
        var ids: [Int64] = []
        var seen: Set<Int64> = []
        func take(_ rows: [SQLRow]) throws {
            for row in rows {
                let id = try row.int(0)
                if seen.insert(id).inserted { ids.append(id) }
            }
        }
        let country = try Workspace.load(connection).defaultCountry
        var exact = [text, text.lowercased()]
        if let phone = PhoneNumber.normalise(text, defaultCountry: country) { exact.append(phone) }
        for value in Set(exact).sorted() {
            try take(try connection.query("SELECT profile_id FROM identities WHERE value = \(value) LIMIT \(limit)"))
        }
        if let id = Int64(text) {
            try take(try connection.query("SELECT id FROM profiles WHERE id = \(id)"))
        }
        for value in Set([text, text.lowercased()]).sorted() {
            try take(
                try connection.query(
                    """
                    SELECT profile_id FROM identities WHERE value >= \(value) AND value < \(value + last)
                    ORDER BY value LIMIT \(candidates)
                    """))
        }
        try take(
            try connection.query(
                """
                SELECT id FROM profiles WHERE display_name >= \(text) AND display_name < \(text + last)
                ORDER BY display_name LIMIT \(candidates)
                """))
        return try profiles(ids, filter, limit: limit, connection)
    }

    /// The living people behind the ids, in the order they were found.
    private static func profiles(
        _ ids: [Int64], _ filter: ProfileFilter, limit: Int, _ connection: any SQLConnection
    ) throws -> [Profile] {
        let groups = try ProfileGroups(filter, connection)
        var found: [Profile] = []
        var seen: Set<Int64> = []
        let columns = filter.consent.isEmpty ? ProfileList.columns : Profile.columns
        let rows = try connection.queryMany(
            "SELECT \(columns) FROM profiles WHERE id = ?", ids.map { [.integer($0)] })
        for row in rows.joined() where found.count < limit {
            var profile = try Profile(row)
            if profile.mergedInto != nil {
                let living = try ProfileDetail.resolve(profile.id, connection)
                guard
                    let row = try connection.first(
                        "SELECT \(raw: columns) FROM profiles WHERE id = \(living)")
                else { continue }
                profile = try Profile(row)
            }
            guard seen.insert(profile.id).inserted, filter.accepts(profile) else { continue }
            if !groups.isEmpty, try !groups.accept(profile.id, connection) { continue }
            if !filter.consent.isEmpty, !filter.accepts(try ProfileState(parsing: profile.state)) { continue }
            found.append(profile)
        }
        return found
    }
}
