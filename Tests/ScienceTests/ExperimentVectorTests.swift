import Foundation
import Science
import Testing

/// Tests/Fixtures/experiments: figures of statsmodels, SciPy, gbstats and spotify-confidence.
@Suite("Experiments, against published libraries")
struct ExperimentVectorTests {
    @Test("two rates: z, chi-square, Yates, Fisher, Wald, Newcombe")
    func rates() throws {
        let expected = try Expected("prop_ztest")
        let test = TwoProportions(control: Proportion(520, of: 10_000), treatment: Proportion(598, of: 10_100))
        expect(test.z, expected["z_pooled"])
        expect(test.pValue, expected["p_two_sided"])
        expect(test.pValue / 2, expected["p_one_sided_larger"])
        expect(test.difference, expected["diff"])
        expect(test.z * test.z, expected["chi2_no_correction"])
        expect(test.yates, expected["chi2_yates"])
        expect(ChiSquareDistribution.upper(test.yates, degrees: 1), expected["p_yates"])
        expect(test.fisher, expected["fisher_exact_p"], 1e-7)
        expect(test.wald(alpha: 0.05), expected.list("ci95_wald_unpooled"))
        expect(test.newcombe(alpha: 0.05), expected.list("ci95_newcombe"))
    }

    @Test(
        "one rate: Wilson, Clopper–Pearson, Jeffreys",
        arguments: [("wilson_0_20", 0, 20), ("wilson_520_10000", 520, 10_000)])
    func oneRate(id: String, successes: Int64, trials: Int64) throws {
        let expected = try Expected(id)
        let rate = Proportion(successes, of: trials)
        expect(rate.wilson(alpha: 0.05), expected.list("wilson"))
        expect(rate.clopperPearson(alpha: 0.05), expected.list("clopper_pearson"))
        expect(rate.jeffreys(alpha: 0.05), expected.list("jeffreys"))
    }

    @Test("two means: Welch")
    func means() throws {
        let expected = try Expected("welch_t")
        let test = MeanComparison(
            control: SampleMoments(expected.inputs("control")), treatment: SampleMoments(expected.inputs("treat")))
        expect(test.t, expected["t"])
        expect(test.degrees, expected["df"])
        expect(test.pValue, expected["p"])
        expect(test.interval(alpha: 0.05), expected.list("ci95"))
        expect(test.control.mean, expected["mean_control"])
        expect(test.treatment.variance, expected["var_treat"])
        expect(test.treatment.mean, expected["mean_treat"])
        expect(test.control.variance, expected["var_control"])
    }

