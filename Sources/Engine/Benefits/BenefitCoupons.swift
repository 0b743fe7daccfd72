import Logging
import Storage

/// Coupons follow the grants that bring them, within half a minute: each once, by the grant's own key, however often the job
/// is broken off. What cannot be issued (no such coupon, one that has ended, a limit) is noted on the grant.
package enum BenefitCoupons {
    private static let batchGrants = 100

    package static let handler = JobHandler(kind: "benefit_coupons", schedule: .every(seconds: 30)) { context in
        var issued: Int64 = 0
        while true {
            let grants = try await context.platform.store.read { try waiting($0) }
            for grant in grants where try await settle(grant, context) { issued += 1 }
            if grants.count < batchGrants { break }
        }
        return try StoredDocument.text(["issued": issued])
    }

    private static func waiting(_ connection: any SQLConnection) throws -> [Int64] {
        try connection.query(
            """
            SELECT id FROM benefit_grants WHERE kind = 'coupon' AND issued_ms IS NULL
            ORDER BY granted_ms, id LIMIT \(batchGrants)
            """
        ).map { try $0.int(0) }
    }

    /// One grant in a transaction of its own, so that what is refused leaves nothing behind. Returns whether a coupon was
    /// issued.
    private static func settle(_ grant: Int64, _ context: JobContext) async throws -> Bool {
        let effects = context.platform.effects
        do {
            try await context.write { connection in
                let now = effects.now()
                let row = try connection.first(
                    """
                    SELECT profile_id, coupon FROM benefit_grants WHERE id = \(grant) AND issued_ms IS NULL\
                    \(raw: connection.dialect.forUpdate)
                    """)
                guard let row else { return }
                let events = try issue(
                    row.textOrNil(1), to: row.int(0), for: grant, at: now, effects, connection)
                try note(nil, grant, at: now, connection)
                try SystemEventLog.append(events, now: now, effects: effects, to: connection)
            }
            return true
        } catch let error as CouponError {
            context.platform.logger.warning("a benefit's coupon was not issued", metadata: ["grant": "\(grant)"])
            let problem = String("\(error)".prefix(200))
            try await context.write { try note(problem, grant, at: effects.now(), $0) }
            return false
        }
    }

    private static func note(
        _ problem: String?, _ grant: Int64, at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            """
            UPDATE benefit_grants SET issued_ms = \(now.milliseconds), issue_problem = \(problem.sqlValue)
            WHERE id = \(grant)
            """)
    }

    /// `coupon` is the id of a definition. Nobody's grant brings nothing.
    private static func issue(
        _ coupon: String?, to profile: Int64, for grant: Int64, at now: Timestamp, _ effects: Effects,
        _ connection: any SQLConnection
    ) throws -> [SystemEvent] {
        guard profile != 0 else { return [] }
        let definition = coupon.flatMap { Int64($0) } ?? 0
        return try CouponIssuing.issue(
            definition, to: profile, key: "benefit:\(grant)", by: "benefits", at: now, effects, connection
        ).1
    }
}
