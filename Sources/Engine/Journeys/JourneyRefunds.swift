import Logging
import Storage

/// Takes back what nodes gave for an order that was refunded, where they say so: of points the part that came back, of a
/// coupon all of it once all came back and nobody used it. Each gift in a transaction of its own; what cannot be taken back
/// is noted with the gift.
enum JourneyRefunds {
    private static let batchGifts = 200
    /// Orders are followed for so long after something was given for them.
    static let days = 120

    static let handler = JobHandler(kind: "journey_refunds", schedule: .every(seconds: 60)) { context in
        let now = context.platform.effects.now()
        var taken: Int64 = 0
        while true {
            let gifts = try await context.platform.store.read { try due(at: now, $0) }
            for gift in gifts { taken += try await settle(gift, context) ? 1 : 0 }
            if gifts.count < batchGifts { break }
        }
        return try StoredDocument.text(["taken_back": taken])
    }

    private struct Gift: Sendable {
        var key: String
        var kind: String
        var what: String
        var amount: Int64
        var reversed: Int64
        var coupon: Int64
        var order: String
        /// What of `amount` is to be back by now.
        var wanted: Int64
    }

    /// Gifts of which more is to come back than did.
    private static func due(at now: Timestamp, _ connection: any SQLConnection) throws -> [Gift] {
        try connection.query(
            """
            SELECT g.gift_key, g.kind, g.what, g.amount, g.reversed, g.coupon_id, g.order_id, o.status, o.gross, o.refunded
            FROM journey_gifts g JOIN orders o ON o.order_id = g.order_id
            WHERE g.order_id <> '' AND g.reversed < g.amount AND g.note = ''
                AND g.given_ms > \(now.adding(days: -days).milliseconds)
                AND (o.status IN ('refunded', 'cancelled') OR (g.kind = 'points' AND o.gross > 0
                    AND g.amount * o.refunded >= (g.reversed + 1) * o.gross))
            ORDER BY g.gift_key LIMIT \(batchGifts)
            """
        ).compactMap { row in
            var gift = Gift(
                key: try row.text(0), kind: try row.text(1), what: try row.text(2), amount: try row.int(3),
                reversed: try row.int(4), coupon: try row.int(5), order: try row.text(6), wanted: 0)
            let isAll = ["refunded", "cancelled"].contains(try row.text(7))
            gift.wanted =
                isAll
                ? gift.amount
                : PointsAccount.reversed(of: gift.amount, returned: try row.int(9), whole: try row.int(8))
            return gift.wanted > gift.reversed ? gift : nil
        }
    }

    /// Returns whether something was taken back.
    private static func settle(_ gift: Gift, _ context: JobContext) async throws -> Bool {
        let platform = context.platform
        do {
            if gift.kind == "coupon" {
                _ = try await CouponIssuing.void(
                    gift.coupon, reason: "order \(gift.order)", by: "journeys", platform)
                try await context.write { try note(gift, "", $0) }
            } else {
                try await context.write { connection in
                    let now = platform.effects.now()
                    // The key says up to where: a repeat takes back nothing.
                    let command = PointsCommand.reverse(
                        award: gift.key, gift.wanted - gift.reversed, key: "\(gift.key):\(gift.wanted)",
                        note: ["order": gift.order])
                    let (_, events) = try Points.perform(command, at: now, connection)
                    try note(gift, "", connection)
                    try SystemEventLog.append(events, now: now, effects: platform.effects, to: connection)
                }
            }
            return true
        } catch let error as CouponError {
            // Voided before and not noted: it is back all the same.
            let isBack = if case .notVoidable(.voided) = error { true } else { false }
            try await refuse(gift, isBack ? "" : "\(error)", context)
            return isBack
        } catch let error as PointsError {
            try await refuse(gift, "\(error)", context)
            return false
        }
    }

    private static func refuse(_ gift: Gift, _ problem: String, _ context: JobContext) async throws {
        if !problem.isEmpty {
            context.platform.logger.warning("a journey's gift was not taken back", metadata: ["gift": "\(gift.key)"])
        }
        try await context.write { try note(gift, String(problem.prefix(200)), $0) }
    }

    private static func note(_ gift: Gift, _ problem: String, _ connection: any SQLConnection) throws {
        let reversed = problem.isEmpty ? gift.wanted : gift.reversed
        try connection.execute(
            """
            UPDATE journey_gifts SET reversed = \(reversed), note = \(problem) WHERE gift_key = \(gift.key)
            """)
    }
}
