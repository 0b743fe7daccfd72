import Storage

/// What became of what was granted.
package struct BenefitUsage: Sendable, Equatable {
    package var tier: String
    package var benefit: String
    /// Grants of the span, and of them: with a use, ended without any, still open without any.
    package var granted: Int64
    package var used: Int64
    package var unused: Int64
    package var open: Int64
    /// Uses, of grants and of what only is.
    package var uses: Int64
    /// Who would have had it and came after the quota was taken, in all months.
    package var refused: Int64

    /// By tier and benefit, of grants given and uses made between two moments. Throws: `StorageError`.
    package static func load(
        from start: Timestamp, to end: Timestamp, at now: Timestamp, _ connection: any SQLConnection
    ) throws -> [BenefitUsage] {
        var all: [String: BenefitUsage] = [:]
        func usage(_ row: SQLRow, _ change: (inout BenefitUsage) throws -> Void) throws {
            let (tier, benefit) = (try row.text(0), try row.text(1))
            try change(
                &all[
                    "\(tier) \(benefit)",
                    default: BenefitUsage(
                        tier: tier, benefit: benefit, granted: 0, used: 0, unused: 0, open: 0, uses: 0, refused: 0)])
        }
        let grants = try connection.query(
            """
            SELECT tier, benefit, count(*), sum(CASE WHEN used > 0 THEN 1 ELSE 0 END),
                sum(CASE WHEN used = 0 AND ends_ms <= \(now.milliseconds) THEN 1 ELSE 0 END)
            FROM benefit_grants WHERE granted_ms >= \(start.milliseconds) AND granted_ms < \(end.milliseconds)
            GROUP BY tier, benefit
            """)
        for row in grants {
            try usage(row) {
                $0.granted = try row.int(2)
                $0.used = try row.int(3)
                $0.unused = try row.int(4)
                $0.open = $0.granted - $0.used - $0.unused
            }
        }
        let uses = try connection.query(
            """
            SELECT tier, benefit, count(*) FROM benefit_uses WHERE at_ms >= \(start.milliseconds)
            AND at_ms < \(end.milliseconds) GROUP BY tier, benefit
            """)
        for row in uses { try usage(row) { $0.uses = try row.int(2) } }
        let months = try connection.query(
            "SELECT tier, benefit, sum(refused) FROM benefit_quotas WHERE refused > 0 GROUP BY tier, benefit")
        for row in months { try usage(row) { $0.refused = try row.int(2) } }
        return all.values.sorted { ($0.tier, $0.benefit) < ($1.tier, $1.benefit) }
    }
}
