import Logging
import Storage

/// The share of what members earn that goes into their pool by itself: of points that can be spent, in the background, so
/// that no award waits for the pool's account (docs/decisions).
///
/// ⌊share · points⌋ of each award, or of each release of one; never more than is left of its lots. Each is a contribution
/// with a key made of the transaction that it is a share of, so that nothing is shared twice.
package enum PoolShares {
    package static let handler = JobHandler(kind: "points_pools", schedule: .every(seconds: 30)) { context in
        var done: Int64 = 0
        while true {
            let moved = try await run(context)
            done += Int64(moved)
            if moved < PoolLimits.sweptMembers { break }
        }
        return try StoredDocument.text(["members": done])
    }

    private static func run(_ context: JobContext) async throws -> Int {
        let (effects, logger) = (context.platform.effects, context.platform.logger)
        return try await context.platform.store.write { connection in
            let found = try PoolRows.unswept(limit: PoolLimits.sweptMembers, connection)
            guard !found.isEmpty else { return 0 }
            let now = effects.now()
            let loaded = try PointsAccountRows.load(found.flatMap { [$0.account, $0.pool] }, .open, connection)
            var batch = PointsBatch(loaded, try PointsProgram.load(connection), at: now)
            try batch.advance()
            for one in found {
                // Who left or joined until the accounts were locked comes next time.
                guard var member = try PoolRows.membership(of: one.account, connection), member.pool == one.pool else {
                    continue
                }
                do {
                    member.swept = try sweep(member, &batch, connection)
                } catch let error as PointsError {
                    logger.error(
                        "a pool's share cannot go on", metadata: ["account": "\(one.account)", "error": "\(error)"])
                    member.swept = batch.accounts[one.account]?.sequence ?? member.swept
                }
                try PoolRows.update(member, connection)
            }
            let events = try batch.save(request: nil, connection)
            try SystemEventLog.append(events, now: now, effects: effects, to: connection)
            return found.count
        }
    }

    /// Contributes a member's share of what came in since it was last looked at; both accounts are in the batch. Returns up
    /// to where it looked. Throws: `PointsError`, `StorageError`.
    static func sweep(
        _ member: PoolRows.Membership, _ batch: inout PointsBatch, _ connection: any SQLConnection
    ) throws -> Int64 {
        let id = member.account
        guard member.share > 0 else { return batch.accounts[id]?.sequence ?? member.swept }
        let stored = try connection.query(
            """
            SELECT document, hash FROM points_transactions WHERE account_id = \(id) AND sequence > \(member.swept)
            AND kind IN ('award', 'release') ORDER BY sequence LIMIT \(PoolLimits.sweptTransactions)
            """
        ).map { try PointsTransaction(parsing: $0.text(0), hash: $0.text(1)) }
        let isPart = stored.count == PoolLimits.sweptTransactions
        let written = isPart ? [] : batch.accounts[id]?.written ?? []
        for transaction in stored + written.filter({ $0.kind == .award || $0.kind == .release }) {
            guard let account = batch.accounts[id], batch.program.currencies[transaction.currency]?.isPoolable == true
            else { continue }
            let shares = shares(member.share, of: transaction, account)
            let amount = shares.reduce(0) { $0 + $1.amount }
            guard amount > 0 else { continue }
            try batch.contribute(
                amount, of: shares, transaction.currency, from: id, to: member.pool,
                as: "share:\(id):\(transaction.sequence)", note: ["share": "\(member.share)%"], connection)
        }
        return isPart ? stored.last?.sequence ?? member.swept : batch.accounts[id]?.sequence ?? member.swept
    }

    /// Of each lot as much as it gained in the transaction and still has, until the share is reached.
    private static func shares(
        _ percent: Int64, of transaction: PointsTransaction, _ account: PointsAccount
    ) -> [PointsShare] {
        var gained: [Int64: Int64] = [:]
        for entry in transaction.entries where entry.ledger == .available && entry.lot != 0 {
            gained[entry.lot, default: 0] += entry.amount
        }
        gained = gained.filter { $0.value > 0 }
        // An amount is 10^12 at the most: the product fits.
        var rest = gained.values.reduce(0, +) * percent / 100
        return gained.keys.compactMap { account.lots[$0] }.filter(\.isAvailable).sorted(by: PointsLot.spendsBefore)
            .compactMap { lot in
                let part = min(rest, lot.remaining, gained[lot.number] ?? 0)
                rest -= part
                return part > 0 ? PointsShare(lot: lot.number, amount: part) : nil
            }
    }
}
