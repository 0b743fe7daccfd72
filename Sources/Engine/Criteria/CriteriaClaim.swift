/// What a condition says of one thing, so that sayings about the same thing can be held against each other.
///
/// Only what is certain is claimed: two claims that exclude each other hold for nobody together.
package struct CriteriaClaim: Sendable, Equatable {
    /// The values that pass.
    package enum Values: Sendable, Equatable {
        /// Any at all.
        case present
        /// A range of numbers, dates (20260501) or days from today, as the unit says.
        case span(Unit, low: Int64, high: Int64)
        /// One of these texts.
        case words(Set<String>)
        /// Such as pass a test that can only be compared with itself.
        case test(String)
    }

    package enum Unit: Sendable, Equatable {
        case number, date, day
    }

    /// Whose values they are: claims about different things are never compared.
    package var subject: String
    package var values: Values
    /// Everybody has a value, and it is at least this.
    package var floor: Int64?
    /// What is counted lies in so many days up to today; what is counted in fewer days is never more. Nil: not so.
    package var days: Int64?
    package private(set) var isNegated = false

    package init(_ subject: String, _ values: Values, floor: Int64? = nil, days: Int64? = nil) {
        (self.subject, self.values, self.floor, self.days) = (subject, values, floor, days)
    }

    package init(_ subject: String, _ range: NumberRange, floor: Int64? = nil, days: Int64? = nil) {
        let (low, high) = range.closed
        self.init(subject, .span(.number, low: low, high: high), floor: floor, days: days)
    }

    /// The opposite. Where everybody has a value, not to have three at least is to have two at most.
    var opposite: CriteriaClaim {
        var other = self
        let limit = CriteriaValue.numberLimit
        if floor != nil, !isNegated, case .span(let unit, let low, let high) = values {
            if high == limit {
                other.values = .span(unit, low: -limit, high: low - 1)
                return other
            }
            if low == -limit || low <= floor ?? .min {
                other.values = .span(unit, low: high + 1, high: limit)
                return other
            }
        }
        other.isNegated.toggle()
        return other
    }

    /// Whether nobody can be so.
    var isImpossible: Bool {
        guard let floor, !isNegated, case .span(_, _, let high) = values else { return false }
        return high < floor
    }

    /// Whether nobody can be so and so.
    func excludes(_ other: CriteriaClaim) -> Bool {
        guard subject == other.subject else { return false }
        if isNegated || other.isNegated {
            guard days == other.days, isNegated != other.isNegated else { return false }
            return isNegated ? Self.isPart(other.values, of: values) : Self.isPart(values, of: other.values)
        }
        if days != other.days {
            guard let days, let others = other.days, case .span(_, let low, let high) = values,
                case .span(_, let otherLow, let otherHigh) = other.values
            else { return false }
            // Ten times in a week are at least ten times in a month.
            return days < others ? low > otherHigh : otherLow > high
        }
        switch (values, other.values) {
        case (.span(let unit, let low, let high), .span(let otherUnit, let otherLow, let otherHigh)):
            return unit == otherUnit && (low > otherHigh || otherLow > high)
        case (.words(let some), .words(let others)): return some.isDisjoint(with: others)
        default: return false
        }
    }

    private static func isPart(_ inner: Values, of outer: Values) -> Bool {
        switch (inner, outer) {
        case (_, .present): true
        case (.span(let unit, let low, let high), .span(let otherUnit, let otherLow, let otherHigh)):
            unit == otherUnit && low >= otherLow && high <= otherHigh
        case (.words(let some), .words(let others)): some.isSubset(of: others)
        case (.test(let one), .test(let other)): one == other
        default: false
        }
    }
}

extension ValueTest {
    /// The values that pass.
    var claimed: CriteriaClaim.Values {
        switch self {
        case .set: .present
        case .text(.equals, let values): .words(Set(values.map(CriteriaValue.folded)))
        case .number(let range): .span(.number, low: range.closed.low, high: range.closed.high)
        case .truth(let flag): .words(Set(flag ? Self.yes : Self.no))
        case .date(let test): test.claimed
        default: .test(JSONValue.object(json).text())
        }
    }
}

extension DateTest {
    fileprivate var claimed: CriteriaClaim.Values {
        let date = CriteriaValue.date(ofDay:)
        switch self {
        case .on(let day): return .span(.date, low: date(day), high: date(day))
        case .before(let day): return .span(.date, low: .min, high: date(day) - 1)
        case .after(let day): return .span(.date, low: date(day) + 1, high: .max)
        case .betweenDates(let from, let to): return .span(.date, low: date(from), high: date(to))
        case .inLastDays(let days): return .span(.day, low: 1 - days, high: 0)
        case .moreThanDaysAgo(let days): return .span(.day, low: .min, high: -days - 1)
        case .inNextDays(let days): return .span(.day, low: 0, high: days)
        case .anniversaryInDays: return .test(JSONValue.object(json).text())
        }
    }
}
