import Engine
import Storage

/// The rules of the program as the brand announces them, made from nothing but the rules.
struct CentreRulesModel: PageModel {
    struct Section: Encodable, Sendable {
        var title: String
        var lines: [String]
    }

    var earning: [Section]
    var hasEarning: Bool
    var tiers: [Section]
    var hasTiers: Bool
    var currencies: [Section]
    var hasCurrencies: Bool
    var isEmpty: Bool
}

enum CentreRulesPage {
    static func show(_ request: CentreRequest) async throws -> CentreReply {
        let showsTier = request.settings.shows(.tier)
        let found = try await request.platform.store.read { connection in
            (
                program: try ProgramVersions.published(connection)?.program,
                ladder: showsTier ? try TierLadders.current(connection)?.ladder : nil,
                world: try CriteriaWorld.load(connection), speech: try TierSpeech.load(connection),
                currencies: try PointsCurrencies.list(connection).map(\.currency)
            )
        }
        let phrases = CriteriaPhrases(request.language, found.world).naming(found.program?.rules)
        let today = request.workspace.calendar.day(of: request.now)
        let earning = (found.program?.rules.rules ?? []).filter { $0.isInForce(today) }.map { rule in
            CentreRulesModel.Section(title: rule.title(phrases), lines: rule.rest(phrases).map { [$0] } ?? [])
        }
        let tiers = (found.ladder.map { TierText($0, found.speech.words(request.language)).sections } ?? []).map {
            CentreRulesModel.Section(title: $0.title, lines: $0.lines)
        }
        let currencies = found.currencies.map { currency in
            CentreRulesModel.Section(
                title: currency.name(request.wording.language),
                lines: CurrencySentences(currency: currency, wording: request.wording).announced)
        }
        let model = CentreRulesModel(
            earning: earning, hasEarning: !earning.isEmpty, tiers: tiers, hasTiers: !tiers.isEmpty,
            currencies: currencies, hasCurrencies: !currencies.isEmpty,
            isEmpty: earning.isEmpty && tiers.isEmpty && currencies.isEmpty)
        return .page(
            CentrePage("rules", title: request.text("centre.place_rules"), place: "rules", model: model))
    }
}
