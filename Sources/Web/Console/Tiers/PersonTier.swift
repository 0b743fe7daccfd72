import Engine
import Storage

/// One member's tier on the person's page: until when, on what, what is missing, how it came.
struct PersonTierModel: PageModel {
    struct Progress: Encodable, Sendable {
        var title: String
        var found: String
        var percent: String
        var width: String
        var sentences: [String]
    }

    struct Change: Encodable, Sendable {
        var title: String
        var time: String
        var cause: String
        var found: String?
        var sentences: [String]
        var isUp: Bool
    }

    struct Entitlement: Encodable, Sendable {
        var name: String
        var state: String
        var isOpen: Bool
    }

    var id: String
    var isMember: Bool
    var tier: String
    var since: String
    var until: String?
    var grant: String?
    var grantID: String?
    var progress: [Progress]
    var changes: [Change]
    var hasChanges: Bool
    var benefits: [Entitlement]
    var hasBenefits: Bool
    var choices: [Choice]
    var mayGrant: Bool
    /// What is said of who is no member, or while there are no tiers.
    var none: String?
}

enum PersonTier {
    private static let changesShown = 20
    private static let grantsShown = 20

    static func panel(_ request: PageRequest) async throws -> Reply {
        .panel(template: "tiers/person", model: try await model(request))
    }

    private static func model(_ request: PageRequest) async throws -> PersonTierModel {
        let id = try request.id("person")
        let found = try await request.platform.store.read { connection -> Found? in
            guard try TierLadders.current(connection) != nil else { return nil }
            let profile = try ProfileDetail.resolve(id, connection)
            guard let member = try PointsAccounts.ofProfile(profile, connection) else { return nil }
            return Found(
                standing: try TierStanding.load(member: member.id, at: request.now, connection),
                history: try TierHistory.list(member: member.id, limit: changesShown, connection),
                grants: try BenefitGrants.list(member: member.id, limit: grantsShown, connection),
                speech: try TierSpeech.load(connection))
        }
        guard let found else {
            return PersonTierModel(
                id: String(id), isMember: false, tier: "", since: "", progress: [], changes: [], hasChanges: false,
                benefits: [], hasBenefits: false, choices: [], mayGrant: false, none: request.text("tier.no_member"))
        }
        let words = found.speech.words(CriteriaLanguage(request.wording.language))
        let (standing, state, ladder) = (found.standing, found.standing.state, found.standing.ladder)
        let language = request.wording.language
        let isGranted = state.tier != state.earned
        return PersonTierModel(
            id: String(id), isMember: true, tier: ladder.name(state.tier, language),
            since: request.text("tier.since", ["day": request.wording.date(state.since)]),
            until: standing.lastDay.map { request.text("tier.until", ["day": words.day($0)]) },
            grant: isGranted ? request.text("tier.by_hand", ["tier": ladder.name(state.earned, language)]) : nil,
            grantID: state.grant.map { String($0.id) }, progress: progress(standing, words, request),
            changes: found.history.map { change($0, ladder, words, request) }, hasChanges: !found.history.isEmpty,
            benefits: benefits(found, words, request),
            hasBenefits: !found.grants.isEmpty || ladder.tier(state.tier)?.benefits.isEmpty == false,
            choices: ladder.tiers.dropFirst().map { Choice($0.code, $0.name(language), chosen: "") },
            mayGrant: request.user.role.may(.manageMembers))
    }

    private struct Found: Sendable {
        var standing: TierStanding
        var history: [TierHistory.Entry]
        var grants: [BenefitGrant]
        var speech: TierSpeech
    }

    private static func progress(
        _ standing: TierStanding, _ words: TierWords, _ request: PageRequest
    ) -> [PersonTierModel.Progress] {
        let today = request.workspace.calendar.day(of: request.now)
        func model(_ title: String, _ progress: TierStanding.Progress) -> PersonTierModel.Progress {
            let name = standing.ladder.name(progress.tier, request.wording.language)
            return PersonTierModel.Progress(
                title: request.text(title, ["tier": name]), found: words.found(progress.reading),
                percent: "\(progress.reading.percent)%", width: String(progress.reading.percent),
                sentences: progress.lacking.missing.isEmpty
                    ? [] : [words.lacking(progress.lacking, today: today)])
        }
        return (standing.keeping.map { [model("tier.to_keep", $0)] } ?? [])
            + standing.higher.prefix(1).map { model("tier.to_reach", $0) }
    }

