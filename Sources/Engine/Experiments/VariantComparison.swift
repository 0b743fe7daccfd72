import Science

/// Sums of variants as estimates and comparisons. Pure.
enum VariantComparison {
    /// In the order of `variants`, whose first is the control; nobody's rows have no comparison.
    static func rows(
        _ sums: [ExperimentQuery.Row], _ metric: ExperimentMetric, _ variants: [String], alpha: Double,
        isAdjusted: Bool
    ) -> [ExperimentResult.Row] {
        let found = variants.map { variant in sums.first { $0.variant == variant } }
        let control = found.first.flatMap { $0 }
        var rows = zip(variants, found).map { variant, sums in
            row(variant, sums, control, metric, alpha: alpha, isAdjusted: isAdjusted)
        }
        let beliefs = found.map { sums in sums.flatMap { belief($0, metric) } }
        // Only where something is believed of every variant are they held against each other.
        guard rows.count > 1, beliefs.allSatisfy({ $0 != nil }) else { return rows }
        let flipped = beliefs.compactMap { $0 }.map { metric.isLessBetter ? $0.negated : $0 }
        let comparison = BeliefComparison(flipped)
        for index in rows.indices {
            rows[index].best = comparison.best[index]
            rows[index].loss = comparison.losses[index]
        }
        return rows
    }

    private static func row(
        _ variant: String, _ sums: ExperimentQuery.Row?, _ control: ExperimentQuery.Row?, _ metric: ExperimentMetric,
        alpha: Double, isAdjusted: Bool
    ) -> ExperimentResult.Row {
        guard let sums, sums.people > 0 else {
            return ExperimentResult.Row(
                variant: variant, people: 0, converted: 0, value: 0, interval: Interval(0, 0), open: 0)
        }
        let (value, interval) = estimate(sums, metric, alpha: alpha)
        var row = ExperimentResult.Row(
            variant: variant, people: sums.people, converted: sums.converted, value: value, interval: interval,
            open: sums.open)
        if let control, control.variant != variant, control.people > 1, sums.people > 1 {
            row.against = compare(sums, control, metric, alpha: alpha, isAdjusted: isAdjusted)
        }
        return row
    }

    private static func estimate(
        _ sums: ExperimentQuery.Row, _ metric: ExperimentMetric, alpha: Double
    ) -> (Double, Interval) {
        if metric.kind.isRate {
            let rate = Proportion(sums.converted, of: sums.people)
            return (rate.rate, rate.wilson(alpha: alpha))
        }
        guard let alone = means(sums, sums, metric)?.treatment else { return (0, Interval(0, 0)) }
        guard alone.count > 1 else { return (alone.mean, Interval(alone.mean, alone.mean)) }
        let critical = StudentDistribution(degrees: alone.count - 1).critical(alpha: alpha)
        return (alone.mean, Interval(around: alone.mean, critical * alone.error.squareRoot()))
    }

    private static func means(
        _ sums: ExperimentQuery.Row, _ control: ExperimentQuery.Row, _ metric: ExperimentMetric
    ) -> MeanComparison? {
        metric.kind == .orderValue
            ? MeanComparison(ratio: control.moments, treatment: sums.moments)
            : MeanComparison(control: control.moments, treatment: sums.moments)
    }

    private static func compare(
        _ sums: ExperimentQuery.Row, _ control: ExperimentQuery.Row, _ metric: ExperimentMetric, alpha: Double,
        isAdjusted: Bool
    ) -> ExperimentResult.Comparison? {
        guard let means = means(sums, control, metric) else { return nil }
        let sequence = SequentialTest.sequence(means, alpha: alpha)
        let relative = means.relative(alpha: alpha)
        var comparison = ExperimentResult.Comparison(
            difference: means.difference, interval: means.interval(alpha: alpha), pValue: means.pValue,
            sequence: sequence.interval, sequencePValue: sequence.pValue, lift: relative?.lift,
            liftInterval: relative?.interval, isExact: false, corrected: means.pValue)
        if metric.kind.isRate {
            let rates = TwoProportions(
                control: Proportion(control.converted, of: control.people),
                treatment: Proportion(sums.converted, of: sums.people))
            comparison.isExact = rates.leastExpected < 5
            comparison.interval = rates.newcombe(alpha: alpha)
            comparison.pValue = comparison.isExact ? rates.fisher : rates.pValue
            comparison.corrected = comparison.pValue
        }
        if isAdjusted, metric.kind != .orderValue,
            let adjusted = MeanComparison(cuped: control.moments, treatment: sums.moments)
        {
            comparison.adjusted = ExperimentResult.Adjusted(
                difference: adjusted.difference, interval: adjusted.interval(alpha: alpha), pValue: adjusted.pValue,
                explained: means.variance > 0 ? max(1 - adjusted.variance / means.variance, 0) : 0)
        }
        return comparison
    }

    private static func belief(_ sums: ExperimentQuery.Row, _ metric: ExperimentMetric) -> Belief? {
        guard sums.people > 1 else { return nil }
        if metric.kind.isRate { return .rate(Proportion(sums.converted, of: sums.people)) }
        guard let alone = means(sums, sums, metric)?.treatment, alone.error > 0 else { return nil }
        return .mean(alone.mean, error: alone.error.squareRoot())
    }

    /// Puts every comparison beside the others of its kind: Holm among those of the primary metric, Benjamini–Hochberg
    /// among all others.
    static func correct(_ metrics: inout [ExperimentResult.Metric]) {
        var places: [(metric: Int, row: Int)] = []
        for (index, metric) in metrics.enumerated() {
            for row in metric.rows.indices where metric.rows[row].against != nil { places.append((index, row)) }
        }
        func adjust(_ places: [(metric: Int, row: Int)], _ method: ([Double]) -> [Double]) {
            let values = method(places.map { metrics[$0.metric].rows[$0.row].against?.pValue ?? 1 })
            for (place, value) in zip(places, values) {
                metrics[place.metric].rows[place.row].against?.corrected = value
            }
        }
        adjust(places.filter { $0.metric == 0 }, Significance.holm)
        adjust(places.filter { $0.metric != 0 }, Significance.adjusted)
    }
}

extension Belief {
    /// Of what is better the less of it there is: a rate's counterpart, a mean with its sign turned.
    fileprivate var negated: Belief {
        switch self {
        case .rate(let beta): .rate(BetaDistribution(alpha: beta.beta, beta: beta.alpha))
        case .mean(let mean, let error): .mean(-mean, error: error)
        }
    }
}
