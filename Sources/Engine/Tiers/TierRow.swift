import Storage

/// A member's row of `tier_members`.
struct TierRow: Sendable, Equatable {
    var member: Int64
    var profile: Int64
    var joined: Timestamp
    var state: TierState
    var ladder: Int64
    var isNew = false

    static let columns = """
        member_id, profile_id, joined_ms, tier, since_ms, earned, period_start, period_end, grace_end, noticed_to, \
        grant_id, grant_tier, grant_until_ms, changes, ladder
        """

    init(member: Int64, profile: Int64, joined: Timestamp, state: TierState, ladder: Int64) {
        self.member = member
        self.profile = profile
        self.joined = joined
        self.state = state
        self.ladder = ladder
    }

    init(_ row: SQLRow) throws {
        member = try row.int(0)
        profile = try row.int(1)
        joined = Timestamp(milliseconds: try row.int(2))
        state = TierState(
            base: try row.text(3), at: Timestamp(milliseconds: try row.int(4)), day: try row.int(6))
        state.earned = try row.text(5)
        state.periodEnd = try row.int(7)
        state.graceEnd = try row.intOrNil(8)
        state.noticedTo = try row.int(9)
        if let id = try row.intOrNil(10) {
            state.grant = TierGrant(
                id: id, tier: try row.text(11), until: try row.intOrNil(12).map(Timestamp.init(milliseconds:)))
        }
        state.changes = try row.int(13)
        ladder = try row.int(14)
    }

    /// Rows of members, locked in the order of their ids; whoever has none is missing.
    static func load(_ members: [Int64], locking: Bool = true, _ connection: any SQLConnection) throws -> [TierRow] {
        let lock = locking ? connection.dialect.forUpdate : ""
        return try connection.queryMany(
            "SELECT \(columns) FROM tier_members WHERE member_id = ?\(lock)",
            Set(members).sorted().map { [.integer($0)] }
        ).compactMap { try $0.first.map(TierRow.init) }
    }

    static func save(_ rows: [(row: TierRow, due: Timestamp?)], _ connection: any SQLConnection) throws {
        let names = columns.split(separator: ", ").map(String.init) + ["due_ms"]
        let marks = Array(repeating: "?", count: names.count).joined(separator: ", ")
        let sets = names.dropFirst().map { "\($0) = excluded.\($0)" }.joined(separator: ", ")
        try connection.executeMany(
            """
            INSERT INTO tier_members (\(names.joined(separator: ", "))) VALUES (\(marks))
            ON CONFLICT (member_id) DO UPDATE SET \(sets)
            """,
            rows.map { row, due in
                let state = row.state
                return [
                    .integer(row.member), .integer(row.profile), .integer(row.joined.milliseconds), .text(state.tier),
                    .integer(state.since.milliseconds), .text(state.earned), .integer(state.periodStart),
                    .integer(state.periodEnd), state.graceEnd.sqlValue, .integer(state.noticedTo),
                    (state.grant?.id).sqlValue, (state.grant?.tier).sqlValue,
                    (state.grant?.until?.milliseconds).sqlValue, .integer(state.changes), .integer(row.ladder),
                    (due?.milliseconds).sqlValue,
                ]
            })
    }
}
