import ArgumentParser
import Engine
import Foundation
import Storage

/// `perennial bench tiers`: a ranking of a whole base, shared out 1:2:7, frozen, and its moves.
struct BenchTiers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tiers",
        abstract: "Rank members by what they spent and share the tiers out.",
        discussion: """
            `--make` fills a fresh data folder with members and orders; without it the ranking is measured.

            EXAMPLES
              perennial bench tiers --data /tmp/tiers --make --members 1000000
              perennial bench tiers --data /tmp/tiers
            """)

    @OptionGroup var options: PlatformOptions
    @Flag(help: "Fill the store first, and measure nothing.")
    var make = false
    @Option(help: "How many members.")
    var members = 1_000_000
    @Flag(help: "Move everybody whom the ranking moves, too.")
    var move = false

    private static let batch = 20_000
    private static let start = Timestamp(milliseconds: 1_767_225_600_000)

    func run() async throws {
        try await options.withPlatform { platform in
            if make { try await fill(platform) } else { try await measure(platform) }
        }
    }

    /// Everybody has one account and one order of a skewed amount.
    private func fill(_ platform: Platform) async throws {
        for first in stride(from: 1, through: members, by: Self.batch) {
            let numbers = first...min(first + Self.batch - 1, members)
            try await platform.store.write { connection in
                try connection.executeMany(
                    """
                    INSERT INTO profiles (id, created_ms, first_seen_ms, last_seen_ms, identified, source_id,
                        event_count, order_count, net_spend, state, version)
                    VALUES (?, ?, ?, ?, 1, 1, 1, 1, ?, '{}', 1)
                    """,
                    numbers.map { number in
                        let at = SQLValue.integer(Self.start.milliseconds)
                        return [.integer(Int64(number)), at, at, at, .integer(Self.amount(number))]
                    })
                try connection.executeMany(
                    """
                    INSERT INTO points_accounts (id, profile_id, number, opened_ms, sequence, hash, last_ms, lots_opened)
                    VALUES (?, ?, ?, ?, 0, '', 0, 0)
                    """,
                    numbers.map { number in
                        [
                            .integer(Int64(number)), .integer(Int64(number)), .text(String(number)),
                            .integer(Self.start.milliseconds),
                        ]
                    })
                try connection.executeMany(
                    """
                    INSERT INTO orders (order_id, profile_id, source_id, status, ordered_ms, currency, gross, refunded,
                        net, net_workspace, line_count, quantity, updated_ms, position, state)
                    VALUES (?, ?, 1, 'completed', ?, 'CNY', ?, 0, ?, ?, 1, 1, ?, 1, '{}')
                    """,
                    numbers.map { number in
                        let amount = SQLValue.integer(Self.amount(number))
                        let at = SQLValue.integer(Self.start.milliseconds + Int64(number % 10_000) * 60_000)
                        return [.text("o\(number)"), .integer(Int64(number)), at, amount, amount, amount, at]
                    })
            }
        }
        print("\(members) members with an order each")
    }

    private static func amount(_ number: Int) -> Int64 {
        let mixed = UInt64(truncatingIfNeeded: number) &* 0x9e37_79b9_7f4a_7c15
        let draw = Int64(mixed >> 44)
        return 1_000 + draw * draw / 1_000_000
    }

    private func measure(_ platform: Platform) async throws {
        let clock = ContinuousClock()
        let ladder = TierLadder(
            tiers: [Tier(code: "base"), Tier(code: "mid"), Tier(code: "top")],
            period: TierPeriod(kind: .calendar, months: 1),
            quota: TierQuota(by: TierIndicator("spend", 1), shares: [1, 2, 7]))
        let began = Self.at(platform, Self.start.adding(days: 10))
        let ended = Self.at(platform, Self.start.adding(days: 35))
        let published = try await platform.store.write {
            try TierLadders.publish(ladder, by: "bench", effects: began.effects, $0)
        }
        let start = clock.now
        let taken = try await platform.store.write { connection in
            let calendar = try Workspace.load(connection).calendar
            let day = calendar.day(of: Self.start)
            return try TierRanking.take(
                from: day, to: day + 31, published, calendar, effects: ended.effects, connection)
        }
        print("\(taken?.members ?? 0) members ranked, shared out 1:2:7 and frozen in \(clock.now - start)")
        guard move else { return }
        let moving = clock.now
        let once = JobHandler(kind: TierRanking.handler.kind, run: TierRanking.handler.run)
        _ = try await platform.store.write {
            try JobQueue.enqueue(
                $0, kind: once.kind, key: once.kind, dueAt: ended.effects.now(), effects: ended.effects)
        }
        _ = try await JobRunner(platform: ended, catalog: JobCatalog([once])).drain()
        let moved = try await platform.store.read { try TierRanking.list(limit: 1, $0).first?.moved ?? 0 }
        print("\(moved) members moved, with history, events and profiles, in \(clock.now - moving)")
    }

    /// The same installation at another time.
    private static func at(_ platform: Platform, _ moment: Timestamp) -> Platform {
        let live = platform.effects
        return Platform(
            store: platform.store, analytics: platform.analytics,
            effects: Effects(now: { moment }, newID: live.newID, randomBytes: live.randomBytes),
            logger: platform.logger, metrics: platform.metrics, seal: platform.seal)
    }
}