    private static func change(
        _ entry: TierHistory.Entry, _ ladder: TierLadder, _ words: TierWords, _ request: PageRequest
    ) -> PersonTierModel.Change {
        let change = entry.change
        let language = request.wording.language
        let to = ladder.name(change.to, language)
        return PersonTierModel.Change(
            title: change.from.map {
                request.text("tier.move", ["from": ladder.name($0, language), "to": to])
            } ?? to, time: request.wording.date(change.at), cause: words.cause(change.cause),
            found: change.evidence.reading.map(words.found)
                ?? change.evidence.place.map { place in
                    request.text(
                        "tier.place",
                        [
                            "place": request.wording.number(place),
                            "ranked": request.wording.number(change.evidence.ranked ?? 0),
                        ])
                },
            sentences: change.counterfactual.map { words.sentences($0, ladder, isOver: true) } ?? [],
            isUp: change.isUp)
    }

    private static func benefits(
        _ found: Found, _ words: TierWords, _ request: PageRequest
    ) -> [PersonTierModel.Entitlement] {
        let ladder = found.standing.ladder
        let language = request.wording.language
        let tier = ladder.tier(found.standing.state.tier)
        let standing = (tier?.benefits ?? []).filter(\.kind.isStanding).map {
            PersonTierModel.Entitlement(
                name: $0.name(language), state: request.text("tier.with_tier"), isOpen: true)
        }
        return standing
            + found.grants.map { grant in
                let benefit = ladder.tier(grant.tier)?.benefits.first { $0.code == grant.benefit }
                let isOpen = grant.isOpen(at: request.now)
                let state: String
                if grant.used > 0 {
                    state = request.text("tier.grant_used", count: grant.used)
                } else if let ends = grant.endsAt {
                    state = request.text(
                        isOpen ? "tier.grant_until" : "tier.grant_ended", ["day": request.wording.date(ends)])
                } else {
                    state = request.text("tier.grant_open")
                }
                return PersonTierModel.Entitlement(
                    name: benefit?.name(language) ?? grant.benefit, state: state, isOpen: isOpen)
            }
    }

    static func grant(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("person")
        let (tier, reason) = (request.form.text("tier"), request.form.text("reason"))
        let day = LocalCalendar.day(fromText: request.form.text("until"))
        let until = day.map { request.workspace.calendar.start(ofDay: $0 + 1) }
        let (effects, actor) = (request.platform.effects, request.actor)
        do {
            try await request.platform.store.write { connection in
                guard let member = try member(id, connection) else { throw TierError.notMember(id) }
                let given = try TierGrants.give(
                    tier, to: member, until: until, reason: reason, by: actor, effects: effects, connection)
                try AuditLog.append(
                    actor: actor, action: "tier.grant", subject: "member:\(member)", detail: tier, connection,
                    at: effects.now())
                try SystemEventLog.append(given.events, now: effects.now(), effects: effects, to: connection)
            }
        } catch let error as TierError {
            return .redirect(to: "/people/\(id)", notice: notice(error))
        }
        return .redirect(to: "/people/\(id)", notice: "tier.grant_given")
    }

    static func endGrant(_ request: PageRequest) async throws -> Reply {
        let (id, grant) = (try request.id("person"), try request.id("grant"))
        let (effects, actor) = (request.platform.effects, request.actor)
        do {
            try await request.platform.store.write { connection in
                guard try TierGrants.get(grant, connection).member == member(id, connection) else {
                    throw TierError.grantNotFound(grant)
                }
                let ended = try TierGrants.end(grant, effects: effects, connection)
                try AuditLog.append(
                    actor: actor, action: "tier.grant_end", subject: "member:\(ended.grant.member)",
                    detail: ended.grant.tier, connection, at: effects.now())
                try SystemEventLog.append(ended.events, now: effects.now(), effects: effects, to: connection)
            }
        } catch let error as TierError {
            return .redirect(to: "/people/\(id)", notice: notice(error))
        }
        return .redirect(to: "/people/\(id)", notice: "tier.grant_taken")
    }

    private static func member(_ person: Int64, _ connection: any SQLConnection) throws -> Int64? {
        try PointsAccounts.ofProfile(try ProfileDetail.resolve(person, connection), connection)?.id
    }

    private static func notice(_ error: TierError) -> String {
        switch error {
        case .grantBelow: return "tier.refused_below"
        case .grantInPast: return "tier.refused_past"
        case .reason: return "tier.refused_reason"
        default: return "tier.refused"
        }
    }
}
