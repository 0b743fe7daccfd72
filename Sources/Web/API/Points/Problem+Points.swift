import Engine

extension Problem {
    /// nil for a ledger that contradicts itself: a fault of ours.
    static func points(_ error: PointsError) -> Problem? {
        func unusable(_ code: String, _ text: String) -> Problem { Problem(.unprocessableContent, code, text) }
        func conflict(_ code: String, _ text: String) -> Problem { Problem(.conflict, code, text) }
        switch error {
        case .broken: return nil
        case .unknownCurrency(let code): return unusable("unknown_currency", "There is no currency “\(code)”.")
        case .currencyExists(let code): return conflict("currency_exists", "There is a currency “\(code)” already.")
        case .invalidCurrency(let field, let reason):
            return Problem(
                .unprocessableContent, "invalid_currency", "The currency cannot be used.",
                flaws: [Flaw("body.\(field)", reason)])
        case .currencyInUse(let code):
            return conflict("currency_in_use", "Members have, or had, “\(code)”; it cannot be deleted.")
        case .currencyUsedBy(let uses):
            return Problem(
                .conflict, "currency_in_use", "Definitions ask for its points; change them first.",
                flaws: uses.map { Flaw("\($0.kind).\($0.id)", "uses it: \($0.name)") })
        case .tooManyCurrencies(let limit): return unusable("too_many", "At most \(limit) currencies.")
        case .amount(let amount, let limit):
            return unusable("bad_amount", "An amount is 1 to \(limit), not \(amount).")
        case .balanceTooLarge: return unusable("balance_too_large", "The balance would be larger than any may be.")
        case .notSpendable(let code): return unusable("not_spendable", "“\(code)” only counts; it cannot be spent.")
        case .insufficient(let available, let wanted):
            return conflict("insufficient", "\(wanted) are asked for, \(available) are available.")
        case .accountNotFound: return .notFound("member")
        case .accountClosed: return conflict("account_closed", "The member's account is closed.")
        case .key: return unusable("bad_key", "A key has 1 to \(PointsLimits.keyBytes) bytes.")
        case .note(let field):
            return unusable("bad_note", "“\(field)”: a note has few, short texts.")
        case .keyReused(let key):
            return conflict("key_reused", "The key “\(key)” stands for another command.")
        default: return pointsRefused(error)
        }
    }

    private static func pointsRefused(_ error: PointsError) -> Problem? {
        func unusable(_ code: String, _ text: String) -> Problem { Problem(.unprocessableContent, code, text) }
        func conflict(_ code: String, _ text: String) -> Problem { Problem(.conflict, code, text) }
        switch error {
        case .awardNotFound: return .notFound("award")
        case .redemptionNotFound: return .notFound("redemption")
        case .exceedsOriginal(let left, let wanted):
            return conflict("exceeds_original", "\(wanted) are asked for; \(left) are left of it.")
        case .holdNotFound: return .notFound("hold")
        case .holdEnded: return conflict("hold_ended", "The hold was captured, let go, or timed out.")
        case .holdTooSmall(let held, let wanted):
            return conflict("hold_too_small", "\(wanted) are asked for, \(held) are held.")
        case .tooManyHolds(let limit): return conflict("too_many_holds", "At most \(limit) holds are open at once.")
        case .holdUntil(let days):
            return unusable("bad_until", "A hold ends in the future, within \(days) days.")
        case .lotNotFound: return .notFound("lot")
        case .lotEmpty(let lot): return conflict("lot_empty", "Nothing of lot \(lot) is left to do that with.")
        case .expiryInPast: return unusable("expiry_in_past", "The expiry has to lie in the future.")
        case .expiryNotLater: return conflict("expiry_not_later", "The lot lapses later than that, or never.")
        case .reinstatementOver: return conflict("reinstatement_over", "The days of reinstatement are over.")
        case .transferNotAllowed(let code):
            return conflict("transfer_not_allowed", "Members may not give each other “\(code)”.")
        case .transferToSelf: return unusable("transfer_to_self", "A member cannot give to themself.")
        case .transferLimit(let left, let wanted):
            return conflict("transfer_limit", "\(wanted) are to be given; today \(left) may be.")
        case .adjustmentLimit(let most):
            return conflict("adjustment_limit", "At most \(most) may be given or taken by hand at once.")
        case .needsApproval(let above):
            return conflict(
                "needs_approval",
                "Above \(above) another user has to approve: ask at /api/v1/points/adjustment-requests.")
        default: return nil
        }
    }
}
