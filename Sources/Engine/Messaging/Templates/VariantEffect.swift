import Science
import Storage

/// What came of the messages that variants of a template made: people by the variant they got, from the first of them on.
/// Who got more than one is left out. docs/metrics.md defines it.
package struct VariantEffect: Sendable {
    /// How far the messages of each came.
    package var messages: [VariantFigures]
    package var goal: ExperimentMetric
    /// Those that something was sent of: as the draft has them, then what it has no more. All others are held against
    /// the first.
    package var conversions: [ExperimentResult.Row]
    /// Net revenue a person, in minor units.
    package var revenue: [ExperimentResult.Row]
    /// People who got more than one.
    package var crossed: Int64

    /// - Parameters:
    ///   - goal: what counts as converted; nil: an order.
    ///   - days: for how long after somebody was written to.
    /// Throws: `ReachError.badDays`, `TemplateError.notFound`, `StorageError`.
    package static func load(
        _ template: Int64, goal: EventFilter? = nil, days: Int64 = ReachReport.daysUsual, _ platform: Platform
    ) async throws -> VariantEffect {
        let (found, sent) = try await platform.store.read { connection in
            (try MessageTemplates.get(template, connection), try VariantFigures.of(template, connection))
        }
        let asked = try await ReachQuestion(found, goal: goal, days: days, platform)
        guard !sent.isEmpty else {
            return VariantEffect(messages: [], goal: asked.goal, conversions: [], revenue: [], crossed: 0)
        }
        let standing = found.draft.variants.map(\.name).filter { name in sent.contains { $0.variant == name } }
        var names = standing + sent.map(\.variant).filter { !standing.contains($0) }
        // Names that only differ in case are one to the log.
        var seen: Set<String> = []
        names.removeAll { !seen.insert(CriteriaValue.folded($0)).inserted }
        func rows(_ metric: ExperimentMetric) async throws -> [ExperimentResult.Row] {
            let sums = try await asked.query(metric).rows(platform.analytics)
            var rows = VariantComparison.rows(
                sums, metric, names.map(CriteriaValue.folded), alpha: alpha, isAdjusted: false)
            for place in rows.indices { rows[place].variant = names[place] }
            return rows
        }
        return VariantEffect(
            messages: sent, goal: asked.goal, conversions: try await rows(asked.goal),
            revenue: try await rows(ExperimentMetric(.revenue, windowDays: days)),
            crossed: try await ExperimentQuery.crossed(asked.cohort, platform.analytics))
    }

    private static let alpha = 0.05

    package enum Verdict: Sendable, Equatable {
        case tooEarly, undecided
        /// Converts more people than the first.
        case better(String)
        /// Nothing is told to be better than the first, and something to be worse.
        case first
    }

    /// By what holds at every look, with Bonferroni's correction where several are held against the first.
    package var verdict: Verdict {
        guard conversions.count > 1, conversions.allSatisfy({ $0.people > 1 }) else { return .tooEarly }
        let told = conversions.filter { row in
            row.against.map { $0.sequencePValue < Self.alpha / Double(conversions.count - 1) } ?? false
        }
        func gain(_ row: ExperimentResult.Row) -> Double { row.against?.difference ?? 0 }
        guard let best = told.max(by: { gain($0) < gain($1) }) else { return .undecided }
        return gain(best) > 0 ? .better(best.variant) : .first
    }
}

/// The people whom a variant of a template was sent to, or those of them who did what counts.
package struct VariantPeople: Sendable, Equatable {
    package var templateID: Int64
    package var variant: String
    /// Only who converted within so many days; nil: all.
    package var convertedDays: Int64?

    package init(_ templateID: Int64, variant: String, convertedDays: Int64? = nil) {
        self.templateID = templateID
        self.variant = variant
        self.convertedDays = convertedDays
    }

    /// Throws: `TemplateError.notFound`, `ReachError.badDays`, `StorageError`.
    func ids(_ platform: Platform) async throws -> [Int64] {
        let template = try await platform.store.read { try MessageTemplates.get(templateID, $0) }
        let asked = try await ReachQuestion(
            template, goal: nil, days: convertedDays ?? ReachReport.daysUsual, platform)
        return try await asked.query(asked.goal).ids(
            variant: CriteriaValue.folded(variant), group: nil, onlyConverted: convertedDays != nil,
            platform.analytics)
    }
}
