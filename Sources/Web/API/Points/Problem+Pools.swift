import Engine

extension Problem {
    static func pool(_ error: PoolError) -> Problem {
        func unusable(_ field: String, _ code: String, _ text: String) -> Problem {
            Problem(.unprocessableContent, code, text, flaws: [Flaw("body.\(field)", text)])
        }
        func conflict(_ code: String, _ text: String) -> Problem { Problem(.conflict, code, text) }
        switch error {
        case .notFound: return .notFound("pool")
        case .invitationNotFound: return .notFound("invitation")
        case .dissolved: return conflict("pool_dissolved", "The pool is over.")
        case .name(let limit): return unusable("name", "bad_name", "A name has 1 to \(limit) characters.")
        case .share(let limit): return unusable("share", "bad_share", "A share is 0 to \(limit) percent.")
        case .key: return unusable("key", "bad_key", "A key has 1 to \(PointsLimits.keyBytes) bytes.")
        case .keyReused(let key): return conflict("key_reused", "The key “\(key)” stands for another command.")
        case .inPool: return conflict("in_pool", "The member is in a pool already.")
        case .notInPool: return conflict("not_in_pool", "The member is not in this pool.")
        case .notOwner: return Problem(.forbidden, "not_owner", "Only the pool's owner may do that.")
        case .maySpend: return conflict("may_not_spend", "The member is in no pool that they may spend of.")
        case .full(let limit): return conflict("pool_full", "A pool has at most \(limit) members.")
        case .tooManyInvitations(let limit):
            return conflict("too_many_invitations", "At most \(limit) invitations of a pool are open at once.")
        case .invitationEnded:
            return conflict("invitation_ended", "The invitation was answered, taken back, or is too old.")
        case .notPoolable(let code): return conflict("not_poolable", "“\(code)” is not shared in pools.")
        case .poolAccount: return conflict("pool_account", "This is a pool's account: use the pool's own endpoints.")
        case .changedMeanwhile:
            return conflict("changed_meanwhile", "Somebody joined or left at the same moment. Try again.")
        }
    }
}
