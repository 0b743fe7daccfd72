import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Liability", .serialized)
struct LiabilityTests {
    private typealias World = PointsCommandTests.World
    private static let day = Timestamp.millisecondsPerDay

    private static func load(_ world: World) async throws -> Liability {
        let now = world.clock.now
        return try await world.platform.store.read { try Liability.load("points", at: now, $0) }
    }

    private static func lapsing(_ world: World, _ account: Int64, _ amount: Int64, _ key: String, days: Int64)
        async throws
    {
        let expiry = Timestamp(milliseconds: world.clock.now.milliseconds + days * day)
        try await world.perform(
            .award(account: account, currency: "points", PointsAward(key: key, amount: amount, expiresAt: expiry)))
    }

    @Test(
        "what is outstanding is what the members' ledgers say, by the month in which it lapses",
        arguments: StoreKind.allCases)
    func outstanding(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let (ann, bob) = (try await world.member("ann").id, try await world.member("bob").id)
            try await Self.lapsing(world, ann, 100, "a", days: 20)
            try await Self.lapsing(world, ann, 50, "b", days: 400)
            try await world.award(bob, 30, "c")
            try await world.perform(.redeem(account: bob, currency: "points", 30, key: "r", note: [:]))
            try await world.perform(.reverse(award: "c", 30, key: "x", note: [:]))
            try await world.perform(
                .reserve(
                    account: ann, currency: "points", 40, until: world.clock.now.adding(days: 3), key: "h", note: [:]))
            let liability = try await Self.load(world)
            #expect(liability.outstanding == 120 && liability.owed == -30 && liability.held == 40)
            #expect(liability.months.map(\.total) == [100, 50])
            #expect(liability.months[0].held == 40)
            #expect(liability.soon.map(\.amount) == [0, 60, 60] && liability.soon.map(\.members) == [0, 1, 1])
            let totals =
                try await world.platform.store.read { try PointsVerification.trialBalance($0) }["points"] ?? [:]
            let owed = Ledger.allCases.filter(\.isMembers).reduce(Int64(0)) { $0 + (totals[$1] ?? 0) }
            #expect(liability.outstanding == owed)
        }
    }

    @Test(
        "cohorts tell what became of each month's points, transfers and all, and add up", arguments: StoreKind.allCases)
    func cohorts(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let (ann, bob) = (try await world.member("ann").id, try await world.member("bob").id)
            for month in 0..<5 {
                try await Self.lapsing(world, ann, 100, "a\(month)", days: 70)
                try await world.perform(.redeem(account: ann, currency: "points", 20, key: "r\(month)", note: [:]))
                if month == 1 {
                    try await world.perform(
                        .transfer(from: ann, to: bob, currency: "points", 10, key: "t", note: [:]))
                }
                world.clock.advance(milliseconds: 31 * Self.day)
            }
            let now = world.clock.now
            let (cohorts, forecast) = try await world.platform.store.read { connection in
                let cohorts = try LiabilityCohorts.load("points", at: now, connection)
                return (
                    cohorts,
                    try LiabilityForecast.make(PointsCommandTests.currency, cohorts, at: now, connection)
                )
            }
            #expect(cohorts.cohorts.map(\.issued) == [100, 100, 100, 100, 100])
            for cohort in cohorts.cohorts {
                let last = cohort.outstanding.count - 1
                #expect(
                    cohort.redeemed[last] + cohort.lapsed[last] + cohort.takenBack[last] + cohort.outstanding[last]
                        == cohort.issued)
            }
            #expect(forecast.breakage.value >= 0 && forecast.breakage.value <= forecast.outstanding)
            let total = try await Self.load(world)
            #expect(forecast.outstanding == Double(total.pending + total.available + total.held))
        }
    }

    @Test(
        "the accounting file balances every day, and over all days is the trial balance", arguments: StoreKind.allCases)
    func export(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let (ann, bob) = (try await world.member("ann").id, try await world.member("bob").id)
            let first = LocalCalendar.utc.day(of: world.clock.now) - 1
            for round in 0..<4 {
                try await Self.lapsing(world, ann, 500, "a\(round)", days: 9)
                try await world.perform(
                    .transfer(from: ann, to: bob, currency: "points", 50, key: "t\(round)", note: [:]))
                try await world.perform(.redeem(account: bob, currency: "points", 7, key: "r\(round)", note: [:]))
                world.clock.advance(milliseconds: 5 * Self.day + 3_333_333)
            }
            let last = LocalCalendar.utc.day(of: world.clock.now) + 1
            let rows = try await world.platform.store.read {
                try LedgerExport.rows(first, through: last, currency: nil, $0)
            }
            var sums: [String: Int64] = [:]
            var ledgers: [Ledger: Int64] = [:]
            for row in rows {
                sums[row.day, default: 0] += row.credit - row.debit
                ledgers[row.ledger, default: 0] += row.credit - row.debit
            }
            #expect(sums.count > 3 && sums.values.allSatisfy { $0 == 0 })
            let totals = try await world.platform.store.read { try PointsVerification.trialBalance($0) }["points"]
            #expect(ledgers == totals)
            #expect(LedgerExport.text(rows).contains(",available,liability,"))
        }
    }

    @Test("dormant points are compared, extended and donated, once for each member", arguments: StoreKind.allCases)
    func dormant(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let (ann, bob) = (try await world.member("ann").id, try await world.member("bob").id)
            try await Self.lapsing(world, ann, 100, "a", days: 300)
            try await Self.lapsing(world, bob, 100, "b", days: 300)
            world.clock.advance(milliseconds: 100 * Self.day)
            try await world.perform(.redeem(account: bob, currency: "points", 10, key: "r", note: [:]))
            let (now, effects) = (world.clock.now, world.platform.effects)
            let rule = DormantPoints.Rule(currency: "points", months: 2)
            let compared = try await world.platform.store.read {
                try DormantPoints.compare(rule, DormantPoints.Assumptions(), at: now, $0)
            }
            #expect(compared.members == 1 && compared.amount == 100)
            #expect(compared.outcomes.map(\.choice) == DormantPoints.Outcome.Choice.allCases)
            #expect(compared.outcomes.last?.donated == 100)
            let until = now.adding(days: 900)
            for request in [
                DormantAction.Request(rule: rule, choice: .remind, actor: "test"),
                DormantAction.Request(rule: rule, choice: .extend, until: until, actor: "test"),
                DormantAction.Request(rule: rule, choice: .donate, cause: "trees", actor: "test"),
            ] {
                try await world.platform.store.write { _ = try DormantAction.enqueue(request, effects, $0) }
                try await JobRunner(platform: world.platform).drain()
            }
            #expect(try await world.balance(ann).isZero)
            #expect(try await world.balance(bob).available == 90)
            let said = try await world.said()
            #expect(said.suffix(3) == ["Points Dormant", "Points Extended", "Points Donated"])
            await #expect(throws: DormantError.action(field: "cause")) {
                try await world.platform.store.write {
                    _ = try DormantAction.enqueue(
                        DormantAction.Request(rule: rule, choice: .donate, actor: "test"), effects, $0)
                }
            }
        }
    }
}
