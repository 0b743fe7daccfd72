import Storage

/// Does something about dormant points, member by member, in the background. Safe to run again: every member's command has
/// the job's key.
package enum DormantAction {
    package static let kind = "dormant_points"
    package static let dormant = "Points Dormant"
    private static let batchAccounts = 200
    private static let causeBytes = 200

    /// What is done, to whom.
    package struct Request: Codable, Sendable, Equatable {
        package enum Choice: String, Codable, Sendable, CaseIterable {
            /// Says `Points Dormant` of each, for journeys and webhooks to act on.
            case remind
            /// Lets every lot that lapses before `until` lapse then.
            case extend
            /// Gives what can be spent to `cause`.
            case donate
        }

        package var rule: DormantPoints.Rule
        package var choice: Choice
        package var until: Timestamp?
        package var cause: String
        package var actor: String

        package init(
            rule: DormantPoints.Rule, choice: Choice, until: Timestamp? = nil, cause: String = "", actor: String
        ) {
            self.rule = rule
            self.choice = choice
            self.until = until
            self.cause = cause
            self.actor = actor
        }
    }

    /// Returns the job's id. Throws: `DormantError`, `PointsError`, `StorageError`.
    @discardableResult
    package static func enqueue(
        _ request: Request, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Int64 {
        try request.rule.validate()
        let now = effects.now()
        guard let currency = try PointsCurrencies.stored(request.rule.currency, connection)?.currency else {
            throw PointsError.unknownCurrency(request.rule.currency)
        }
        switch request.choice {
        case .remind: break
        case .extend: guard request.until.map({ $0 > now }) ?? false else { throw DormantError.action(field: "until") }
        case .donate:
            guard currency.isSpendable else { throw PointsError.notSpendable(currency: currency.code) }
            guard (1...causeBytes).contains(request.cause.utf8.count) else {
                throw DormantError.action(field: "cause")
            }
        }
        let id = try JobQueue.enqueue(
            connection, kind: kind, key: "\(kind):\(request.rule.currency)",
            request: try StoredDocument.text(request), dueAt: now, effects: effects
        ).id
        try AuditLog.append(
            actor: request.actor, action: "dormant_points.act", subject: "points_currency:\(request.rule.currency)",
            detail: request.choice.rawValue, connection, at: now)
        return id
    }

    package static let handler = JobHandler(kind: kind) { context in
        let request = try StoredDocument.value(Request.self, from: context.job.request)
        // Who is dormant is settled when the work begins, not as it goes on.
        let now = context.job.createdAt
        var (after, seen, done): (Int64, Int64, Int64) = (0, 0, 0)
        while true {
            let last = after
            let found = try await context.platform.store.read {
                try DormantPoints.accounts(request.rule, after: last, limit: batchAccounts, at: now, $0)
            }
            guard let end = found.last?.account else { break }
            seen += Int64(found.count)
            done += try await act(request, found, context)
            try await context.report(JobProgress(done: seen, unit: "people"))
            after = end
        }
        return try StoredDocument.text(["people": seen, "done": done])
    }

    private typealias Dormant = (account: Int64, available: Int64, profile: Int64)

    /// A transaction for each account: tills at the same moment wait for one member at most.
    private static func act(_ request: Request, _ found: [Dormant], _ context: JobContext) async throws -> Int64 {
        let (effects, job) = (context.platform.effects, context.job.id)
        if request.choice == .remind {
            try await context.write { connection in
                let now = effects.now()
                try SystemEventLog.append(
                    found.map { event(request, $0, at: now) }, now: now, effects: effects, to: connection)
            }
            return Int64(found.count)
        }
        var done: Int64 = 0
        for one in found {
            do {
                done += try await context.write { connection in
                    guard let command = try command(request, one, job: job, connection) else { return 0 }
                    return try Points.perform(command, effects: effects, connection).isRepeat ? 0 : 1
                }
            } catch is PointsError {
                // What the member did meanwhile decides: who spent it has nothing to give.
                continue
            }
        }
        return done
    }

    /// nil when nothing is to be done in the ledger.
    private static func command(
        _ request: Request, _ one: Dormant, job: Int64, _ connection: any SQLConnection
    ) throws -> PointsCommand? {
        let key = "dormant:\(job):\(one.account)"
        switch request.choice {
        case .remind: return nil
        case .donate:
            return .donate(
                account: one.account, currency: request.rule.currency, one.available, key: key,
                note: ["cause": request.cause, "reason": "dormant"])
        case .extend:
            guard let until = request.until else { return nil }
            let lots = try PointsAccounts.lots(
                of: one.account, currency: request.rule.currency, onlyOpen: true, limit: 200, connection
            ).filter { !$0.isPending && $0.remaining > 0 && ($0.expiresAt.map { $0 < until } ?? false) }
            guard !lots.isEmpty else { return nil }
            return .extend(
                account: one.account, currency: request.rule.currency, lots: lots.map(\.number), to: until, key: key,
                note: ["reason": "dormant"])
        }
    }

    private static func event(_ request: Request, _ one: Dormant, at now: Timestamp) -> SystemEvent {
        SystemEvent(
            name: dormant, profileID: one.profile, time: now,
            properties: JSONValue.object([
                "account": JSONValue(id: one.account), "currency": .string(request.rule.currency),
                "amount": .integer(one.available), "months": .integer(Int64(request.rule.months)),
            ]).text())
    }
}
