import Storage

extension PeopleBatch {
    /// Makes members of people whom an import brings, opens their lots, grants their tiers and brings their coupons, in the
    /// processor's transaction. What is refused changes nothing and is said. A lot and a coupon have the key of their row,
    /// so that another import of it, from whatever source, adds nothing.
    ///
    /// Call it after `save`. Returns what is to be said. Throws: `StorageError`.
    func bringMembers(
        _ events: [LoggedEvent], _ outcomes: [(position: Int64, profileID: Int64, outcome: EventOutcome)],
        at now: Timestamp
    ) throws -> [SystemEvent] {
        var brought: [(id: String, profile: Int64, member: ImportedMember, time: Timestamp)] = []
        for (event, outcome) in zip(events, outcomes)
        where outcome.outcome == .stored && event.event.name == ImportedMember.eventName {
            guard context.importSources.contains(event.sourceID),
                event.event.messageID.hasPrefix(ImportedMember.idPrefix), let person = person(outcome.profileID),
                let member = ImportedMember(event.event.properties, context.workspace.calendar)
            else { continue }
            brought.append((event.event.messageID, person.row.id, member, event.event.time))
        }
        guard !brought.isEmpty else { return [] }
        var said: [SystemEvent] = []
        var members = try ProgramMembers.of(Set(brought.map(\.profile)), connection)
        var joining: [Int64: Timestamp] = [:]
        for one in brought where members[one.profile] == nil {
            let since = min(one.member.enrolledAt ?? one.time, now)
            joining[one.profile] = min(joining[one.profile] ?? since, since)
        }
        let enrolled = try ProgramMembers.enrol(joining, effects: context.effects, connection)
        members.merge(enrolled.members) { $1 }
        said += enrolled.events
        said += try TierReview.review(members: enrolled.members.values.map(\.account).sorted(), at: now, connection)
        for one in brought {
            guard let account = members[one.profile]?.account else { continue }
            for (place, lot) in one.member.lots.enumerated() {
                said += try open(lot, key: "\(one.id):\(place + 1)", account, one.profile, at: now)
            }
            said += try grant(one.member, account, one.profile, at: now)
            said += try bring(one.member, key: "\(one.id):coupon", one.profile, at: now)
        }
        return said
    }

    private func bring(
        _ member: ImportedMember, key: String, _ profile: Int64, at now: Timestamp
    ) throws -> [SystemEvent] {
        guard let coupon = member.coupon else { return [] }
        do {
            return try CouponBringing.bring(
                coupon.definition, coupon.printed, to: profile, key: key, by: "import", at: now, context.effects,
                connection)
        } catch let error as CouponError {
            return [refusal("\(error)", key: key, profile, at: now)]
        }
    }

    private func open(
        _ lot: ImportedMember.Lot, key: String, _ account: Int64, _ profile: Int64, at now: Timestamp
    ) throws -> [SystemEvent] {
        let award = PointsAward(
            key: key, amount: lot.amount, expiresAt: lot.expiresAt, source: lot.source, earnedAt: lot.earnedAt)
        do {
            return try Points.perform(.open(account: account, currency: lot.currency, award), at: now, connection).1
        } catch PointsError.keyReused {
            // It was brought along before.
            return []
        } catch let error as PointsError {
            return [refusal("\(error)", key: key, profile, at: now)]
        }
    }

    private func grant(
        _ member: ImportedMember, _ account: Int64, _ profile: Int64, at now: Timestamp
    ) throws -> [SystemEvent] {
        guard let tier = member.tier, let ladder = try TierLadders.current(connection)?.ladder, ladder.index(tier) != 0
        else { return [] }
        let last = try TierGrants.list(member: account, limit: 1, connection).first
        if let last, last.tier == tier, last.until == member.tierUntil, last.endedAt == nil { return [] }
        do {
            return try TierGrants.give(
                tier, to: account, until: member.tierUntil, reason: "imported", by: "import", effects: context.effects,
                connection
            ).events
        } catch TierError.grantBelow {
            // The member has more by now.
            return []
        } catch let error as TierError {
            return [refusal("\(error)", key: tier, profile, at: now)]
        }
    }

    private func refusal(_ reason: String, key: String, _ profile: Int64, at now: Timestamp) -> SystemEvent {
        SystemEvent(
            name: "Member Import Refused", profileID: profile, time: now,
            properties: JSONValue.object([
                "key": .string(key), "reason": .string(String(reason.prefix(200))),
            ]).text())
    }
}
