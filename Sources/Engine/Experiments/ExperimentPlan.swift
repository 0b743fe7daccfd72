import Science

/// How many people an experiment needs to show a lift, and what it can show as weeks pass. Pure.
package struct ExperimentPlan: Sendable, Equatable {
    package enum Value: Sendable, Equatable {
        /// A rate from 0 to 1.
        case rate(Double)
        /// A mean and the spread of single people's values around it.
        case mean(Double, deviation: Double)
    }

    package let value: Value
    /// The least lift worth seeing, as a share of the control's value.
    package let lift: Double
    package let variants: Int
    package let confidence: Int64
    package let power: Double
    /// New people a week, over all variants; 0: unknown.
    package let weeklyPeople: Int64
    /// Looks that are planned beforehand; 1: at the end alone.
    package let looks: Int

    package static let weeks = 12
    package static let weeklyMax: Int64 = 1_000_000_000

    /// Throws: `ExperimentError.invalid` naming what cannot be used.
    package init(
        _ value: Value, lift: Double, variants: Int = 2, confidence: Int64 = 95, power: Double = 0.8,
        weeklyPeople: Int64 = 0, looks: Int = 1
    ) throws {
        func refuse(_ field: String, _ reason: String) -> ExperimentError { .invalid(field: field, reason: reason) }
        switch value {
        case .rate(let rate):
            guard rate > 0, rate < 1 else { throw refuse("baseline", "must be between 0 and 1") }
            guard lift > 0, rate * (1 + lift) < 1 else { throw refuse("lift", "must leave the rate below 1") }
        case .mean(let mean, let deviation):
            guard mean > 0, mean.isFinite else { throw refuse("baseline", "must be above 0") }
            guard deviation > 0, deviation.isFinite else { throw refuse("deviation", "must be above 0") }
            guard lift > 0, lift.isFinite else { throw refuse("lift", "must be above 0") }
        }
        guard ExperimentLimits.variants.contains(variants) else {
            let range = ExperimentLimits.variants
            throw refuse("variants", "must be \(range.lowerBound) to \(range.upperBound)")
        }
        guard ExperimentLimits.confidences.contains(confidence) else { throw refuse("confidence", "is not offered") }
        guard power >= 0.5, power <= 0.99 else { throw refuse("power", "must be 0.5 to 0.99") }
        guard (0...Self.weeklyMax).contains(weeklyPeople) else { throw refuse("weekly_people", "must be 0 or more") }
        guard (1...GroupSequential.looksMax).contains(looks) else {
            throw refuse("looks", "must be 1 to \(GroupSequential.looksMax)")
        }
        self.value = value
        self.lift = lift
        self.variants = variants
        self.confidence = confidence
        self.power = power
        self.weeklyPeople = weeklyPeople
        self.looks = looks
    }

    /// Every further variant is one more comparison with the control (Bonferroni).
    private var size: SampleSize {
        SampleSize(alpha: (1 - Double(confidence) / 100) / Double(variants - 1), power: power)
    }

    /// Of each variant, rounded up.
    package var peopleEach: Int64 {
        let people: Double
        switch value {
        case .rate(let rate): people = size.people(first: rate, second: rate * (1 + lift))
        case .mean(let mean, let deviation):
            let effect = lift * mean / deviation
            // For few people the t distribution asks for a few more.
            people = size.people(effect: effect) < 1_000 ? size.peopleByT(effect: effect) : size.people(effect: effect)
        }
        return people < 1e15 ? Int64(people.rounded(.up)) : .max / 16
    }

    package var peopleAll: Int64 { peopleEach * Int64(variants) }

    /// Nil without people a week.
    package var weeksNeeded: Int64? {
        weeklyPeople > 0 ? (peopleAll + weeklyPeople - 1) / weeklyPeople : nil
    }

    /// The least lift that can be shown after so many weeks; nil where none can. Empty without people a week.
    package var curve: [Double?] {
        guard weeklyPeople > 0 else { return [] }
        return (1...Self.weeks).map { week in
            let people = Double(weeklyPeople) * Double(week) / Double(variants)
            guard people >= 2 else { return nil }
            switch value {
            case .rate(let rate): return size.detectable(first: rate, people: people).map { $0 / rate }
            case .mean(let mean, let deviation): return size.detectable(deviation: deviation, people: people) / mean
            }
        }
    }

    /// How far z must be from 0 to stop at each look (Lan and DeMets, after O'Brien and Fleming); empty for one look.
    package var bounds: [Double] {
        looks > 1 ? GroupSequential.bounds(looks: looks, alpha: size.alpha, .late) : []
    }
}
