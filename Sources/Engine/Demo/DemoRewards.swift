import Storage

/// What the demo brand's points buy, with claims in every step. Doing it again adds nothing.
package enum DemoRewards {
    private static let claimants = 60
    private static let actor = "demo"

    private static let catalogue: [(reward: RewardDefinition, stock: Int64?)] = [
        (
            RewardDefinition(
                names: ["zh-Hans": "白瓷品茗杯", "en": "Porcelain tasting cup"],
                descriptions: ["zh-Hans": "德化白瓷，60 毫升。", "en": "White Dehua porcelain, 60 ml."],
                currency: "points", points: 150, fulfilment: .shipped, memberMax: 2, memberDays: 90), 120
        ),
        (
            RewardDefinition(
                names: ["zh-Hans": "门店手冲一杯", "en": "A cup brewed in store"],
                descriptions: ["zh-Hans": "任一门店，凭码领取。", "en": "In any store, by its code."],
                currency: "points", points: 80), nil
        ),
        (
            RewardDefinition(
                names: ["zh-Hans": "春茶小罐", "en": "Spring harvest, small tin"],
                descriptions: ["zh-Hans": "积分加 19 元换购。", "en": "For points and ¥19."], currency: "points", points: 200,
                money: 1_900, fulfilment: .shipped, memberMax: 1), 30
        ),
        (
            RewardDefinition(
                names: ["zh-Hans": "茶园一日行", "en": "A day in the tea garden"],
                descriptions: ["zh-Hans": "金卡与黑卡会员专享。", "en": "For Gold and Black members."], currency: "points",
                points: 2_000, memberMax: 1, tiers: ["gold", "black"]), 12
        ),
    ]

    /// Offers the rewards, unless there are any, and lets some members claim them. Throws: `RewardError`, `StorageError`.
    package static func load(_ platform: Platform) async throws {
        let effects = platform.effects
        let rewards = try await platform.store.write { connection -> [Reward] in
            guard try Rewards.list(connection).isEmpty, try PointsCurrencies.stored("points", connection) != nil
            else { return [] }
            return try catalogue.map {
                try Rewards.create($0.reward, stock: $0.stock, by: actor, effects, connection)
            }
        }
        guard !rewards.isEmpty else { return }
        let accounts = try await platform.store.read { connection in
            try connection.query(
                """
                SELECT account_id FROM points_balances WHERE currency = 'points' AND available >= 80
                ORDER BY available DESC, account_id LIMIT \(claimants)
                """
            ).map { try $0.int(0) }
        }
        for (number, account) in accounts.enumerated() {
            try await claim(rewards[number % 3], by: account, number, platform)
        }
    }

    /// A claim goes as far as its number says; a member who may not have the reward goes without.
    private static func claim(_ reward: Reward, by account: Int64, _ number: Int, _ platform: Platform) async throws {
        let effects = platform.effects
        let isSent = reward.definition.fulfilment == .shipped
        let request = RewardRequest(
            rewardID: reward.id, account: account, key: "demo:\(reward.id):\(account)",
            delivery: isSent ? ["city": "杭州"] : [:])
        let way: [RewardClaim.State] = [.confirmed, isSent ? .shipped : .issued, .done]
        let notes: [RewardClaim.State: String] = [
            .confirmed: reward.definition.money > 0 ? "POS 0417" : "", .shipped: "SF1047\(number)",
            .issued: "CUP-\(1_000 + number)",
        ]
        do {
            try await platform.store.write { connection in
                let (claim, _) = try RewardClaims.claim(request, by: actor, effects, connection)
                let steps = number % 9 == 8 ? [.cancelled] : way.prefix(number % 4)
                for state in steps {
                    _ = try RewardClaims.step(
                        claim.id, to: state, note: notes[state] ?? "", by: actor, effects, connection)
                }
            }
        } catch RewardError.refused {
            return
        }
    }
}
