import Engine
import Storage

/// One benefit of a tier: what it is, and what it is worth against the members who are kept apart.
struct BenefitEffectModel: PageModel {
    var line: String
    var holdout: String?
    var effect: String
}

enum BenefitEffectPage {
    static func show(_ request: PageRequest) async throws -> Reply {
        let (tier, code) = (request.parameters["tier"] ?? "", request.parameters["benefit"] ?? "")
        let (ladder, speech) = try await request.platform.store.read {
            (try TierLadders.current($0)?.ladder, try TierSpeech.load($0))
        }
        guard let found = ladder?.tier(tier), let benefit = found.benefits.first(where: { $0.code == code }) else {
            throw PageFailure.notFound
        }
        let language = request.wording.language
        let text = BenefitText(speech.words(CriteriaLanguage(language)))
        let model = BenefitEffectModel(
            line: text.line(benefit),
            holdout: benefit.holdout.map { request.text("tier.holdout_is", ["percent": String($0)]) },
            effect: "/tiers/levels/\(tier)/benefits/\(code)/effect")
        return .page(
            Page(
                "reach/benefit", title: benefit.name(language),
                crumbs: [
                    Crumb(request.text("tier.title"), "/tiers"), Crumb(found.name(language), "/tiers/levels/\(tier)"),
                ], model: model))
    }
}
