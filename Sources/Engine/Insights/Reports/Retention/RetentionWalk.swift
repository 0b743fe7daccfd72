/// When one person was there: steps of time (days, weeks, months) with what was done in them.
struct PersonSteps: Sendable {
    var person: Int64
    /// Ascending.
    var steps: [Int64]
    /// 1: began, 2: returned, 3: both; as many as steps.
    var marks: [Int64]

    static let began: Int64 = 1
    static let returned: Int64 = 2

    /// The first step of a range in which the person began.
    func cohort(in range: ClosedRange<Int64>) -> Int64? {
        for (step, mark) in zip(steps, marks) where mark & Self.began != 0 && range.contains(step) { return step }
        return nil
    }

    func returns(after cohort: Int64) -> [Int64] {
        zip(steps, marks).compactMap { $1 & Self.returned != 0 && $0 >= cohort ? $0 - cohort : nil }
    }
}

/// Counts who came back: of each group of people, how many returned so many steps after they began.
struct RetentionTally {
    let offsets: Int
    let isUnbounded: Bool
    /// The last step that is over, and the one under way.
    let lastWhole: Int64
    let lastBegun: Int64

    struct Group {
        var people: Int64 = 0
        /// People whose step at each offset is over, those of them who returned.
        var eligible: [Int64]
        var retained: [Int64]
        /// The same for the step under way.
        var eligibleOpen: [Int64]
        var retainedOpen: [Int64]

        init(offsets: Int) {
            let none = Array(repeating: Int64(0), count: offsets + 1)
            (eligible, retained, eligibleOpen, retainedOpen) = (none, none, none, none)
        }

        /// One more person, who returned so many steps after the cohort's, or not.
        mutating func add(_ held: [Bool], from cohort: Int64, lastWhole: Int64, lastBegun: Int64) {
            people += 1
            for offset in held.indices {
                let step = cohort + Int64(offset)
                if step <= lastWhole {
                    eligible[offset] += 1
                    retained[offset] += held[offset] ? 1 : 0
                } else if step <= lastBegun {
                    eligibleOpen[offset] += 1
                    retainedOpen[offset] += held[offset] ? 1 : 0
                }
            }
        }
    }
    private(set) var groups: [Int64: Group] = [:]

    init(offsets: Int, isUnbounded: Bool, lastWhole: Int64, lastBegun: Int64) {
        self.offsets = offsets
        self.isUnbounded = isUnbounded
        self.lastWhole = lastWhole
        self.lastBegun = lastBegun
    }

    /// Whether somebody who returned at these offsets counts at one.
    func holds(_ returns: [Int64], at offset: Int64) -> Bool {
        isUnbounded ? (returns.last ?? -1) >= offset : returns.contains(offset)
    }

    /// Whether the step that lies so far after a cohort's is over.
    func isOver(_ cohort: Int64, at offset: Int64) -> Bool { cohort + offset <= lastWhole }

    mutating func add(_ person: PersonSteps, cohort: Int64, group key: Int64) {
        let returns = person.returns(after: cohort)
        var held: [Bool] = []
        held.reserveCapacity(offsets + 1)
        for offset in 0...offsets { held.append(holds(returns, at: Int64(offset))) }
        // In place: a copy of a group for everybody who is counted costs more than the counting.
        groups[key, default: Group(offsets: offsets)].add(
            held, from: cohort, lastWhole: lastWhole, lastBegun: lastBegun)
    }
}

/// What people are in a step: new (first seen in it), returning (there in the step before), resurrected (there earlier,
/// not in the step before), dormant (there in the step before, not in this one).
enum UsageState: String, CaseIterable {
    case new, returning, resurrected, dormant

    /// The states of one person by step. Steps of the person ascending, from the step before the range on.
    static func states(
        _ steps: [Int64], firstSeen: Int64?, in range: ClosedRange<Int64>
    ) -> [(step: Int64, state: UsageState)] {
        var found: [(Int64, UsageState)] = []
        for (index, step) in steps.enumerated() {
            if range.contains(step) {
                let wasBefore = index > 0 && steps[index - 1] == step - 1
                found.append((step, step == firstSeen ? .new : wasBefore ? .returning : .resurrected))
            }
            let isNext = index + 1 < steps.count && steps[index + 1] == step + 1
            if !isNext, range.contains(step + 1) { found.append((step + 1, .dormant)) }
        }
        return found
    }
}
