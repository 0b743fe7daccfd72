import Engine

extension Problem {
    static func reward(_ error: RewardError) -> Problem {
        func unusable(_ code: String, _ text: String) -> Problem { Problem(.unprocessableContent, code, text) }
        func conflict(_ code: String, _ text: String) -> Problem { Problem(.conflict, code, text) }
        switch error {
        case .notFound: return .notFound("reward")
        case .claimNotFound: return .notFound("claim")
        case .invalid(let field, let reason):
            return Problem(
                .unprocessableContent, "invalid_reward", "The reward cannot be used.",
                flaws: [Flaw("body.\(field)", reason)])
        case .tooMany(let limit): return unusable("too_many", "At most \(limit) rewards.")
        case .inUse: return conflict("reward_in_use", "Somebody claimed it; withdraw it instead.")
        case .refused(let refusal): return rewardRefused(refusal)
        case .quantity(let limit): return unusable("bad_quantity", "A quantity is 1 to \(limit).")
        case .delivery(let field): return unusable("bad_delivery", "“\(field)”: a delivery has few, short texts.")
        case .note(let limit): return unusable("bad_note", "A note has at most \(limit) bytes.")
        case .key: return unusable("bad_key", "A key has 1 to \(PointsLimits.keyBytes) bytes.")
        case .keyReused(let key): return conflict("key_reused", "The key “\(key)” stands for another claim.")
        case .step(let from, let to):
            return conflict("bad_step", "A claim that is \(from.rawValue) cannot become \(to.rawValue).")
        case .unpaid(let money):
            return conflict("unpaid", "\(money) are to be paid: the note of the confirmation names the payment.")
        case .stock(let left): return conflict("stock", "\(left) are left.")
        }
    }

    private static func rewardRefused(_ refusal: RewardRefusal) -> Problem {
        func conflict(_ text: String) -> Problem { Problem(.conflict, refusal.code, text) }
        switch refusal {
        case .withdrawn: return conflict("The reward is not offered.")
        case .notYet(let from): return conflict("The reward is offered from \(from.iso8601) on.")
        case .over: return conflict("The reward is offered no more.")
        case .outOfStock(let left): return conflict("\(left) are left.")
        case .memberLimit(let left): return conflict("The member may have \(left) more.")
        case .tier(let tiers):
            return conflict(
                "Only for the \(EnglishCount.noun(Int64(tiers.count), "tier")) \(tiers.joined(separator: ", ")).")
        case .insufficient(let available, let wanted):
            return conflict("\(wanted) are asked for, \(available) are available.")
        case .closed: return conflict("The member's account is closed.")
        }
    }
}
