import Storage
import TestSupport
import Testing

@testable import Engine

/// Tiers through the front door, on both stores: orders through the processor, awards, the clock, grants, merges, erasure.
@Suite("Tier life", .serialized)
struct TierLifeTests {
    @Test(
        "an order lifts at once, with history, event and the person's column; again it does nothing",
        arguments: StoreKind.allCases)
    func order(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            try await world.publish(TierCourseTests.ladder())
            let ann = try await world.member("ann")
            #expect(try await world.tier(ann.id) == "member")
            try await world.order("ann", "o1", 600)
            #expect(try await world.tier(ann.id) == "silver")
            try await world.order("ann", "o1", 600)
            try await world.order("ann", "o2", 1_400)
            #expect(try await world.tier(ann.id) == "gold")
            let history = try await world.history(ann.id)
            #expect(history.map(\.change.to) == ["gold", "silver", "member"])
            #expect(history.map(\.change.number) == [3, 2, 1])
            #expect(try await world.said(Tiers.changed) == 2)
            let profile = try await world.profile(ann.profileID)
            #expect(profile.tier == "gold" && profile.tierSinceMS != nil)
        }
    }

    @Test("tier by earned, not by balance: spending points does not demote", arguments: StoreKind.allCases)
    func spending(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            try await world.publish(
                TierLadder(
                    tiers: [
                        Tier(code: "member"), Tier(code: "silver", rule: TierRule([TierIndicator("points", 100)])),
                    ], period: TierPeriod(kind: .rolling, months: 1)))
            let ann = try await world.member("ann")
            try await world.award(ann.id, 120, "a1")
            #expect(try await world.tier(ann.id) == "silver")
            try await world.perform(.redeem(account: ann.id, currency: "points", 120, key: "r1", note: [:]))
            #expect(try await world.tier(ann.id) == "silver")
            world.clock.advance(milliseconds: 40 * Timestamp.millisecondsPerDay)
            try await world.tick()
            #expect(try await world.tier(ann.id) == "silver", "the month that kept it began with the award")
            // What a return takes back of an award was not earned.
            let bob = try await world.member("bob")
            try await world.award(bob.id, 120, "b1")
            try await world.perform(.reverse(award: "b1", 60, key: "x1", note: [:]))
            #expect(try await world.tier(bob.id) == "silver", "nobody falls within a period")
            world.clock.advance(milliseconds: 40 * Timestamp.millisecondsPerDay)
            try await world.tick()
            #expect(try await world.tier(bob.id) == "member")
        }
    }

    @Test(
        "the clock catches up nights that were missed, with evidence and what would have kept it",
        arguments: StoreKind.allCases)
    func clock(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            try await world.publish(TierCourseTests.ladder())
            let ann = try await world.member("ann")
            try await world.order("ann", "o1", 2_500)
            world.clock.advance(milliseconds: 700 * Timestamp.millisecondsPerDay)
            try await world.tick()
            try await world.tick()
            #expect(try await world.tier(ann.id) == "member")
            let history = try await world.history(ann.id)
            #expect(history.map(\.change.to) == ["member", "silver", "gold", "member"])
            #expect(history.prefix(2).allSatisfy { $0.change.cause == .periodEnd && $0.change.counterfactual != nil })
            #expect(history[1].change.at < history[0].change.at)
            let causes = try await world.platform.store.read {
                try TierCauses.load(from: Timestamp(milliseconds: 0), to: world.clock.now, $0)
            }
            #expect(causes.total == 2 && causes.byReason.map(\.value) == ["stopped"])
            #expect(causes.byStore.map(\.value) == ["S1"] && causes.byTier.map(\.value) == ["gold", "silver"])
        }
    }

    @Test(
        "a late order of a period that has ended restores the tier, while the next period lasts",
        arguments: StoreKind.allCases)
    func late(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            try await world.publish(TierCourseTests.ladder(TierPeriod(kind: .rolling, months: 1)))
            let (ann, bob) = (try await world.member("ann"), try await world.member("bob"))
            for user in ["ann", "bob"] { try await world.order(user, "\(user)-1", 600) }
            // The order keeps the first month, nothing the second; on the 33rd day it is in no window of today.
            let within = world.clock.now.adding(days: 33)
            world.clock.advance(milliseconds: 66 * Timestamp.millisecondsPerDay)
            try await world.tick()
            for member in [ann, bob] { #expect(try await world.tier(member.id) == "member") }
            func late(_ user: String, _ yuan: Int64) async throws {
                let now = world.clock.now
                try await world.append(
                    IncomingEvent(
                        kind: .track, name: "Order Completed", messageID: "late-\(user)-\(yuan)",
                        identities: [IdentityClaim(kind: "user_id", value: user)], time: within, receivedAt: now,
                        properties: #"{"order_id":"late-\#(user)-\#(yuan)","revenue":\#(yuan),"currency":"CNY"}"#))
            }
            try await late("ann", 100)
            #expect(try await world.tier(ann.id) == "member", "not enough")
            try await late("ann", 400)
            #expect(try await world.tier(ann.id) == "silver")
            #expect(try await world.profile(ann.profileID).tier == "silver")
            let change = try await world.history(ann.id)[0].change
            #expect(change.cause == .activity && change.isUp && change.evidence.to != nil)
            // Once the period that followed is over as well, it is history.
            world.clock.advance(milliseconds: 40 * Timestamp.millisecondsPerDay)
            try await world.tick()
            try await late("bob", 500)
            #expect(try await world.tier(bob.id) == "member")
        }
    }

    @Test(
        "a tier by hand holds until its day, is refused below what was earned, and can be taken back",
        arguments: StoreKind.allCases)
    func grants(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            try await world.publish(TierCourseTests.ladder())
            let ann = try await world.member("ann")
            let until = world.clock.now.adding(days: 10)
            let first = try await world.grant("black", ann.id, until: until)
            #expect(try await world.tier(ann.id) == "black")
            world.clock.advance(milliseconds: 11 * Timestamp.millisecondsPerDay)
            try await world.tick()
            #expect(try await world.tier(ann.id) == "member")
            let ended = try await world.platform.store.read { try TierGrants.get(first.id, $0) }
            #expect(ended.endedAt == until)
            let second = try await world.grant("gold", ann.id, until: nil)
            try await world.end(second.id)
            #expect(try await world.tier(ann.id) == "member")
            await #expect(throws: TierError.grantEnded(second.id)) { try await world.end(second.id) }
            await #expect(throws: TierError.grantInPast) {
                try await world.grant("gold", ann.id, until: world.clock.now)
            }
            await #expect(throws: TierError.unknownTier("member")) {
                try await world.grant("member", ann.id, until: nil)
            }
            try await world.order("ann", "o1", 2_500)
            await #expect(throws: TierError.grantBelow(tier: "silver")) {
                try await world.grant("silver", ann.id, until: nil)
            }
            #expect(
                try await world.history(ann.id).map(\.change.cause) == [
                    .activity, .grantEnded, .grant, .grantEnded, .grant, .enrolled,
                ])
        }
    }

    @Test(
        "of two members who are one the higher tier stays, said in both histories; undone, each has their own",
        arguments: StoreKind.allCases)
    func merge(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            try await world.publish(TierCourseTests.ladder())
            let ann = try await world.member("ann")
            let bob = try await world.member("bob")
            try await world.order("bob", "o1", 2_500)
            world.clock.advance(milliseconds: 1_000)
            let merge = try await world.merge(ann.profileID, bob.profileID)
            let open = try await world.openMember(merge.winner)
            #expect(try await world.tier(open) == "gold")
            for member in [ann.id, bob.id] {
                #expect(try await world.history(member).contains { $0.change.cause == .merge })
            }
            #expect(try await world.profile(merge.winner).tier == "gold")
            #expect(try await world.profile(merge.loser).tier == nil)
            try await world.undo(merge.id)
            #expect(try await world.tier(bob.id) == "gold")
            #expect(try await world.tier(ann.id) == "member")
            #expect(try await world.profile(ann.profileID).tier == "member")
            #expect(try await world.profile(bob.profileID).tier == "gold")
        }
    }

    @Test(
        "an account that changes hands takes its tier along, and erasing a person leaves figures alone",
        arguments: StoreKind.allCases)
    func handsAndErasure(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            try await world.publish(TierCourseTests.ladder())
            let ann = try await world.member("ann")
            try await world.order("ann", "o1", 600)
            let guest = try await world.person("zoe")
            try await world.order("zoe", "o2", 1_500)
            let merge = try await world.merge(guest, ann.profileID)
            #expect(try await world.tier(ann.id) == "gold", "what the guest bought counts")
            #expect(try await world.profile(merge.winner).tier == "gold")
            try await Erasure.request(merge.winner, by: "test", world.platform)
            #expect(try await world.profile(merge.winner).tier == nil)
            let left = try await world.platform.store.read { connection in
                try connection.query(
                    "SELECT profile_id, evidence FROM tier_history WHERE member_id = \(ann.id)"
                ).map { "\(try $0.int(0)) \(try $0.text(1))" }
            }
            #expect(Set(left) == ["0 {}"])
            world.clock.advance(milliseconds: 700 * Timestamp.millisecondsPerDay)
            try await world.tick()
            #expect(try await world.said(Tiers.changed) == 2)
        }
    }

    @Test(
        "a ladder that is published places whoever is a member; the same again is no new version",
        arguments: StoreKind.allCases)
    func publish(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            let ann = try await world.member("ann")
            try await world.order("ann", "o1", 600)
            #expect(try await world.profile(ann.profileID).tier == nil)
            let first = try await world.publish(TierCourseTests.ladder())
            #expect(try await world.publish(TierCourseTests.ladder()).version == first.version)
            try await world.drain()
            #expect(try await world.tier(ann.id) == "silver")
            var easier = TierCourseTests.ladder()
            easier.tiers[2].rule = TierRule([TierIndicator("spend", 60_000)])
            #expect(try await world.publish(easier).version == first.version + 1)
            try await world.drain()
            #expect(try await world.tier(ann.id) == "gold")
            await #expect(throws: TierError.editedMeanwhile(version: 2)) {
                try await world.platform.store.write {
                    try TierLadders.publish(
                        TierCourseTests.ladder(), after: 1, by: "test", effects: world.platform.effects, $0)
                }
            }
        }
    }

    @Test("a ranking is taken at the period's end, frozen, and moves by the shares", arguments: StoreKind.allCases)
    func ranking(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            try await world.publish(
                TierLadder(
                    tiers: [Tier(code: "base"), Tier(code: "mid"), Tier(code: "top")],
                    period: TierPeriod(kind: .calendar, months: 1),
                    quota: TierQuota(by: TierIndicator("spend", 1), shares: [1, 2, 7])))
            var members: [Int64] = []
            for number in 0..<10 {
                members.append(try await world.member("m\(number)").id)
                try await world.order("m\(number)", "o\(number)", Int64(100 + number))
            }
            #expect(try await world.tier(members[9]) == "base", "between rankings nobody moves")
            world.clock.advance(milliseconds: 31 * Timestamp.millisecondsPerDay)
            try await world.tick()
            try await world.tick()
            var tiers: [String] = []
            for member in members { tiers.append(try await world.tier(member)) }
            #expect(tiers == Array(repeating: "base", count: 7) + ["mid", "mid", "top"])
            let taken = try await world.platform.store.read { try TierRanking.list(limit: 5, $0) }
            #expect(taken.count == 1 && taken[0].members == 10 && taken[0].isDone && taken[0].moved == 3)
            let ninth = members[8]
            let place = try await world.platform.store.read {
                try TierRanking.place(of: ninth, in: taken[0].id, $0)
            }
            #expect(place?.place == 2 && place?.value == 10_800)
            world.clock.advance(milliseconds: 31 * Timestamp.millisecondsPerDay)
            try await world.tick()
            #expect(try await world.tier(members[9]) == "mid", "one down a period, where landing is soft")
        }
    }

    @Test(
        "a preview says who would move both ways, and what the benefits cost, and changes nothing",
        arguments: StoreKind.allCases)
    func preview(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            try await world.publish(TierCourseTests.ladder(TierPeriod(kind: .rolling, months: 12)))
            let ann = try await world.member("ann")
            let bob = try await world.member("bob")
            try await world.order("ann", "o1", 600)
            try await world.order("bob", "o2", 2_500)
            world.clock.advance(milliseconds: 1_000)
            var draft = TierCourseTests.ladder(TierPeriod(kind: .rolling, months: 12))
            draft.tiers[1].rule = TierRule([TierIndicator("spend", 100_000)])
            draft.tiers[2].rule = TierRule([TierIndicator("spend", 300_000)])
            draft.tiers[1].benefits = [
                Benefit(code: "tea", kind: .gift, occasion: .monthly, quota: 10, cost: 500)
            ]
            let asked = draft
            let job = try await world.platform.store.write {
                try TierPreview.ask(asked, by: nil, effects: world.platform.effects, $0)
            }
            try await world.drain()
            let report = try await world.platform.store.read {
                try TierPreview.report(of: JobQueue.get($0, id: job))
            }
            #expect(report?.members == 2 && report?.up == [])
            #expect(report?.falling.map(\.member).sorted() == [ann.id, bob.id].sorted())
            #expect(report?.falling.first { $0.member == bob.id }?.lacking?.missing.first?.amount == 50_000)
            #expect(report?.levels.first { $0.tier == "silver" }?.cost == 6_000)
            #expect(try await world.tier(ann.id) == "silver")
        }
    }
}
