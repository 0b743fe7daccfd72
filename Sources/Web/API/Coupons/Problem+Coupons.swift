import Engine

extension Problem {
    static func coupon(_ error: CouponError) -> Problem {
        func unusable(_ code: String, _ text: String) -> Problem { Problem(.unprocessableContent, code, text) }
        func conflict(_ code: String, _ text: String) -> Problem { Problem(.conflict, code, text) }
        switch error {
        case .definitionNotFound: return .notFound("coupon definition")
        case .batchNotFound: return .notFound("batch of coupons")
        case .couponNotFound: return .notFound("coupon")
        case .invalid(let field, let reason):
            return Problem(
                .unprocessableContent, "invalid_rule", "The coupon's rule cannot be used.",
                flaws: [Flaw("body.rule.\(field)", reason)])
        case .name:
            return unusable("bad_name", "A definition's name has 1 to \(CouponLimits.nameCharacters) characters.")
        case .nameTaken(let name): return conflict("name_taken", "Another definition is called “\(name)”.")
        case .tooMany(let what, let limit): return unusable("too_many", "At most \(limit) \(what), and at least one.")
        case .inUse(let issued):
            return conflict(
                "in_use", "Issued already: \(EnglishCount.text(issued, "coupon")); end it in place of deleting it.")
        case .usedBy(let uses):
            return Problem(
                .conflict, "in_use", "Definitions ask for the coupon; change them first.",
                flaws: uses.map { Flaw("\($0.kind).\($0.id)", "uses it: \($0.name)") })
        case .definitionEnded: return conflict("not_active", "The definition is paused or has ended.")
        case .pattern(let reason): return unusable("bad_pattern", "The pattern \(reason).")
        case .codeTaken(let code): return conflict("code_taken", "The code “\(code)” is taken.")
        case .code:
            return unusable(
                "bad_code",
                "A shared code has 3 to \(CouponLimits.patternCharacters) capital letters, digits and hyphens.")
        case .guessable(let bits, let needed):
            return unusable(
                "guessable", "Codes of \(bits) bits could be guessed among so many; \(needed) are needed. Draw more #.")
        case .cart(let field, let reason):
            return Problem(
                .unprocessableContent, "invalid_cart", "The cart cannot be used.",
                flaws: [Flaw("body.cart.\(field)", reason)])
        case .clockSkew(let minutes):
            return unusable("clock_skew", "The cart's time is more than \(minutes) minutes from ours. Set the clock.")
        default: return couponRefused(error)
        }
    }

    private static func couponRefused(_ error: CouponError) -> Problem {
        func unusable(_ code: String, _ text: String) -> Problem { Problem(.unprocessableContent, code, text) }
        func conflict(_ code: String, _ text: String) -> Problem { Problem(.conflict, code, text) }
        switch error {
        case .key: return unusable("bad_key", "A key has 1 to \(CouponLimits.keyBytes) bytes.")
        case .keyReused(let key): return conflict("key_reused", "The key “\(key)” stands for something else.")
        case .refused(let refused):
            return Problem(
                .conflict, "refused", "Nothing was done: a coupon does not apply.",
                flaws: refused.flatMap { item in item.reasons.map { Flaw("code.\(item.code)", $0.code) } })
        case .issueLimit(let most): return conflict("issue_limit", "No more than \(most) may be issued.")
        case .personIssueLimit(let most):
            return conflict("person_issue_limit", "A person may have no more than \(most).")
        case .notYours: return conflict("not_yours", "The coupon is somebody else's.")
        case .notClaimable: return conflict("not_claimable", "The code cannot be claimed any more.")
        case .orderNotFound(let order):
            return conflict("order_not_found", "The order “\(order)” holds or used nothing of that kind.")
        case .orderReused(let order):
            return conflict("order_reused", "The order “\(order)” redeemed it with another cart.")
        case .lineNotFound(let line): return unusable("line_not_found", "The order has no line “\(line)”.")
        case .lineQuantity(let line, let left):
            return conflict(
                "line_quantity", "Left to come back of the line “\(line)”: \(EnglishCount.text(left, "piece")).")
        case .lockSeconds(let most): return unusable("bad_seconds", "A lock is 1 to \(most) seconds.")
        case .notVoidable(let state): return conflict("not_voidable", "The coupon is \(state.rawValue).")
        case .throttled(let seconds):
            return Problem(
                .tooManyRequests, "throttled",
                "Too many codes that do not exist. Wait \(EnglishCount.text(seconds, "second")).",
                headers: [.retryAfter: String(seconds)])
        default: return unusable("refused", "The request cannot be carried out.")
        }
    }
}
