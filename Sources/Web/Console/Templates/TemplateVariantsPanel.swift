import Engine
import Science
import Storage

/// How the variants of a template did against each other.
struct TemplateVariantsModel: PageModel {
    struct Figure: Encodable, Sendable {
        var value: String
        /// The messages behind it.
        var href: String?
        /// Of those that were sent, with its interval.
        var rate: String?
    }

    struct Row: Encodable, Sendable {
        var name: String
        /// Whether the draft has it no more.
        var isGone: Bool
        /// Sent, delivered, opened, clicked.
        var figures: [Figure]
        /// How likely it is to be clicked most.
        var best: String
    }

    var rows: [Row]
    var isEmpty: Bool
}

enum TemplateVariantsPanel {
    private static let alpha = 0.05

    static func show(_ request: PageRequest) async throws -> Reply {
        let id = try request.id("template")
        let (names, found) = try await TemplateWords.found {
            try await request.platform.store.read { connection in
                (
                    try MessageTemplates.get(id, connection).draft.variants.map(\.name),
                    try VariantFigures.of(id, connection)
                )
            }
        }
        // As the draft has them, and what it has no more behind.
        let standing = names.map { name in found.first { $0.variant == name } ?? VariantFigures(variant: name) }
        let figures = standing + found.filter { !names.contains($0.variant) }
        let best = best(figures)
        let rows = figures.enumerated().map { place, own in
            TemplateVariantsModel.Row(
                name: own.variant, isGone: !names.contains(own.variant), figures: row(own, of: id, request),
                best: best.map { request.wording.percent($0[place]) } ?? "–")
        }
        return .panel(
            template: "template/variants", model: TemplateVariantsModel(rows: rows, isEmpty: found.isEmpty))
    }

    /// Nil before all were sent and something was clicked.
    private static func best(_ figures: [VariantFigures]) -> [Double]? {
        guard figures.count > 1, figures.allSatisfy({ $0.sent > 0 }), figures.contains(where: { $0.clicked > 0 }) else {
            return nil
        }
        return BeliefComparison(figures.map { .rate(Proportion($0.clicked, of: $0.sent)) }).best
    }

    private static func row(
        _ own: VariantFigures, of template: Int64, _ request: PageRequest
    ) -> [TemplateVariantsModel.Figure] {
        let wording = request.wording
        let steps = [
            ("sent", own.sent), ("delivered", own.delivered), ("opened", own.opened), ("clicked", own.clicked),
        ]
        return steps.map { step, count in
            let query = Fields([
                ("template", String(template)), ("variant", own.variant), ("reached", step),
            ]).query()
            var rate: String?
            if step != "sent", own.sent > 0 {
                let share = Proportion(count, of: own.sent)
                let interval = share.wilson(alpha: alpha)
                rate = request.text(
                    "template.rate",
                    [
                        "rate": wording.percent(share.rate), "low": wording.percent(interval.low),
                        "high": wording.percent(interval.high),
                    ])
            }
            return TemplateVariantsModel.Figure(
                value: wording.number(count), href: count > 0 ? "/messages?" + query : nil, rate: rate)
        }
    }
}
