import Foundation
import Logging
import Storage

/// Replays history through a version and the one in force, people by people.
package enum ProgramTrialJob {
    private static let batchPeople = 500
    /// Events of one batch of people that are looked at.
    private static let eventsMax = 200_000
    private static let ordersMax = 100_000

    package static let handler = JobHandler(kind: ProgramTrials.jobKind, attemptsMax: 3) { context in
        let request = try StoredDocument.value([String: String].self, from: context.job.request)
        let id = request["trial"].flatMap { Int64($0) } ?? 0
        return try await run(id, context)
    }

    /// What a trial needs besides people.
    private struct Stage: Sendable {
        var trial: ProgramTrial
        var after: ProgramReplay
        var before: ProgramReplay?
        var policy: EnrolmentPolicy
        var published: PublishedProgram
        var names: [String]
        var archived: Int64
        var people: Int64
        var currency: String
    }

    private static func run(_ id: Int64, _ context: JobContext) async throws -> String {
        let platform = context.platform
        let now = platform.effects.now()
        let stage = try await platform.store.read { try self.stage(id, at: now, $0) }
        var sum = ProgramTrialSum()
        sum.result.currency = stage.currency
        var (usesAfter, usesBefore) = (EarningUses(), EarningUses())
        var last: Int64 = 0
        var seen: Int64 = 0
        while true {
            try Task.checkCancellation()
            let from = last
            let (histories, end, count) = try await platform.store.read { try people(after: from, stage, $0) }
            guard let end else { break }
            let events = await events(histories, stage, platform)
            if events == nil { sum.result.hasEvents = false }
            for var history in histories {
                history.events = events?[history.profileID] ?? []
                sum.result.orders += Int64(history.orders.count)
                sum.result.events += Int64(history.events.count)
                let after = try stage.after.run(history, &usesAfter)
                let before = try stage.before?.run(history, &usesBefore) ?? [:]
                sum.add(history.profileID, before, after)
            }
            (usesAfter, usesBefore) = (usesAfter.shared, usesBefore.shared)
            last = end
            seen += Int64(count)
            try await context.report(
                JobProgress(done: seen, total: stage.people, unit: "people", phase: "replaying"))
        }
        let result = sum.conclude(people: stage.trial.oneIn == 1 ? sum.result.replayed : members(sum, stage))
        let finished = platform.effects.now()
        try await context.write { try ProgramTrials.conclude(id, .done, result, at: finished, $0) }
        return try StoredDocument.text(["people": result.replayed])
    }

    /// Members there are in all, out of the part that was looked at.
    private static func members(_ sum: ProgramTrialSum, _ stage: Stage) -> Int64 {
        sum.result.replayed * stage.trial.oneIn
    }

    private static func stage(_ id: Int64, at now: Timestamp, _ connection: any SQLConnection) throws -> Stage {
        let trial = try ProgramTrials.get(id, connection)
        let version = try ProgramVersions.get(trial.versionID, connection)
        guard let program = version.program, ProgramTrial.hash(of: version.document) == trial.documentHash else {
            throw JobFailure(code: "changed", message: "the version was changed since the trial was asked for")
        }
        let workspace = try Workspace.load(connection)
        let world = try CriteriaWorld.load(connection)
        let ledger = try PointsProgram.load(connection)
        func replay(_ program: LoyaltyProgram) throws -> ProgramReplay {
            ProgramReplay(
                rules: program.rules.expanded(world), benefits: try ProgramMembers.benefits(program, connection),
                backdatedDays: program.enrolment.backdatedDays, ledger: ledger,
                workspace: workspace, fromDay: trial.fromDay, until: now)
        }
        let before = try ProgramVersions.numbered(trial.compared, connection)?.program
        let names = Set((program.rules.rules + (before?.rules.rules ?? [])).flatMap(\.kind.events))
        let archived =
            try connection.first("SELECT min(position) FROM log_consumers WHERE consumer = 'archiver'")?.intOrNil(0)
            ?? 0
        let people =
            try connection.first(
                "SELECT count(*) FROM profiles WHERE merged_into IS NULL AND deleted_ms IS NULL AND identified = 1")?
            .int(0) ?? 0
        return Stage(
            trial: trial, after: try replay(program), before: try before.map(replay), policy: program.enrolment,
            published: PublishedProgram(number: version.number, program: program, world: world), names: names.sorted(),
            archived: archived, people: people, currency: program.rules.rules.first?.currency ?? "points")
    }

    // MARK: People

    private static func people(
        after: Int64, _ stage: Stage, _ connection: any SQLConnection
    ) throws -> (histories: [ProgramReplay.History], end: Int64?, count: Int) {
        let rows = try connection.query(
            """
            SELECT \(raw: Profile.columns) FROM profiles WHERE id > \(after) AND merged_into IS NULL
            AND deleted_ms IS NULL AND identified = 1 ORDER BY id LIMIT \(batchPeople)
            """
        ).map(Profile.init)
        guard let end = rows.last?.id else { return ([], nil, 0) }
        let chosen = rows.filter { isChosen($0.id, oneIn: stage.trial.oneIn) }
        let members = try ProgramMembers.of(Set(chosen.map(\.id)), connection)
        var known: [Int64: (row: Profile, state: ProfileState)] = [:]
        for row in chosen { known[row.id] = (row, try ProfileState(parsing: row.state)) }
        let workspace = stage.after.workspace
        let people = try EarningPeople(stage.published, workspace, segments: SegmentCache(), connection) { known[$0] }
        let subjects = try people.subjects(Set(known.keys), connection)
        var histories: [ProgramReplay.History] = []
        for row in chosen {
            let member = members[row.id]
            guard let since = member?.since ?? joined(row, stage.policy), let subject = subjects[row.id] else {
                continue
            }
            histories.append(
                ProgramReplay.History(
                    profileID: row.id, account: member?.account ?? row.id, since: since, tier: member?.tier,
                    subject: subject))
        }
        try addOrders(&histories, stage, connection)
        return (histories, end, rows.count)
    }

    /// The same people whenever the same part is asked for.
    private static func isChosen(_ id: Int64, oneIn: Int64) -> Bool {
        guard oneIn > 1 else { return true }
        var mixed = UInt64(bitPattern: id) &* 0x9e37_79b9_7f4a_7c15
        mixed ^= mixed >> 32
        return mixed % UInt64(oneIn) == 0
    }

    /// When the policy would have made somebody a member.
    private static func joined(_ row: Profile, _ policy: EnrolmentPolicy) -> Timestamp? {
        switch policy.when {
        case .asked: return nil
        case .identified: return (row.identifiedMS ?? row.createdMS).timestamp
        case .ordered: return row.firstOrderMS?.timestamp
        }
    }

    private static func addOrders(
        _ histories: inout [ProgramReplay.History], _ stage: Stage, _ connection: any SQLConnection
    ) throws {
        let from = stage.after.workspace.calendar.start(ofDay: stage.trial.fromDay).milliseconds
        let orders = try connection.queryMany(
            "SELECT order_id, state FROM orders WHERE profile_id = ? AND ordered_ms >= ? LIMIT \(ordersMax)",
            histories.map { [.integer($0.profileID), .integer(from)] })
        let spent = try connection.queryMany(
            "SELECT at_ms, currency, amount FROM points_redemptions WHERE account_id = ?",
            histories.map { [.integer($0.account)] })
        for place in histories.indices {
            histories[place].orders = try orders[place].map { (try $0.text(0), try OrderState(parsing: $0.text(1))) }
            histories[place].redemptions = try spent[place].map {
                (Timestamp(milliseconds: try $0.int(0)), try $0.text(1), try $0.int(2))
            }
        }
    }

    /// What these people did, as the archive and the log behind it have it; nil when the archive cannot be asked.
    private static func events(
        _ histories: [ProgramReplay.History], _ stage: Stage, _ platform: Platform
    ) async -> [Int64: [CriteriaEvent]]? {
        guard !stage.names.isEmpty, !histories.isEmpty else { return [:] }
        let ids = histories.map(\.profileID)
        do {
            var events: [Int64: [CriteriaEvent]] = [:]
            let from = stage.after.workspace.calendar.start(ofDay: stage.trial.fromDay).milliseconds
            let table = try await platform.analytics.query(
                """
                SELECT profile_id, position, name, ts_ms, properties FROM timeline AS t FINAL
                WHERE profile_id IN (\(list: ids)) AND name IN (\(list: stage.names)) AND kind != 'system'
                AND ts_ms >= \(from) AND position <= \(stage.archived) LIMIT \(eventsMax)
                """)
            let (people, positions, names) = (try table.ints(0), try table.ints(1), try table.strings(2))
            let (times, properties) = (try table.ints(3), try table.strings(4))
            for row in people.indices {
                events[people[row], default: []].append(
                    CriteriaEvent(
                        position: positions[row], name: names[row], time: Timestamp(milliseconds: times[row]),
                        properties: FlatValues(parsing: properties[row], nil)))
            }
            let archived = events
            return try await platform.store.read { try logged(ids, stage, archived, $0) }
        } catch {
            platform.logger.warning("a trial lacks archived events", metadata: ["error": "\(error)"])
            return nil
        }
    }

    /// Adds what is in the log and not archived yet.
    private static func logged(
        _ ids: [Int64], _ stage: Stage, _ known: [Int64: [CriteriaEvent]], _ connection: any SQLConnection
    ) throws -> [Int64: [CriteriaEvent]] {
        var events = known
        let rows = try connection.query(
            """
            SELECT o.profile_id, e.position, e.name, e.time_ms, e.properties FROM event_outcomes o
            JOIN event_log e ON e.position = o.position
            WHERE o.position > \(stage.archived) AND o.profile_id IN (\(list: ids)) AND o.outcome = 'stored'
                AND e.kind <> 'system' AND e.name IN (\(list: stage.names)) LIMIT \(eventsMax)
            """)
        for row in rows {
            events[try row.int(0), default: []].append(
                CriteriaEvent(
                    position: try row.int(1), name: try row.text(2), time: Timestamp(milliseconds: try row.int(3)),
                    properties: FlatValues(parsing: try row.text(4), nil)))
        }
        return events
    }
}

extension Int64 {
    fileprivate var timestamp: Timestamp { Timestamp(milliseconds: self) }
}
