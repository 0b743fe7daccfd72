import Engine
import Storage

/// What the member's tier entitles to, and what of it is left.
struct CentreBenefitsModel: PageModel {
    struct Row: Encodable, Sendable {
        var text: String
        var tier: String?
        var isStanding: Bool
        var open: [String]
        var isOpen: Bool
        var notes: [String]
    }

    var tier: String
    var rows: [Row]
    var isEmpty: Bool
}

enum CentreBenefits {
    static func show(_ request: CentreRequest) async throws -> CentreReply {
        let (member, now, calendar) = (request.account.id, request.now, request.workspace.calendar)
        let found = try await request.platform.store.read { connection -> (CentreTier, [MemberBenefit])? in
            guard let tier = try CentreTier.load(member, at: now, connection) else { return nil }
            return (
                tier,
                try MemberBenefit.load(
                    member: member, tier: tier.standing.state.tier, tier.standing.ladder, calendar, at: now, connection)
            )
        }
        guard let (tier, benefits) = found else {
            return page(request, CentreBenefitsModel(tier: "", rows: [], isEmpty: true))
        }
        let (ladder, text) = (tier.standing.ladder, BenefitText(tier.speech.words(request.language)))
        let current = tier.standing.state.tier
        let rows = benefits.map { one in
            var notes: [String] = []
            if one.used > 0 { notes.append(request.text("centre.benefit_used", count: one.used)) }
            if let left = one.quotaLeft { notes.append(request.text("centre.quota_left", count: left)) }
            return CentreBenefitsModel.Row(
                text: text.line(one.benefit),
                tier: one.tier == current
                    ? nil
                    : request.text("centre.benefit_of", ["tier": ladder.name(one.tier, request.wording.language)]),
                isStanding: one.benefit.kind.isStanding, open: one.open.map { grant($0, request) },
                isOpen: !one.open.isEmpty, notes: notes)
        }
        return page(
            request,
            CentreBenefitsModel(
                tier: ladder.name(current, request.wording.language), rows: rows, isEmpty: rows.isEmpty))
    }

    private static func grant(_ grant: BenefitGrant, _ request: CentreRequest) -> String {
        let left =
            grant.uses.map { request.text("centre.grant_left", count: max(0, $0 - grant.used)) }
            ?? request.text("centre.grant_endless")
        guard let end = grant.endsAt else { return left }
        return request.text("centre.grant_until", ["left": left, "date": request.lastDay(end)])
    }

    private static func page(_ request: CentreRequest, _ model: CentreBenefitsModel) -> CentreReply {
        .page(CentrePage("benefits", title: request.text("centre.place_benefits"), place: "home", model: model))
    }
}
