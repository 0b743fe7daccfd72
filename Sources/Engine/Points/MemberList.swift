import Storage

/// Members in short lists: who they are and what they have.
package enum MemberList {
    package struct Row: Sendable, Equatable {
        package var id: Int64
        /// 0 once the person was erased.
        package var profileID: Int64
        package var number: String
        package var openedAt: Timestamp
        package var isClosed: Bool
        package var balances: [String: PointsBalance]
        /// Of a pool, nobody's own.
        package var isPool = false
    }

    private static let foundMax = 200

    /// The newest first, older than `before`; `search` is the beginning of a number, or part of a person's name.
    /// Throws: `StorageError`.
    package static func page(
        search: String, before: Int64?, limit: Int, _ connection: any SQLConnection
    ) throws -> (rows: [Row], next: Int64?) {
        var condition: SQL = "is_pool = 0 AND id < \(before ?? .max)"
        let asked = search.filter { !$0.isWhitespace }
        if !asked.isEmpty, asked.allSatisfy(\.isNumber) {
            condition += " AND number >= \(asked) AND number < \(asked + ":")"
        } else if !asked.isEmpty {
            let people = try ProfileSearch.find(search, ProfileFilter(), limit: foundMax, connection).map(\.id)
            condition += " AND profile_id IN (\(list: people))"
        }
        let ids = try connection.query(
            "SELECT id FROM points_accounts WHERE " + condition + " ORDER BY id DESC LIMIT \(limit + 1)"
        ).map { try $0.int(0) }
        let page = Array(ids.prefix(limit))
        return (try rows(page, connection), ids.count > limit ? page.last : nil)
    }

    /// In the order of the ids; unknown ones are left out. Throws: `StorageError`.
    package static func rows(_ ids: [Int64], _ connection: any SQLConnection) throws -> [Row] {
        guard !ids.isEmpty else { return [] }
        let loaded = try PointsAccountRows.load(ids, .balances, locking: false, connection)
        let opened = try connection.queryMany(
            "SELECT opened_ms FROM points_accounts WHERE id = ?", ids.map { [.integer($0)] })
        return try zip(ids, opened).compactMap { id, rows in
            guard let one = loaded[id], let row = rows.first else { return nil }
            return Row(
                id: id, profileID: one.profileID, number: one.number,
                openedAt: Timestamp(milliseconds: try row.int(0)), isClosed: one.account.isClosed,
                balances: one.account.balances, isPool: one.isPool)
        }
    }

    /// How many there are. Throws: `StorageError`.
    package static func count(_ connection: any SQLConnection) throws -> Int64 {
        try connection.first("SELECT count(*) FROM points_accounts WHERE closed_ms IS NULL AND is_pool = 0")?.int(0)
            ?? 0
    }

    /// Open holds of a member, the first to end first. Throws: `StorageError`.
    package static func holds(of account: Int64, _ connection: any SQLConnection) throws -> [PointsHold] {
        let loaded = try PointsAccountRows.load([account], .open, locking: false, connection)
        return (loaded[account]?.account.holds.values).map { $0.sorted { ($0.until, $0.key) < ($1.until, $1.key) } }
            ?? []
    }
}
