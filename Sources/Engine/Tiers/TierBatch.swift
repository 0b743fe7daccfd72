import Storage

/// Members whom one transaction decides on: locked and loaded together, moved in memory, written once.
struct TierBatch {
    let published: TierLadders.Published
    let calendar: LocalCalendar
    let now: Timestamp
    private let currency: String
    private(set) var rows: [TierRow]
    private(set) var courses: [TierCourse]
    /// By member: what the newest change took at a period's end.
    private let lapses: [Int64: TierLapse]
    /// People whose tier is another now, with what they have.
    private(set) var moved: [Int64: (tier: String?, since: Timestamp?)] = [:]

    /// Members without a row are enrolled. Throws: `StorageError`.
    init(
        _ members: [Int64], _ published: TierLadders.Published, at now: Timestamp, locking: Bool = true,
        _ connection: any SQLConnection
    ) throws {
        let workspace = try Workspace.load(connection)
        self.published = published
        self.now = now
        calendar = workspace.calendar
        currency = workspace.currency
        rows = try TierRow.load(members, locking: locking, connection)
        courses = []
        lapses = try TierHistory.lapses(of: rows.filter { $0.ladder == published.version }, connection)
        try enrol(Set(members).subtracting(rows.map(\.member)).sorted(), locking: locking, connection)
        rows.sort { $0.member < $1.member }
        let facts = try TierFacts.load(rows.map(wanted), published.ladder, currency: currency, connection)
        courses = zip(rows, facts).map { row, facts in
            row.isNew
                ? TierCourse.enrol(published.ladder, facts, workspace.calendar, at: row.joined)
                : TierCourse(published.ladder, facts, row.state, workspace.calendar)
        }
    }

    /// Facts from so far back as any window that is still to be asked can reach.
    private func wanted(_ row: TierRow) -> TierFacts.Wanted {
        let today = calendar.day(of: now)
        let first = min(row.state.periodStart, row.state.periodEnd, today + 1, row.state.graceEnd ?? today)
        let day = TierPeriod.adding(-published.ladder.period.months, to: first)
        return TierFacts.Wanted(
            member: row.member, profile: row.profile, joined: row.joined, since: calendar.start(ofDay: day))
    }

    private mutating func enrol(_ members: [Int64], locking: Bool, _ connection: any SQLConnection) throws {
        guard !members.isEmpty else { return }
        let lock = locking ? connection.dialect.forUpdate : ""
        let found = try connection.queryMany(
            """
            SELECT profile_id, opened_ms FROM points_accounts WHERE id = ? AND closed_ms IS NULL AND profile_id <> 0\(lock)
            """, members.map { [.integer($0)] })
        // With the accounts locked it is certain that nobody else enrols them; who did so meanwhile has a row now.
        let enrolled = locking ? try TierRow.load(members, connection) : []
        rows += enrolled
        let known = Set(enrolled.map(\.member))
        for (member, found) in zip(members, found) where !known.contains(member) {
            guard let account = found.first else { continue }
            let joined = Timestamp(milliseconds: try account.int(1))
            var row = TierRow(
                member: member, profile: try account.int(0), joined: joined,
                state: TierState(
                    base: published.ladder.base.code, at: joined, day: calendar.day(of: joined)), ladder: 0)
            row.isNew = true
            rows.append(row)
        }
    }

    /// Members as they would be if this had happened too. To be looked at, never to be saved.
    mutating func imagine(_ order: TierOrder?, _ earnings: [String: Int64]) {
        for index in courses.indices {
            var facts = courses[index].facts
            if let order, !facts.orders.contains(where: { $0.id == order.id }) { facts.orders.append(order) }
            for (currency, amount) in earnings where amount > 0 {
                facts.earnings[currency, default: []].append(TierEarning(at: now, amount: amount))
            }
            courses[index] = TierCourse(courses[index].ladder, facts, courses[index].state, calendar)
        }
    }

    /// Lets every member move; `body` is told which.
    mutating func run(_ body: (Int64, inout TierCourse) throws -> Void) rethrows {
        for index in courses.indices { try body(rows[index].member, &courses[index]) }
    }

    /// Time, and what was reached. A member whom another ladder decided on adopts this one first.
    mutating func bringUpToDate(_ cause: TierChange.Cause = .activity) {
        for index in courses.indices {
            let isOther = !rows[index].isNew && rows[index].ladder != published.version
            if isOther { courses[index].adopt(at: now) }
            courses[index].advance(to: now)
            if let lapse = lapses[rows[index].member] { courses[index].restore(lapse, at: now) }
            courses[index].review(cause, at: now)
        }
    }

    /// Writes rows, history, the profiles' columns and grants of benefits. Returns what it says.
    mutating func save(_ connection: any SQLConnection) throws -> [SystemEvent] {
        var saved: [(row: TierRow, due: Timestamp?)] = []
        var history: [(row: TierRow, change: TierChange)] = []
        var events: [SystemEvent] = []
        for (index, course) in courses.enumerated() {
            var row = rows[index]
            let isChanged = row.isNew || row.state != course.state || row.ladder != published.version
            row.state = course.state
            row.ladder = published.version
            if isChanged { saved.append((row, course.due)) }
            history += course.changes.map { (row, $0) }
            guard row.profile != 0 else { continue }
            if rows[index].isNew || rows[index].state.tier != course.state.tier {
                moved[row.profile] = (course.state.tier, course.state.since)
            }
            for change in course.changes where change.cause != .enrolled && change.from != change.to {
                events.append(try TierEvents.changed(change, row, published.ladder))
            }
            for notice in course.notices { events.append(try TierEvents.noticed(notice, row, published.ladder)) }
        }
        try TierRow.save(saved, connection)
        try TierHistory.save(history, ladder: published.version, connection)
        try TierProfiles.note(moved, connection)
        events += try BenefitGrants.follow(history, published.ladder, calendar, at: now, connection)
        return events
    }
}

/// The tier columns of `profiles`.
enum TierProfiles {
    static func note(
        _ moved: [Int64: (tier: String?, since: Timestamp?)], _ connection: any SQLConnection
    ) throws {
        try connection.executeMany(
            "UPDATE profiles SET tier = ?, tier_since_ms = ?, version = version + 1 WHERE id = ?",
            moved.sorted { $0.key < $1.key }.map {
                [$0.value.tier.sqlValue, ($0.value.since?.milliseconds).sqlValue, .integer($0.key)]
            })
    }
}
