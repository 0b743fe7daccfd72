import Storage

/// Days pass for benefits: on the first of a month and on birthdays something is given. Days that were missed are caught up
/// in order; what was given is not given again.
package enum BenefitClock {
    private static let setting = "benefits_day"
    private static let daysInOneGo: Int64 = 62

    private struct Progress: Codable {
        var day: Int64
    }

    package static let handler = JobHandler(kind: "benefit_clock", schedule: .every(seconds: 300)) { context in
        let platform = context.platform
        let (published, workspace, last) = try await platform.store.read { connection in
            (
                try TierLadders.current(connection), try Workspace.load(connection),
                try Settings.load(Progress.self, setting, connection)?.day
            )
        }
        let today = workspace.calendar.day(of: platform.effects.now())
        guard let published, last ?? .min < today else { return try StoredDocument.text(["grants": Int64(0)]) }
        var granted: Int64 = 0
        for day in max((last ?? today - 1) + 1, today - daysInOneGo)...today {
            for tier in published.ladder.tiers {
                granted += try await give(tier, day, workspace.calendar, context)
            }
            try await context.write {
                try Settings.save(Progress(day: day), setting, $0, at: platform.effects.now())
            }
        }
        return try StoredDocument.text(["grants": granted])
    }

    private static func give(
        _ tier: Tier, _ day: Int64, _ calendar: LocalCalendar, _ context: JobContext
    ) async throws -> Int64 {
        let (year, month, dayOfMonth) = LocalCalendar.civil(ofDay: day)
        let text = LocalCalendar.text(ofDay: day)
        let monthly = dayOfMonth == 1 ? tier.benefits.filter { $0.occasion == .monthly } : []
        let birthday = tier.benefits.filter { $0.occasion == .birthday }
        guard !monthly.isEmpty || !birthday.isEmpty else { return 0 }
        var granted: Int64 = 0
        var after: (since: Int64, member: Int64) = (.min, 0)
        while true {
            let last = after
            let end = try await context.write { connection -> (since: Int64, member: Int64, granted: Int64)? in
                // Who has the tier longest comes first where a quota is scarce.
                let rows = try connection.query(
                    """
                    SELECT member_id, profile_id, since_ms FROM tier_members WHERE tier = \(tier.code)
                    AND profile_id <> 0 AND (since_ms > \(last.since)
                        OR (since_ms = \(last.since) AND member_id > \(last.member)))
                    ORDER BY since_ms, member_id LIMIT \(TierLimits.batchMembers)
                    """)
                guard let end = rows.last else { return nil }
                var due: [BenefitGrants.Due] = []
                let born =
                    try birthday.isEmpty
                    ? [:] : Birthdays.load(rows.map { try $0.int(1) }, connection)
                for row in rows {
                    let (member, profile) = (try row.int(0), try row.int(1))
                    func add(_ benefits: [Benefit], _ occasion: String) {
                        due += benefits.map {
                            BenefitGrants.Due(
                                member: member, profile: profile, tier: tier.code, benefit: $0, occasion: occasion)
                        }
                    }
                    add(monthly, "month:\(text.prefix(7))")
                    if let born = born[profile], Birthdays.falls(born, month: month, day: dayOfMonth, year: year) {
                        add(birthday, "birthday:\(year)")
                    }
                }
                let now = context.platform.effects.now()
                let events = try BenefitGrants.give(due, calendar, at: now, connection)
                try SystemEventLog.append(events, now: now, effects: context.platform.effects, to: connection)
                let given = events.count { $0.name == BenefitGrants.granted }
                return (try end.int(2), try end.int(0), Int64(given))
            }
            guard let end else { return granted }
            after = (end.since, end.member)
            granted += end.granted
        }
    }
}

/// Birthdays as people told them.
enum Birthdays {
    /// Month and day by profile, of whoever told one: `1990-05-17`, `05-17`, `1990/5/17`.
    static func load(
        _ profiles: [Int64], _ connection: any SQLConnection
    ) throws -> [Int64: (month: Int64, day: Int64)] {
        let rows = try connection.queryMany(
            "SELECT id, state FROM profiles WHERE id = ?", profiles.map { [.integer($0)] })
        var born: [Int64: (month: Int64, day: Int64)] = [:]
        for row in rows.compactMap(\.first) {
            let text = try row.text(1)
            guard text.contains("birthday") else { continue }
            let told = try ProfileState(parsing: text).values["birthday"]?.stringValue
            if let told, let day = read(told) { born[try row.int(0)] = day }
        }
        return born
    }

    static func read(_ text: String) -> (month: Int64, day: Int64)? {
        let parts = text.prefix(10).split { $0 == "-" || $0 == "/" || $0 == "." }.map { Int64($0) }
        guard parts.count == 2 || parts.count == 3, let month = parts[parts.count - 2],
            let day = parts[parts.count - 1],
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        return (month, day)
    }

    /// Who was born on 29 February has the birthday on the 28th in other years.
    static func falls(_ born: (month: Int64, day: Int64), month: Int64, day: Int64, year: Int64) -> Bool {
        if born.month == month, born.day == day { return true }
        let hasLeapDay = Timestamp.day(year: year, month: 2, dayOfMonth: 29) != nil
        return born.month == 2 && born.day == 29 && !hasLeapDay && month == 2 && day == 28
    }
}