    @Test("CUPED takes out what was there before")
    func cuped() throws {
        let (expected, other) = (try Expected("cuped"), try Expected("gb_cuped_absolute"))
        let control = SampleMoments(expected.inputs("post_control"), with: expected.inputs("pre_control"))
        let treatment = SampleMoments(expected.inputs("post_treat"), with: expected.inputs("pre_treat"))
        let raw = MeanComparison(control: control, treatment: treatment)
        let test = try #require(MeanComparison(cuped: control, treatment: treatment))
        expect(try #require(MeanComparison.theta(control, treatment)), expected["theta_pooled"])
        expect(test.control.mean, expected["adj_mean_control"])
        expect(test.treatment.mean, expected["adj_mean_treat"])
        expect(test.difference, expected["diff_cuped"])
        expect(test.t, expected["t_cuped"])
        expect(test.degrees, expected["df_cuped"])
        expect(test.pValue, expected["p_cuped"])
        expect(raw.t, expected["t_raw"])
        expect(raw.difference, expected["diff_raw"])
        expect(1 - test.variance / raw.variance, expected["var_reduction"])
        expect(try #require(MeanComparison.theta(control, treatment)), other["theta"])
        expect(raw.pValue, expected["p_raw"])
        expect(test.interval(alpha: 0.05), other.list("ci"))
        expect(test.pValue, other["p"])
    }

    @Test("a ratio of sums by the delta method")
    func ratio() throws {
        let expected = try Expected("gb_ratio_delta_absolute")
        func moments(_ name: String) -> SampleMoments {
            let sums = expected.inputs(name)
            return SampleMoments(
                count: sums[0], sum: sums[1], squares: sums[2], otherSum: sums[3], otherSquares: sums[4],
                products: sums[5])
        }
        let test = try #require(MeanComparison(ratio: moments("a"), treatment: moments("b")))
        expect(test.control.mean, expected["mean_a"])
        expect(test.treatment.mean, expected["mean_b"])
        expect(test.control.variance, expected["var_a"])
        expect(test.treatment.variance, expected["var_b"])
        expect(test.difference, expected["expected"])
        expect(test.interval(alpha: 0.05), expected.list("ci"), 1e-6)
        expect(test.pValue, expected["p"], 1e-6)
    }

    @Test(
        "a rate believed in: probability to be better, expected loss",
        arguments: ["beta_binomial_520_10000_598_10100", "beta_binomial_100_1000_100_1000"])
    func belief(id: String) throws {
        let expected = try Expected(id)
        func rate(_ name: String) -> Proportion {
            Proportion(Int64(expected.input("x_\(name)")), of: Int64(expected.input("n_\(name)")))
        }
        let beliefs = [Belief.rate(rate("a")), Belief.rate(rate("b"))]
        let comparison = BeliefComparison(beliefs)
        expect(comparison.best[1], expected["p_quad"])
        expect(comparison.best[1], expected["p_b_beats_a"], 1e-8)
        expect(comparison.losses[1], expected["expected_loss_choose_b"], 1e-7)
        expect(comparison.losses[0], expected["expected_loss_choose_a"], 1e-7)
        expect(beliefs[0].interval(alpha: 0.05), expected.list("ci95_a"))
        expect(beliefs[1].interval(alpha: 0.05), expected.list("ci95_b"))
    }

    @Test("a mixture of alternatives (mSPRT) and a confidence sequence")
    func sequential() throws {
        let expected = try Expected("msprt_tau2_0.0001")
        let rates = TwoProportions(control: Proportion(520, of: 10_000), treatment: Proportion(598, of: 10_100))
        let test = SequentialTest.Mixture(difference: rates.difference, variance: rates.variance, tau2: 0.0001)
        expect(rates.variance, expected["V"])
        expect(test.ratio, expected["lambda_"])
        expect(test.ratio, expected["lambda_numeric"])
        expect(test.pValue, expected["p_always_valid"])
        expect(test.interval(alpha: 0.05), expected.list("ci95_always_valid"))

        let other = try Expected("gb_sequential_mean_absolute")
        func moments(_ name: String) -> SampleMoments {
            SampleMoments(
                count: other.input("n_\(name)"), sum: other.input("sum_\(name)"),
                squares: other.input("sumsq_\(name)"))
        }
        let sequence = SequentialTest.sequence(
            MeanComparison(control: moments("a"), treatment: moments("b")), alpha: 0.05)
        expect(sequence.interval, other.list("ci"))
        expect(sequence.pValue, other["p"])
    }

    @Test(
        "planned looks",
        arguments: [("group_seq_OF_4", GroupSequential.Spending.late), ("group_seq_power2_4", .squared)])
    func looks(id: String, spending: GroupSequential.Spending) throws {
        let expected = try Expected(id)
        let bounds = GroupSequential.bounds(looks: 4, alpha: 0.05, spending)
        for (bound, wanted) in zip(bounds, expected.list("z")) { expect(bound, wanted, 1e-6) }
        for (look, wanted) in expected.list("cum_alpha").enumerated() {
            expect(spending.spent(Double(look + 1) / 4, alpha: 0.05), wanted)
        }
    }

    @Test("a sample that came apart from its weights", arguments: ["srm_50000_50800", "srm_8000_2200"])
    func sampleRatio(id: String) throws {
        let expected = try Expected(id)
        let ratio = SampleRatio(
            observed: expected.inputs("observed").map { Int64($0) }, weights: expected.inputs("weights"))
        expect(ratio.chiSquare, expected["chi2"])
        expect(ratio.pValue, expected["p"])
        #expect(ratio.isMismatch == (id == "srm_8000_2200"))
    }

    @Test("people needed")
    func sampleSize() throws {
        let expected = try Expected("sample_size_0.05_0.055")
        let size = SampleSize(alpha: 0.05, power: 0.8)
        let methods: [(SampleSize.Method, String)] = [
            (.pooled, "pooled"), (.unpooled, "unpooled"), (.control, "evan_miller"), (.arcsine, "arcsine_cohen_h"),
        ]
        for (method, name) in methods {
            let people = size.people(first: 0.05, second: 0.055, method)
            // statsmodels counts the chance of a rise taken for a fall as power too, for the arcsine: 1e-6.
            expect(people, expected[name], method == .arcsine ? 1e-5 : 1e-8)
            #expect(people.rounded(.up) == expected[name + "_ceil"])
        }
        let means = try Expected("sample_size_mean")
        expect(size.people(effect: 0.1), means["n_normal"], 1e-5)
        expect(size.peopleByT(effect: 0.1), means["n_ttest"], 1e-7)
    }

    @Test("many tests at once: Holm, Benjamini–Hochberg")
    func many() throws {
        let expected = try Expected("multiple_testing")
        let p = expected.inputs("p")
        for (adjusted, wanted) in zip(Significance.holm(p), expected.list("holm")) { expect(adjusted, wanted) }
        for (adjusted, wanted) in zip(Significance.adjusted(p), expected.list("bh")) { expect(adjusted, wanted) }
    }

    @Test("a bandit's shares are the chances to be best")
    func bandit() throws {
        let shares = Bandit.shares([
            .rate(BetaDistribution(alpha: 11, beta: 91)), .rate(BetaDistribution(alpha: 14, beta: 88)),
            .rate(BetaDistribution(alpha: 20, beta: 82)),
        ])
        for (share, wanted) in zip(shares, try Expected("thompson_pbest_11").list("p_best")) { expect(share, wanted) }
    }

    private func expect(
        _ value: Double, _ wanted: Double, _ tolerance: Double = 1e-9, at location: SourceLocation = #_sourceLocation
    ) {
        #expect(abs(value - wanted) <= tolerance * max(abs(wanted), 1e-3), sourceLocation: location)
    }

    private func expect(
        _ interval: Interval, _ wanted: [Double], _ tolerance: Double = 1e-8,
        at location: SourceLocation = #_sourceLocation
    ) {
        expect(interval.low, wanted[0], tolerance, at: location)
        expect(interval.high, wanted[1], tolerance, at: location)
    }
}

/// One entry of the file.
private struct Expected {
    private let entry: [String: Any]

    init(_ id: String) throws {
        let entries = try Vectors.json("experiments/expected.json")["entries"] as? [[String: Any]] ?? []
        entry = try #require(entries.first { $0["id"] as? String == id })
    }

    private func part(_ name: String) -> [String: Any] { entry[name] as? [String: Any] ?? [:] }
    private func number(_ value: Any?) -> Double { (value as? NSNumber)?.doubleValue ?? .nan }

    subscript(_ name: String) -> Double { number(part("outputs")[name]) }
    func list(_ name: String) -> [Double] { (part("outputs")[name] as? [Any] ?? []).map(number) }
    func input(_ name: String) -> Double { number(part("inputs")[name]) }
    func inputs(_ name: String) -> [Double] { (part("inputs")[name] as? [Any] ?? []).map(number) }
}
