import Storage
import TestSupport
import Testing

@testable import Engine

/// Tiers and recommendations as history is replayed: for the program in force, what really happened comes out.
@Suite("Program what-if: tiers and referrals", .serialized)
struct ProgramTrialTierTests {
    private static func ladder(_ gold: Int, _ multiplier: Int = 200) -> String {
        """
        {"tiers":[{"code":"member"},{"code":"gold","rule":{"indicators":[{"kind":"spend","at_least":\(gold)}]},
          "benefits":[{"code":"more","kind":"multiplier","multiplier":\(multiplier)}]}],
         "period":{"kind":"rolling","months":12}}
        """
    }

    /// Two tiers by halves of a ranking at the end of each month.
    private static func quota(_ by: String, _ multiplier: Int = 300) -> String {
        """
        {"tiers":[{"code":"member"},{"code":"gold",
          "benefits":[{"code":"more","kind":"multiplier","multiplier":\(multiplier)}]}],
         "period":{"kind":"calendar","months":1},
         "quota":{"by":{"kind":"\(by)","at_least":1},"shares":[1,1]}}
        """
    }

    private static func trial(
        _ world: EarningWorld, _ rules: String, _ more: String, oneIn: Int64 = 1
    ) async throws -> ProgramTrialResult {
        let (effects, now) = (world.platform.effects, world.clock.now)
        let id = try await world.platform.store.write { connection in
            let version = try ProgramVersions.create(
                title: "Draft", document: #"{"rules":[\#(rules)]\#(more)}"#, by: "user:1", effects: effects, connection)
            let from = LocalCalendar.utc.day(of: now) - 100
            return try ProgramTrials.start(
                version.id, fromDay: from, oneIn: oneIn, by: "user:1", effects: effects, connection
            ).id
        }
        try await JobRunner(platform: world.platform).drain()
        let trial = try await world.platform.store.read { try ProgramTrials.get(id, $0) }
        return try #require(trial.result)
    }

    /// What the ledger holds of the two, in all.
    private static func real(_ world: EarningWorld) async throws -> Int64 {
        let (ann, bob) = (try await world.balance("ann"), try await world.balance("bob"))
        return ann.available + ann.pending + ann.owed + bob.available + bob.pending + bob.owed
    }

    private static func pass(days: Int64, _ world: EarningWorld) async throws {
        let runner = JobRunner(platform: world.platform)
        for _ in 0..<days {
            world.clock.advance(milliseconds: Timestamp.millisecondsPerDay)
            try await runner.ensureRecurring()
            try await runner.drain()
        }
        try await world.process()
    }

    @Test("tiers follow what was bought and what came back, and multiply from then on", arguments: StoreKind.allCases)
    func rules(kind: StoreKind) async throws {
        let more = #","tiers":\#(Self.ladder(10_000))"#
        try await EarningWorld.with(kind, rules: EarningWorld.base, more: more) { world in
            try await world.member("ann")
            try await world.member("bob")
            try await world.order("o1", "ann", [("tea", 60, 1)])
            world.clock.advance(milliseconds: 3_600_000)
            // The order that lifts is multiplied.
            try await world.order("o2", "ann", [("tea", 50, 2)])
            world.clock.advance(milliseconds: 3_600_000)
            try await world.refund("o2", "ann", "r1", [("tea", 50, 1)])
            try await world.order("o3", "bob", [("tea", 80, 1)])
            let (ann, bob) = (try await world.balance("ann"), try await world.balance("bob"))
            #expect(ann.available == 60 + 100 && bob.available == 80)
            let result = try await Self.trial(
                world, EarningWorld.base, #","tiers":\#(Self.ladder(8_000, 300))"#)
            #expect(result.before["points"]?.outstanding == 240)
            // With gold from ¥80: bob at once, three times as much.
            let after: Int64 = 60 + 150 + 240
            #expect(result.after["points"]?.outstanding == after)
            let tiers = try #require(result.tiers)
            #expect(tiers.before.members == ["gold": 1, "member": 1])
            #expect(tiers.after.members == ["gold": 2])
            #expect(tiers.before.rises == 1 && tiers.after.rises == 2 && tiers.after.falls == 0)
            #expect(tiers.moves == [.init(from: "member", to: "gold", members: 1)])
        }
    }

    @Test("rankings are taken at the end of each period, by spend and by points", arguments: ["spend", "points"])
    func rankings(by: String) async throws {
        let more = #","tiers":\#(Self.quota(by))"#
        try await EarningWorld.with(.sqlite, rules: EarningWorld.base, more: more) { world in
            try await world.member("ann")
            try await world.member("bob")
            try await world.order("o1", "ann", [("tea", 10, 1)])
            try await world.order("o2", "bob", [("tea", 20, 1)])
            // Into the next month: bob is first.
            try await Self.pass(days: 32, world)
            try await world.order("o3", "bob", [("tea", 10, 1)])
            try await world.order("o4", "ann", [("tea", 100, 1)])
            // And the next: ann is.
            try await Self.pass(days: 31, world)
            try await world.order("o5", "ann", [("tea", 7, 1)])
            try await world.order("o6", "bob", [("tea", 7, 1)])
            let held = try await Self.real(world)
            #expect(held == 10 + 20 + 30 + 100 + 21 + 7)
            let result = try await Self.trial(world, EarningWorld.base, #","tiers":\#(Self.quota(by, 500))"#)
            #expect(result.before["points"]?.outstanding == held)
            let after: Int64 = 10 + 20 + 50 + 100 + 35 + 7
            #expect(result.after["points"]?.outstanding == after)
            let tiers = try #require(result.tiers)
            #expect(tiers.before.members == ["gold": 1, "member": 1] && tiers.moves.isEmpty)
            #expect(tiers.before.rises == 2 && tiers.before.falls == 1)
        }
    }

    @Test("who recommended somebody gets their points, and returns take them back", arguments: StoreKind.allCases)
    func referrals(kind: StoreKind) async throws {
        func rules(_ points: Int) -> String {
            EarningWorld.base + #",{"id":"ref","kind":"referral","points":\#(points),"friend_points":100}"#
        }
        try await EarningWorld.with(kind, rules: rules(200)) { world in
            try await world.member("ann")
            try await world.identify("bob", traits: #"{"referred_by":"ann"}"#)
            try await world.member("bob")
            try await world.order("o1", "bob", [("tea", 50, 2)])
            world.clock.advance(milliseconds: 3_600_000)
            try await world.refund("o1", "bob", "r1", [("tea", 50, 1)])
            let (ann, bob) = (try await world.balance("ann"), try await world.balance("bob"))
            #expect(ann.available == 100)
            let result = try await Self.trial(world, rules(500), "")
            #expect(result.before["points"]?.outstanding == ann.available + bob.available)
            #expect(result.after["points"]?.outstanding == 250 + bob.available)
            #expect(result.top.map(\.change) == [150])
            #expect(result.tiers == nil)
        }
    }

    @Test("a tier given by hand is had while it lasts", arguments: StoreKind.allCases)
    func grants(kind: StoreKind) async throws {
        let more = #","tiers":\#(Self.ladder(1_000_000))"#
        try await EarningWorld.with(kind, rules: EarningWorld.base, more: more) { world in
            let ann = try await world.member("ann")
            try await world.member("bob")
            try await world.order("o1", "ann", [("tea", 10, 1)])
            world.clock.advance(milliseconds: 3_600_000)
            let effects = world.platform.effects
            let grant = try await world.platform.store.write { connection in
                let given = try TierGrants.give(
                    "gold", to: ann.id, until: nil, reason: "goodwill", by: "test", effects: effects, connection)
                try SystemEventLog.append(given.events, now: effects.now(), effects: effects, to: connection)
                return given.grant.id
            }
            try await world.order("o2", "ann", [("tea", 10, 1)])
            world.clock.advance(milliseconds: 3_600_000)
            try await world.platform.store.write { connection in
                let ended = try TierGrants.end(grant, effects: effects, connection)
                try SystemEventLog.append(ended.events, now: effects.now(), effects: effects, to: connection)
            }
            try await world.order("o3", "ann", [("tea", 10, 1)])
            #expect(try await Self.real(world) == 40)
            let result = try await Self.trial(world, EarningWorld.base, more)
            #expect(result.before["points"]?.outstanding == 40 && result.after["points"]?.outstanding == 40)
            #expect(result.tiers?.after.rises == 1 && result.tiers?.after.falls == 1)
        }
    }

    @Test("more rankings by points than can be replayed are refused with the number")
    func tooMany() async throws {
        try await EarningWorld.with(.sqlite, rules: EarningWorld.base) { world in
            let (effects, now) = (world.platform.effects, world.clock.now)
            let trial = try await world.platform.store.write { connection in
                let version = try ProgramVersions.create(
                    title: "Draft", document: #"{"rules":[\#(EarningWorld.base)],"tiers":\#(Self.quota("points"))}"#,
                    by: "user:1", effects: effects, connection)
                return try ProgramTrials.start(
                    version.id, fromDay: LocalCalendar.utc.day(of: now) - 1_000, by: "user:1", effects: effects,
                    connection)
            }
            try await JobRunner(platform: world.platform).drain()
            let job = try await world.platform.store.read { try JobQueue.get($0, id: trial.jobID) }
            #expect(job.status == .failed && job.result?.contains("too_many_rankings") == true)
        }
    }
}
