import Storage
import TestSupport
import Testing

@testable import Engine

/// Versions tried on what really happened.
@Suite("Program what-if", .serialized)
struct ProgramTrialTests {
    private static func trial(
        _ world: EarningWorld, _ rules: String, oneIn: Int64 = 1
    ) async throws -> (version: ProgramVersion, trial: ProgramTrial) {
        let (effects, now) = (world.platform.effects, world.clock.now)
        let (version, started) = try await world.platform.store.write { connection in
            let version = try ProgramVersions.create(
                title: "Draft", document: #"{"rules":[\#(rules)]}"#, by: "user:1", effects: effects, connection)
            let from = LocalCalendar.utc.day(of: now) - 100
            return (
                version,
                try ProgramTrials.start(
                    version.id, fromDay: from, oneIn: oneIn, by: "user:1", effects: effects, connection)
            )
        }
        try await JobRunner(platform: world.platform).drain()
        return (version, try await world.platform.store.read { try ProgramTrials.get(started.id, $0) })
    }

    @Test(
        "history is replayed with returns, spending and expiry; what really happened comes out for the version in force",
        arguments: StoreKind.allCases)
    func replay(kind: StoreKind) async throws {
        let currency = PointsCurrency(code: "points", expiry: .rolling(months: 1))
        try await EarningWorld.with(kind, rules: EarningWorld.base, currency: currency) { world in
            let ann = try await world.member("ann")
            try await world.member("bob")
            try await world.order("o1", "ann", [("tea", 50, 2)])
            world.clock.advance(milliseconds: 3_600_000)
            try await world.refund("o1", "ann", "r1", [("tea", 50, 1)])
            _ = try await Points.perform(
                .redeem(account: ann.id, currency: "points", 20, key: "spend", note: [:]), world.platform)
            try await world.order("o2", "bob", [("tea", 10, 1)])
            let (_, trial) = try await Self.trial(world, #"{"id":"base","kind":"order_amount","points":3,"per":1}"#)
            #expect(trial.status == .done)
            let result = try #require(trial.result)
            #expect(result.replayed == 2 && result.orders == 2)
            let before = try #require(result.before["points"])
            let (one, two) = (try await world.balance("ann"), try await world.balance("bob"))
            #expect(before.outstanding == one.available + two.available)
            #expect(
                before == ProgramReplay.Figures(issued: 110, takenBack: 50, redeemed: 20, expired: 0, outstanding: 40))
            let after = try #require(result.after["points"])
            #expect(
                after == ProgramReplay.Figures(issued: 330, takenBack: 150, redeemed: 20, expired: 0, outstanding: 160))
            #expect(result.change == 120 && result.changeError == 0 && result.more == 2)
            #expect(result.top.map(\.change) == [100, 20])
            #expect(trial.hash?.count == 64)
        }
    }

    @Test("what only the version in force asks of people is known in its replay", arguments: StoreKind.allCases)
    func conditionsInForce(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base) { world in
            try await world.member("ann")
            try await world.member("bob")
            let (ann, effects) = (try await world.profile("ann"), world.platform.effects)
            let tag = try await world.platform.store.write { connection in
                let tag = try Tags.create(TagDraft(name: "Guest"), effects: effects, connection).id
                try Tags.give(tag, to: [ann], TagCause(.hand, "1"), effects: effects, connection)
                return tag
            }
            try await world.install(
                rules:
                    #"{"id":"base","kind":"order_amount","points":1,"per":1,"where":{"kind":"tag","ids":["\#(tag)"]}}"#)
            try await world.order("o1", "ann", [("tea", 50, 1)])
            try await world.order("o2", "bob", [("tea", 10, 1)])
            let (_, trial) = try await Self.trial(world, EarningWorld.base)
            let result = try #require(trial.result)
            #expect(result.before["points"]?.issued == 50 && result.after["points"]?.issued == 60)
        }
    }

