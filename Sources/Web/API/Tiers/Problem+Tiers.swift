import Engine

extension Problem {
    static func tier(_ error: TierError) -> Problem {
        func unusable(_ code: String, _ text: String) -> Problem { Problem(.unprocessableContent, code, text) }
        func conflict(_ code: String, _ text: String) -> Problem { Problem(.conflict, code, text) }
        switch error {
        case .invalidLadder(let field, let reason):
            return Problem(
                .unprocessableContent, "invalid_ladder", "The ladder cannot be used.",
                flaws: [Flaw("body.\(field)", reason)])
        case .noLadder: return .notFound("ladder of tiers")
        case .unknownTier(let code):
            return unusable("unknown_tier", "There is no tier “\(code)” above the lowest.")
        case .ofProgram(let number):
            return conflict(
                "of_program", "Version \(number) of the program says what tiers there are; change them there.")
        case .editedMeanwhile(let version):
            return conflict("edited_meanwhile", "Version \(version) was published since. Read it, then try again.")
        case .needsApproval:
            return conflict(
                "needs_approval", "Another user has to approve another ladder: ask at /api/v1/tiers/ladder-requests.")
        case .notMember: return .notFound("member")
        case .grantNotFound: return .notFound("grant")
        case .grantEnded: return conflict("grant_ended", "The grant has ended.")
        case .grantInPast: return unusable("grant_in_past", "A grant ends in the future.")
        case .reason:
            return unusable("bad_reason", "A reason has 1 to \(TierLimits.reasonCharacters) characters.")
        case .grantBelow(let tier):
            return conflict("grant_below", "The member has “\(tier)”, or a higher tier, by the rules.")
        }
    }

    static func benefit(_ error: BenefitError) -> Problem {
        switch error {
        case .notMember: return .notFound("member")
        case .notEntitled(let code):
            return Problem(
                .conflict, "not_entitled", "The member was not granted “\(code)”, nor does the tier bring it.")
        case .usedUp(let code):
            return Problem(.conflict, "used_up", "Every grant of “\(code)” is used up or has ended.")
        case .key:
            return Problem(.unprocessableContent, "bad_key", "A key has 1 to \(BenefitUses.keyBytes) bytes.")
        case .keyReused(let key):
            return Problem(.conflict, "key_reused", "The key “\(key)” stands for another use.")
        }
    }
}
