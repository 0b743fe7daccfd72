import Storage

/// The demo brand's pyramid, and its buyers as members in it. Cheap: one row each, decided by the facts there are.
package enum DemoTiers {
    /// Buyers who are enrolled: the best known first.
    private static let membersMax = 4_000
    private static let batchMembers = 250

    package static let ladder = TierLadder(
        tiers: [
            Tier(code: "member", names: ["zh-Hans": "普通", "en": "Member"]),
            Tier(
                code: "silver", names: ["zh-Hans": "银卡", "en": "Silver"],
                rule: TierRule([TierIndicator("spend", 50_000)]),
                benefits: [
                    Benefit(
                        code: "points", names: ["zh-Hans": "1.2 倍积分", "en": "1.2 × points"], kind: .multiplier,
                        multiplier: 120)
                ]),
            Tier(
                code: "gold", names: ["zh-Hans": "金卡", "en": "Gold"],
                rule: TierRule([TierIndicator("spend", 150_000), TierIndicator("orders", 15)], .any),
                benefits: [
                    Benefit(
                        code: "points", names: ["zh-Hans": "1.5 倍积分", "en": "1.5 × points"], kind: .multiplier,
                        multiplier: 150),
                    Benefit(
                        code: "shipping", names: ["zh-Hans": "每月包邮", "en": "Free shipping"], kind: .shipping,
                        occasion: .monthly, uses: 2, validDays: 31, cost: 800),
                    Benefit(
                        code: "tasting", names: ["zh-Hans": "新茶品鉴邀请", "en": "New harvest tasting"], kind: .invitation,
                        occasion: .entry, uses: 1, validDays: 90, quota: 100, cost: 3_000),
                ]),
            Tier(
                code: "black", names: ["zh-Hans": "黑卡", "en": "Black"], admission: .invitation,
                benefits: [
                    Benefit(
                        code: "line", names: ["zh-Hans": "专属客服", "en": "Personal service"], kind: .priority),
                    Benefit(
                        code: "cake", names: ["zh-Hans": "生日礼盒", "en": "Birthday box"], kind: .gift,
                        occasion: .birthday, uses: 1, validDays: 30, cost: 12_000),
                ]),
        ], period: TierPeriod(kind: .rolling, months: 12), noticeDays: [30, 7], graceDays: 14, isSoft: true)

    /// Lets the ladder hold, unless there are tiers. Throws: `TierError`, `StorageError`.
    package static func publish(_ platform: Platform) async throws {
        try await platform.store.write { connection in
            guard try TierLadders.current(connection) == nil, try ProgramVersions.published(connection) == nil
            else { return }
            try TierLadders.publish(ladder, by: "demo", effects: platform.effects, connection)
        }
    }

    /// Makes buyers members, unless there are members; a few of them are invited to the top. Returns how many there are.
    /// Throws: `StorageError`.
    package static func enrol(_ platform: Platform) async throws -> Int {
        let people = try await platform.store.read { connection -> [Int64] in
            guard try connection.first("SELECT 1 FROM points_accounts LIMIT 1") == nil else { return [] }
            return try connection.query(
                """
                SELECT id FROM profiles WHERE order_count > 0 AND identified = 1 AND merged_into IS NULL
                AND deleted_ms IS NULL ORDER BY net_spend DESC, id LIMIT \(membersMax)
                """
            ).map { try $0.int(0) }
        }
        let program = ProgramCache()
        for start in stride(from: 0, to: people.count, by: batchMembers) {
            let slice = people[start..<min(start + batchMembers, people.count)]
            try await platform.store.write { connection in
                for person in slice {
                    _ = try ProgramMembers.enrol(profile: person, program, effects: platform.effects, connection)
                }
            }
        }
        try await invite(Array(people.prefix(invited)), platform)
        return people.count
    }

    private static let invited = 8

    private static func invite(_ people: [Int64], _ platform: Platform) async throws {
        let effects = platform.effects
        try await platform.store.write { connection in
            guard try TierLadders.current(connection)?.ladder.index("black") != nil else { return }
            for member in try TierReview.members(of: people, connection) {
                let given = try TierGrants.give(
                    "black", to: member, until: effects.now().adding(days: 365), reason: "founding guest", by: "demo",
                    effects: effects, connection)
                try SystemEventLog.append(given.events, now: effects.now(), effects: effects, to: connection)
            }
        }
    }
}