    @Test(
        "an approval is of a trial of what the version says, and lapses when history moves on",
        arguments: StoreKind.allCases)
    func approval(kind: StoreKind) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base) { world in
            try await world.member("ann")
            try await world.order("o1", "ann", [("tea", 50, 1)])
            let effects = world.platform.effects
            let untried = try await world.platform.store.write { connection in
                let version = try ProgramVersions.create(
                    title: "Untried", document: #"{"rules":[]}"#, by: "user:1", effects: effects, connection)
                _ = try ProgramVersions.submit(version.id, by: "user:1", at: effects.now(), connection)
                return version.id
            }
            await #expect(throws: ProgramError.trialMissing) {
                _ = try await world.platform.store.write {
                    try ProgramVersions.approve(untried, by: "user:2", at: effects.now(), $0)
                }
            }
            let (version, trial) = try await Self.trial(
                world, #"{"id":"base","kind":"order_amount","points":3,"per":1}"#)
            try await world.platform.store.write { connection in
                let now = effects.now()
                _ = try ProgramVersions.submit(version.id, by: "user:1", at: now, connection)
                let approved = try ProgramVersions.approve(version.id, by: "user:2", at: now, connection)
                #expect(approved.trialID == trial.id)
            }
            for number in 0...Int(ProgramTrials.materialEvents / 500) {
                try await Ingest(platform: world.platform, signal: LogSignal()).append(
                    IncomingBatch(
                        sourceID: EarningWorld.source,
                        events: (0..<500).map { place in
                            IncomingEvent(
                                kind: .track, name: "Seen", messageID: "\(number)-\(place)",
                                identities: [IdentityClaim(kind: "user_id", value: "ann")], time: world.clock.now,
                                receivedAt: world.clock.now)
                        }))
            }
            await #expect(throws: ProgramError.trialLapsed) {
                _ = try await world.platform.store.write {
                    try ProgramVersions.publish(version.id, by: "user:2", at: effects.now(), $0)
                }
            }
            #expect(try await world.platform.store.read { try ProgramVersions.lapsed($0).map(\.id) } == [version.id])
            // Trying it anew is not approving it anew.
            world.clock.advance(milliseconds: 60_000)
            let from = LocalCalendar.utc.day(of: world.clock.now) - 100
            let again = try await world.platform.store.write {
                try ProgramTrials.start(version.id, fromDay: from, by: "user:1", effects: effects, $0)
            }
            try await JobRunner(platform: world.platform).drain()
            await #expect(throws: ProgramError.trialLapsed) {
                _ = try await world.platform.store.write {
                    try ProgramVersions.publish(version.id, by: "user:1", at: effects.now(), $0)
                }
            }
            try await world.platform.store.write { connection in
                let approved = try ProgramVersions.approve(version.id, by: "user:2", at: effects.now(), connection)
                #expect(approved.trialID == again.id)
                #expect(try ProgramVersions.lapsed(connection).isEmpty)
                _ = try ProgramVersions.publish(version.id, by: "user:2", at: effects.now(), connection)
            }
        }
    }

    @Test("a part of the people gives an estimate with its error, which the whole lies in")
    func sample() {
        var generator = SeededGenerator(seed: 9)
        var whole = ProgramTrialSum()
        var part = ProgramTrialSum()
        for id in 0..<20_000 {
            let points = Int64.random(in: 0...1_000, using: &generator)
            let figures = ["points": ProgramReplay.Figures(issued: points)]
            whole.add(Int64(id), [:], figures)
            if id % 10 == 0 { part.add(Int64(id), [:], figures) }
        }
        let (exact, estimate) = (whole.conclude(people: 20_000), part.conclude(people: 20_000))
        #expect(exact.changeError == 0 && estimate.changeError > 0)
        #expect(abs(exact.change - estimate.change) <= 2 * estimate.changeError)
        #expect(
            exact.top.count == ProgramTrialResult.topMax && exact.top.first?.change == exact.top.map(\.change).max())
    }
}
