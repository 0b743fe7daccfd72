import Storage
import TestSupport
import Testing

@testable import Engine

/// People are replayed in parts, on all cores, where what one gets says nothing of what another can get.
@Suite("Program what-if in parts", .serialized)
struct ProgramTrialPartTests {
    /// What a program is held against.
    enum Limit: String, CaseIterable, Sendable {
        case eachMember, budget, rule

        var isApart: Bool { self == .eachMember }

        static let points: Int64 = 15_000

        /// Both end in the middle of the second part.
        var program: String {
            let first =
                #"{"id":"first","kind":"order_fixed","points":7,"caps":[{"per":"member","times":1}]}"#
            func base(_ cap: String) -> String {
                #"{"id":"base","kind":"order_amount","points":1,"per":1,"caps":[{"per":"member","points":90}\#(cap)]}"#
            }
            switch self {
            case .eachMember: return #""rules":[\#(base("")),\#(first)]"#
            case .budget: return #""rules":[\#(base("")),\#(first)],"budget":{"points":\#(Self.points)}"#
            case .rule: return #""rules":[\#(base(#",{"per":"all","points":\#(Self.points)}"#))]"#
            }
        }
    }

    private static let people = 300
    private static let ordersEach = 3

    /// Three orders of each, on some day of the last eighty.
    private static func fill(_ world: EarningWorld) async throws {
        let now = world.clock.now
        func append(_ events: [IncomingEvent]) async throws {
            try await Ingest(platform: world.platform, signal: LogSignal()).append(
                IncomingBatch(sourceID: EarningWorld.source, events: events))
        }
        func event(
            _ person: Int, _ kind: EventKind, _ name: String, _ id: String, _ time: Timestamp, _ properties: String
        ) -> IncomingEvent {
            IncomingEvent(
                kind: kind, name: name, messageID: id,
                identities: [IdentityClaim(kind: "user_id", value: "person-\(person)")], time: time, receivedAt: now,
                properties: properties)
        }
        try await append((0..<people).map { event($0, .identify, "Identify", "i\($0)", now, "{}") })
        for round in 0..<ordersEach {
            try await append(
                (0..<people).map { person in
                    let at = now.adding(days: -((person * 7 + round * 29) % 80)).adding(milliseconds: -60_000)
                    let sum = 5 + (person * 13 + round * 17) % 60
                    return event(
                        person, .track, "Order Completed", "o\(person)-\(round)", at,
                        #"{"order_id":"\#(person)-\#(round)","revenue":\#(sum)}"#)
                })
        }
        try await world.process()
    }

    @Test(
        "a replay in parts comes to what one after the other does, with limits on all members together and without",
        arguments: StoreKind.allCases, Limit.allCases)
    func parts(kind: StoreKind, limit: Limit) async throws {
        try await EarningWorld.with(kind, rules: EarningWorld.base) { world in
            try await Self.fill(world)
            let (effects, now) = (world.platform.effects, world.clock.now)
            let document = #"{"enrolment":{"when":"identified","backdated_days":200},\#(limit.program)}"#
            let id = try await world.platform.store.write { connection in
                let version = try ProgramVersions.create(
                    title: "Draft", document: document, by: "user:1", effects: effects, connection)
                let from = LocalCalendar.utc.day(of: now) - 100
                return try ProgramTrials.start(version.id, fromDay: from, by: "user:1", effects: effects, connection).id
            }
            try await JobRunner(platform: world.platform).drain()
            let (trial, stage) = try await world.platform.store.read { connection in
                (try ProgramTrials.get(id, connection), try ProgramTrialStage(connection, trial: id, at: now))
            }
            let result = try #require(trial.result)
            #expect(stage.sides.count == 2 && stage.sides[0].replay.rules.treatsMembersApart == limit.isApart)

            var batches = ProgramTrialPeople(stage, world.platform)
            let next = try await batches.next()
            let batch = try #require(next)
            #expect(batch.histories.count == Self.people)
            let outcomes = try stage.sides.map { try $0.run(batch.histories[...], EarningUses()).outcomes }
            var sum = ProgramTrialSum()
            sum.result.currency = stage.currency
            for (place, history) in batch.histories.enumerated() {
                sum.result.orders += Int64(history.orders.count)
                sum.add(history.profileID, outcomes[1][place], outcomes[0][place])
            }
            let expected = sum.conclude(people: Int64(Self.people))
            #expect(result == expected)
            #expect(result.orders == Int64(Self.people * Self.ordersEach))
            let issued = try #require(result.after["points"]?.issued)
            #expect(limit.isApart ? issued > Limit.points : issued == Limit.points)
        }
    }
}
