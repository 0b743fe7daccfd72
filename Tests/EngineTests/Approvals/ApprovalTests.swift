import Storage
import TestSupport
import Testing

@testable import Engine

@Suite("Approvals", .serialized)
struct ApprovalTests {
    @Test(
        "what is above the limit needs another user, is done once, and shows who asked and who approved",
        arguments: StoreKind.allCases)
    func adjustment(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let (effects, now) = (world.platform.effects, world.clock.now)
            var currency = PointsCommandTests.currency
            (currency.approvalAbove, currency.adjustmentMax) = (100, 1_000)
            let limited = currency
            _ = try await world.platform.store.write { try PointsCurrencies.update(limited, at: now, $0) }
            let member = try await world.member("ann").id
            try await world.perform(
                .adjust(account: member, currency: "points", 100, key: "k1", note: ["reason": "kind"]))
            await #expect(throws: PointsError.needsApproval(above: 100)) {
                try await world.perform(
                    .adjust(account: member, currency: "points", 101, key: "k2", note: ["reason": "kind"]))
            }
            func ask(_ amount: Int64, _ key: String) async throws -> Approval {
                try await world.platform.store.write {
                    try PointsAdjustment(account: member, currency: "points", amount: amount).ask(
                        key: key, reason: "sorry", by: "user:1", effects, $0)
                }
            }
            await #expect(throws: PointsError.adjustmentLimit(1_000)) { try await ask(1_001, "k3") }
            let asked = try await ask(500, "k3")
            #expect(try await ask(500, "k3") == asked)
            await #expect(throws: ApprovalError.keyReused("k3")) { try await ask(501, "k3") }
            #expect(try await world.balance(member).available == 100)
            func approve(_ id: Int64, _ actor: String) async throws -> Approval {
                try await world.platform.store.write {
                    try Approvals.approve(id, note: "fine", by: actor, effects, $0)
                }
            }
            await #expect(throws: ApprovalError.own) { try await approve(asked.id, "user:1") }
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                for user in 2..<10 {
                    group.addTask {
                        do {
                            return try await approve(asked.id, "user:\(user)").state == .approved
                        } catch ApprovalError.decided(.approved) { return false }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(done == 1)
            #expect(try await world.balance(member).available == 600)
            let shown = try await world.platform.store.read { connection in
                (
                    try Approvals.get(asked.id, connection),
                    try PointsStatement.page(of: member, before: nil, limit: 1, connection)[0]
                )
            }
            #expect(shown.0.result == "\(member)/\(shown.1.sequence)")
            #expect(shown.1.note["asked_by"] == "user:1" && shown.1.note["reason"] == "sorry")
            #expect(shown.1.key == "adjust:approval:k3")
        }
    }

    @Test(
        "a refused or withdrawn request does nothing; one that cannot be done stays open", arguments: StoreKind.allCases
    )
    func refused(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let (effects, now) = (world.platform.effects, world.clock.now)
            let member = try await world.member("ann").id
            var asked: [Approval] = []
            for key in ["a", "b", "c"] {
                asked.append(
                    try await world.platform.store.write {
                        try PointsAdjustment(account: member, currency: "points", amount: -5).ask(
                            key: key, reason: "", by: "user:1", effects, $0)
                    })
            }
            let ids = asked.map(\.id)
            _ = try await world.platform.store.write {
                try Approvals.refuse(ids[0], note: "no", by: "user:2", at: now, $0)
            }
            await #expect(throws: ApprovalError.notYours) {
                try await world.platform.store.write { try Approvals.withdraw(ids[1], by: "user:2", at: now, $0) }
            }
            _ = try await world.platform.store.write {
                try Approvals.withdraw(ids[1], by: "user:1", at: now, $0)
            }
            await #expect(throws: PointsError.insufficient(available: 0, wanted: 5)) {
                try await world.platform.store.write {
                    try Approvals.approve(ids[2], note: "", by: "user:2", effects, $0)
                }
            }
            let found = try await world.platform.store.read {
                (try Approvals.list([], before: nil, limit: 9, $0), try Approvals.waiting($0))
            }
            #expect(found.0.map(\.state) == [.asked, .withdrawn, .refused])
            #expect(found.1 == 1)
        }
    }
}
