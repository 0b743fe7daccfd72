import Engine

/// Puts the facts about a person into words.
struct PersonPageBuilder {
    let facts: PersonFacts
    let request: PageRequest

    private var profile: Profile { facts.detail.profile }
    private var wording: Wording { request.wording }

    func model() -> PersonModel {
        let name = PersonName(profile, wording)
        let groups = traits()
        let channels = consent()
        let scores = scores()
        return PersonModel(
            id: String(profile.id), name: name.text, initial: name.initial, isAnonymous: name.isAnonymous,
            subtitle: subtitle(), stage: StageChip(profile.stage, wording),
            rfmClass: ClassWords.name(profile.rfmClass, wording), figures: figures(), standing: standing(), rfm: rfm(),
            expected: expected(),
            printed: wording.text("person.printed", ["date": wording.dateTime(request.now)]),
            scores: scores, hasScores: !scores.isEmpty, identities: identities(),
            hasIdentities: !facts.detail.identities.isEmpty, traits: groups, hasTraits: !groups.isEmpty,
            consent: channels, hasConsent: !channels.isEmpty, merges: merges(), hasMerges: !facts.merges.isEmpty,
            unlinks: unlinks(), hasUnlinks: !facts.unlinks.isEmpty,
            conflicts: conflicts(), hasConflicts: !facts.detail.conflicts.isEmpty, hasOrders: profile.orderCount > 0,
            mayManage: request.user.role.may(.managePeople), problem: nil)
    }

    private func subtitle() -> String {
        let since = wording.date(Timestamp(milliseconds: profile.firstSeenMS))
        return wording.text(
            profile.isIdentified ? "person.known_since" : "person.seen_since",
            ["date": since, "source": source(profile.sourceID)])
    }

    private func source(_ id: Int64) -> String {
        facts.sources.first { $0.id == id }?.name ?? wording.text("person.platform")
    }

    func day(_ milliseconds: Int64) -> String {
        wording.shortDate(Timestamp(milliseconds: milliseconds), now: request.now)
    }

    private func daysAgo(_ milliseconds: Int64) -> String {
        let days = max(0, request.now.milliseconds - milliseconds) / Timestamp.millisecondsPerDay
        return days == 0 ? wording.text("time.today") : wording.text("time.days_ago", count: days)
    }

    private func figures() -> [FigureModel] {
        let average = profile.orderCount > 0 ? wording.money(profile.netSpend / profile.orderCount) : nil
        let none = wording.text("frame.none")
        return [
            FigureModel(
                wording.text("person.spend"), wording.money(profile.netSpend),
                how: HowModel("spend", name: wording.text("person.spend"), wording)),
            FigureModel(
                wording.text("person.orders"), wording.number(profile.orderCount),
                how: HowModel("person_orders", name: wording.text("person.orders"), wording)),
            FigureModel(wording.text("person.average"), average ?? none),
            FigureModel(
                wording.text("person.last_order"), profile.lastOrderMS.map(day) ?? none,
                note: profile.lastOrderMS.map { daysAgo($0) }),
            FigureModel(
                wording.text("person.last_seen"), day(profile.lastSeenMS),
                note: wording.ago(Timestamp(milliseconds: profile.lastSeenMS), now: request.now)),
            FigureModel(wording.text("person.events"), wording.number(profile.eventCount)),
        ]
    }

    private func identities() -> [PersonModel.IdentityRow] {
        facts.detail.identities.map { identity in
            PersonModel.IdentityRow(
                kind: kind(identity.key.kind), value: identity.key.value, source: source(identity.sourceID),
                since: day(identity.firstSeenMS), isVerified: identity.isVerified)
        }
    }

    private func kind(_ kind: String) -> String {
        wording.known("identity.\(kind)") ?? kind
    }

    private func traits() -> [PersonModel.TraitGroup] {
        TraitClass.allCases.compactMap { traitClass in
            let rows = facts.detail.state.traits.compactMap { name, entry -> (String, PersonModel.TraitRow)? in
                guard let value = entry.value, !value.isNull, (facts.classes[name] ?? .behaviour) == traitClass else {
                    return nil
                }
                return (
                    name,
                    PersonModel.TraitRow(
                        name: wording.known("trait.\(name)") ?? name, value: TraitText.say(value, wording),
                        changed: day(entry.changedMS))
                )
            }
            guard !rows.isEmpty else { return nil }
            return PersonModel.TraitGroup(
                title: wording.text("person.class_\(traitClass.rawValue)"),
                rows: rows.sorted { $0.0 < $1.0 }.map(\.1))
        }
    }

    private func merges() -> [PersonModel.Merge] {
        facts.merges.map { merge in
            let others = merge.identities.prefix(3).map { "\(kind($0.kind)) \($0.value)" }.joined(separator: " · ")
            return PersonModel.Merge(
                id: String(merge.id),
                text: wording.text(
                    "person.merge_\(merge.rule.rawValue)", ["number": PersonName.short(merge.loserID)]),
                time: day(merge.atMS), identities: others,
                mayUndo: merge.undoneMS == nil && merge.winnerID == profile.id
                    && request.user.role.may(.managePeople),
                isUndone: merge.undoneMS != nil)
        }
    }

    private func unlinks() -> [PersonModel.Unlink] {
        facts.unlinks.map { unlink in
            PersonModel.Unlink(
                id: String(unlink.id), kind: kind(unlink.key.kind), value: unlink.key.value, time: day(unlink.atMS),
                mayUndo: unlink.undoneMS == nil && request.user.role.may(.managePeople),
                isUndone: unlink.undoneMS != nil)
        }
    }

    private func conflicts() -> [PersonModel.Conflict] {
        facts.detail.conflicts.prefix(10).map { conflict in
            PersonModel.Conflict(
                identity: "\(kind(conflict.key.kind)) \(conflict.key.value)",
                reason: wording.text("person.conflict_\(conflict.reason.rawValue)"), time: day(conflict.atMS))
        }
    }
}

/// A trait's value as people read it.
enum TraitText {
    static func say(_ value: JSONValue, _ wording: Wording) -> String {
        if case .bool(let flag) = value { return wording.text(flag ? "person.yes" : "person.no") }
        return say(value)
    }

    static func say(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .array(let items) where items.allSatisfy({ $0.stringValue != nil }):
            items.compactMap(\.stringValue).joined(separator: ", ")
        default: value.text()
        }
    }
}
