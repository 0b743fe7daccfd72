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

    @Test(
        "who alone may approve approves their own once the workspace allows it, until there is a second; the log tells",
        arguments: StoreKind.allCases)
    func alone(kind: StoreKind) async throws {
        try await PointsCommandTests.with(kind) { world in
            let (effects, now, store) = (world.platform.effects, world.clock.now, world.platform.store)
            let member = try await world.member("ann").id
            func user(_ name: String, _ role: Role) async throws -> String {
                let made = try await store.write {
                    try Users.create(
                        email: "\(name)@example.com", name: name, role: role, language: "en", by: "test", $0, effects)
                }
                return "user:\(made.id)"
            }
            func ask(_ key: String, by actor: String) async throws -> Int64 {
                try await store.write {
                    try PointsAdjustment(account: member, currency: "points", amount: 5).ask(
                        key: key, reason: "", by: actor, effects, $0
                    ).id
                }
            }
            func approve(_ id: Int64, by actor: String) async throws {
                _ = try await store.write { try Approvals.approve(id, note: "", by: actor, effects, $0) }
            }
            let (ann, _) = (try await user("ann", .admin), try await user("bob", .analyst))
            let first = try await ask("a", by: ann)
            await #expect(throws: ApprovalError.own) { try await approve(first, by: ann) }
            try await store.write { try ApprovalPolicy(allowsAlone: true).save(by: ann, at: now, $0) }
            try await approve(first, by: ann)
            #expect(try await world.balance(member).available == 5)
            let told = try await store.read {
                try $0.first("SELECT count(*) FROM audit_log WHERE action = 'approval.policy'")?.int(0)
            }
            #expect(told == 1)
            _ = try await user("cleo", .marketer)
            let second = try await ask("b", by: ann)
            await #expect(throws: ApprovalError.own) { try await approve(second, by: ann) }
        }
    }

    @Test(
        "where the workspace says so a ladder waits for a second user, and is published as it was asked for",
        arguments: StoreKind.allCases)
    func ladder(kind: StoreKind) async throws {
        try await TierWorld.with(kind) { world in
            let (effects, now, store) = (world.platform.effects, world.clock.now, world.platform.store)
            try await store.write { try ApprovalPolicy(coversLadders: true).save(by: "user:1", at: now, $0) }
            // The first takes nobody's place.
            let first = try await world.publish(TierCourseTests.ladder())
            let wanted = TierCourseTests.ladder(grace: 10)
            await #expect(throws: TierError.needsApproval) { try await world.publish(wanted) }
            let asked = try await store.write {
                try LadderPublication(ladder: wanted, after: first.version).ask(by: "user:1", effects, $0)
            }
            await #expect(throws: ApprovalError.own) {
                try await store.write { try Approvals.approve(asked.id, note: "", by: "user:1", effects, $0) }
            }
            let done = try await store.write {
                try Approvals.approve(asked.id, note: "", by: "user:2", effects, $0)
            }
            let current = try await store.read { try TierLadders.current($0) }
            #expect(current?.ladder == wanted && done.result == current.map { String($0.version) })
            // What was written after another version is not published over it.
            let late = try await store.write {
                try LadderPublication(ladder: TierCourseTests.ladder(grace: 20), after: first.version).ask(
                    by: "user:1", effects, $0)
            }
            await #expect(throws: TierError.editedMeanwhile(version: current?.version ?? 0)) {
                try await store.write { try Approvals.approve(late.id, note: "", by: "user:2", effects, $0) }
            }
        }
    }
}
