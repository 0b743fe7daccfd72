import Engine
import Science

/// The thresholds and conversions of a model, as tables show them.
struct LifecycleBands: Encodable, Sendable {
    struct Band: Encodable, Sendable {
        var orders: String
        var gaps: String
        var q80: String
        var q90: String
        var isPooled: Bool
    }

    struct Conversion: Encodable, Sendable {
        var orders: String
        var people: String
        var rate: String
        var width: String
    }

    var bands: [Band]
    var conversions: [Conversion]
    var hasConversions: Bool
    var isFitted: Bool
    var conversionHow: HowModel

    private static let shownConversions = 8

    init(_ model: LifecycleModel, _ wording: Wording) {
        bands = model.bands.map { band in
            Band(
                orders: Self.name(band.from, band.through), gaps: wording.number(band.gaps),
                q80: Self.length(band.q80, wording), q90: Self.length(band.q90, wording), isPooled: band.isPooled)
        }
        conversions = model.conversions.prefix(Self.shownConversions).map { step in
            Conversion(
                orders: "\(step.orders) → \(step.orders + 1)", people: wording.number(step.people),
                rate: wording.percent(step.rate), width: StandingPanels.percent(step.rate * 100))
        }
        hasConversions = !model.conversions.isEmpty
        isFitted = model.isFitted
        conversionHow = HowModel("conversion", name: wording.text("lifecycle.conversion"), wording)
    }

    static func figures(_ model: LifecycleModel, _ wording: Wording) -> [FigureModel] {
        func figure(_ key: String, _ value: String) -> FigureModel {
            let name = wording.text("lifecycle.\(key)")
            return FigureModel(name, value, how: HowModel(key, name: name, wording))
        }
        return [
            figure("q80", length(model.pooled.q80, wording)), figure("q90", length(model.pooled.q90, wording)),
            figure("maturity", wording.number(model.maturityOrders)),
        ]
    }

    /// `1`, `3–6`, `7+`.
    static func name(_ from: Int, _ through: Int?) -> String {
        guard let through else { return "\(from)+" }
        return through == from ? "\(from)" : "\(from)–\(through)"
    }

    private static func length(_ days: Double, _ wording: Wording) -> String {
        wording.text("time.days", count: Int64(days.rounded()))
    }
}
