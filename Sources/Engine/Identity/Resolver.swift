/// Resolves the claims of one event. Pure: everything it knows is handed in.
package struct Resolver {
    private let standings: [Standing]
    private let timeMS: Int64
    private let isExplicit: Bool
    private var resolution: Resolution
    /// Identities by kind that the target has or is about to get.
    private var counts: [String: Int] = [:]
    private var joined: Set<Int64> = []

    /// `standings`: strongest first, as in `ClaimSet.claims`; at least one.
    package static func resolve(_ standings: [Standing], timeMS: Int64, isExplicit: Bool) -> Resolution {
        precondition(!standings.isEmpty, "an event without claims has nothing to resolve")
        var resolver = Resolver(standings, timeMS, isExplicit)
        if isExplicit { resolver.bind() } else { resolver.recognise() }
        resolver.linkUnowned()
        return resolver.resolution
    }

    private init(_ standings: [Standing], _ timeMS: Int64, _ isExplicit: Bool) {
        self.standings = standings
        self.timeMS = timeMS
        self.isExplicit = isExplicit
        resolution = Resolution(target: .new)
    }

    // MARK: An explicit bind

    private mutating func bind() {
        let owners = standings.compactMap(\.owner)
        guard var winner = owners.first else { return }
        for owner in owners where owner.outranks(winner) { winner = owner }
        choose(winner)
        for (index, standing) in standings.enumerated() {
            guard let owner = standing.owner, owner.profileID != winner.profileID else { continue }
            merge(owner, index, .bind)
        }
    }

    // MARK: The usual event

    private mutating func recognise() {
        guard standings[0].claim.isKnown else {
            // Only devices speak: the strongest that belongs to somebody decides, and nobody is merged.
            if let owner = standings.lazy.compactMap(\.owner).first { choose(owner) }
            return
        }
        if let owner = standings[0].owner ?? vouchedOwner() ?? anonymousOwner() { choose(owner) }
        for (index, standing) in standings.enumerated() {
            guard let owner = standing.owner, resolution.target != .profile(owner.profileID) else { continue }
            if standing.claim.isKnown {
                meetKnown(owner, standing, index)
            } else {
                meetDevice(owner, standing, index)
            }
        }
    }

    /// The strongest claim is new: a weaker one that somebody vouches for tells whose it is.
    private func vouchedOwner() -> Owner? {
        let kind = standings[0].claim.key.kind
        for standing in standings.dropFirst() where standing.claim.isKnown && standing.claim.isVerified {
            guard let owner = standing.owner, standing.linkIsVerified || !standing.claim.needsVerification else {
                continue
            }
            if (owner.counts[kind] ?? 0) < standings[0].claim.limit { return owner }
        }
        return nil
    }

    /// The strongest claim is new: the anonymous profile of the device logs in.
    private func anonymousOwner() -> Owner? {
        standings.lazy.filter { !$0.claim.isKnown }.compactMap(\.owner).first { !$0.isKnown }
    }

    private mutating func meetDevice(_ owner: Owner, _ standing: Standing, _ index: Int) {
        if !owner.isKnown {
            merge(owner, index, .login)
        } else if timeMS >= standing.boundSinceMS {
            // A second login on the device: what follows anonymously belongs to the newest.
            rebind(index)
        }
    }

    private mutating func meetKnown(_ owner: Owner, _ standing: Standing, _ index: Int) {
        guard standing.claim.isVerified else { return conflict(index, .unverified) }
        guard standing.claim.needsVerification, !standing.linkIsVerified else {
            return merge(owner, index, .verified(standing.claim.key.kind))
        }
        // The owner only typed it. With nothing else to know them by, they are this person; else they lose it.
        let knownCount = owner.counts.reduce(0) { sum, entry in
            sum + (IdentityKind.named(entry.key)?.isKnown == true ? entry.value : 0)
        }
        if knownCount <= 1 {
            merge(owner, index, .verified(standing.claim.key.kind))
        } else {
            rebind(index)
            conflict(index, .reclaimed)
        }
    }

    // MARK: Together

    private mutating func choose(_ owner: Owner) {
        resolution.target = .profile(owner.profileID)
        counts = owner.counts
        joined = [owner.profileID]
    }

    private mutating func merge(_ owner: Owner, _ index: Int, _ rule: MergeRule) {
        guard !joined.contains(owner.profileID) else { return }
        for (kind, count) in owner.counts {
            guard let limit = IdentityKind.named(kind)?.limit else { continue }
            if counts[kind, default: 0] + count > limit { return conflict(index, .limit) }
        }
        for (kind, count) in owner.counts { counts[kind, default: 0] += count }
        joined.insert(owner.profileID)
        resolution.merges.append(.init(profileID: owner.profileID, rule: rule, claim: index))
    }

    private mutating func rebind(_ index: Int) {
        guard hasRoom(index) else { return conflict(index, .limit) }
        counts[standings[index].claim.key.kind, default: 0] += 1
        resolution.rebinds.append(index)
    }

    private mutating func linkUnowned() {
        for (index, standing) in standings.enumerated() where standing.owner == nil {
            // A second user id in one event is no proof of anything, unless it is bound on purpose.
            let isSecondUserID =
                index > 0 && standing.claim.key.kind == standings[0].claim.key.kind
                && standing.claim.key.kind == IdentityKind.userID
            guard hasRoom(index), isExplicit || !isSecondUserID else {
                conflict(index, .limit)
                continue
            }
            counts[standing.claim.key.kind, default: 0] += 1
            resolution.links.append(index)
        }
    }

    private func hasRoom(_ index: Int) -> Bool {
        let claim = standings[index].claim
        return counts[claim.key.kind, default: 0] < claim.limit
    }

    private mutating func conflict(_ index: Int, _ reason: ConflictReason) {
        resolution.conflicts.append(.init(claim: index, reason: reason))
    }
}
