import Storage

extension PeopleBatch {
    /// Whose event it is: resolves its claims, links, moves and merges what they prove. Nil: nobody's.
    mutating func identify(_ logged: LoggedEvent, _ set: ClaimSet) throws -> Person? {
        let event = logged.event
        if event.kind == .unbind {
            return try unlink(logged, set.claims.filter { !isForgotten($0.key, at: event.time) })
        }
        if let id = set.profileID { return person(id) }
        let claims = set.claims.filter { !isForgotten($0.key, at: event.time) }
        guard !claims.isEmpty else { return nil }
        // The usual visit: every identity points at the same person already.
        if let person = soleOwner(of: claims) {
            for claim in claims {
                if let link = links[claim.key] { strengthen(claim, link) }
            }
            return person
        }
        let standings = try claims.map { try standing($0) }
        let resolution = Resolver.resolve(
            standings, timeMS: event.time.milliseconds, isExplicit: set.isExplicit)
        return try carryOut(resolution, claims, logged)
    }

    private func soleOwner(of claims: [Claim]) -> Person? {
        guard let link = links[claims[0].key], let person = person(link.profileID) else { return nil }
        for claim in claims.dropFirst() {
            guard let other = links[claim.key], other.profileID == link.profileID else { return nil }
        }
        return person
    }

    /// Whether the person behind the key was erased after the event happened.
    private func isForgotten(_ key: IdentityKey, at time: Timestamp) -> Bool {
        if let link = links[key], let row = people[link.profileID]?.row, row.deletedMS != nil { return true }
        return tombstones.cover(key, at: time)
    }

    private func standing(_ claim: Claim) throws -> Standing {
        guard let link = links[claim.key], let person = person(link.profileID) else { return Standing(claim) }
        let owner = Owner(
            profileID: person.row.id, isKnown: person.row.isIdentified, counts: try person.state().identityCounts,
            createdMS: person.row.createdMS)
        return Standing(claim, owner: owner, linkIsVerified: link.isVerified, boundSinceMS: link.firstSeenMS)
    }

    private mutating func carryOut(
        _ resolution: Resolution, _ claims: [Claim], _ logged: LoggedEvent
    ) throws -> Person {
        var target: Person
        switch resolution.target {
        case .profile(let id):
            guard let found = person(id) else { throw ProfileError.notFound(id) }
            target = found
        case .new: target = meet(logged)
        }
        for planned in resolution.merges {
            guard let other = person(planned.profileID), other !== target else { continue }
            target = try merge(
                target, other, planned.rule, at: logged.event.time, evidence: logged.position,
                position: logged.position)
        }
        for index in resolution.links + resolution.rebinds {
            try link(claims[index], to: target, logged)
        }
        for claim in claims {
            if let link = links[claim.key], link.profileID == target.row.id { strengthen(claim, link) }
        }
        for conflict in resolution.conflicts {
            note(claims[conflict.claim].key, conflict.reason, target, logged)
        }
        return target
    }

    /// A person nobody has met before.
    private mutating func meet(_ logged: LoggedEvent) -> Person {
        let row = Profile(
            id: context.effects.newID(), at: logged.event.time, createdAt: logged.event.receivedAt,
            sourceID: logged.sourceID)
        let person = Person(row, isNew: true)
        people[row.id] = person
        return person
    }

    private mutating func link(_ claim: Claim, to person: Person, _ logged: LoggedEvent) throws {
        let before = links[claim.key]?.profileID
        links[claim.key] = IdentityLink(
            profileID: person.row.id, sourceID: logged.sourceID, firstSeenMS: logged.event.time.milliseconds,
            evidence: logged.position, isVerified: claim.isVerified)
        changedLinks.insert(claim.key)
        freeKeys.remove(claim.key)
        if let before, let loser = self.person(before), loser !== person {
            try loser.changeState { $0.lose(claim.key.kind) }
        }
        try person.changeState { $0.identityCounts[claim.key.kind, default: 0] += 1 }
        guard claim.isKnown, !person.row.isIdentified else { return }
        person.change {
            $0.isIdentified = true
            $0.identifiedMS = logged.event.time.milliseconds
        }
        happened.append(
            IdentityEvents.identified(
                person.row.id, kind: claim.key.kind, evidence: logged.position, at: logged.event.time))
    }

    /// A claim that somebody vouches for makes a link that nobody had vouched for a sure one.
    private mutating func strengthen(_ claim: Claim, _ link: IdentityLink) {
        guard claim.isVerified, !link.isVerified else { return }
        links[claim.key]?.isVerified = true
        changedLinks.insert(claim.key)
    }

    /// Notes the claims that were refused before anybody was asked.
    mutating func refuse(_ set: ClaimSet, _ person: Person?, _ logged: LoggedEvent) {
        for refused in set.refused { note(refused.key, refused.reason, person, logged) }
    }

    private mutating func note(
        _ key: IdentityKey, _ reason: ConflictReason, _ person: Person?, _ logged: LoggedEvent
    ) {
        conflicts.append(
            ConflictRecord(
                key: key, reason: reason, profileID: person?.row.id ?? 0, evidence: logged.position,
                atMS: logged.event.time.milliseconds))
    }

    mutating func saveIdentities() throws {
        let changed = changedLinks.sorted().compactMap { key in links[key].map { (key: key, link: $0) } }
        try IdentityLinks.save(changed, unused: freeKeys.sorted(), connection)
        try saveUnlinks()
        try MergeRecord.save(merges, connection)
        happened += try PointsMerge.follow(merges, at: context.now, connection)
        try EarningRecords.follow(merges, connection)
        try CouponMerge.follow(merges, at: context.now, connection)
        happened += try TierMerge.follow(merges, at: context.now, connection)
        try ConflictRecord.save(conflicts, connection)
    }
}
