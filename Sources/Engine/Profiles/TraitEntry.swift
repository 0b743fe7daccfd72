/// Everything known about one trait of one person, kept so that its value does not depend on the order in which
/// events arrive.
///
/// Invariants: the newest `set` wins and anything it does not outdate is applied on top: increments and appended
/// values that happened later. `set_once` counts only while nothing was set; the oldest wins. `unset` is a set to
/// nothing. Of equal times the larger JSON text wins, whichever came first.
package struct TraitEntry: Sendable, Equatable {
    /// The newest set (nil value: unset).
    package var base: Stamped?
    /// The oldest set-once.
    package var once: Stamped?
    /// Increments not yet folded into `total`.
    package var increments: [Increment] = []
    /// Increments that were folded, all later than `base`, with the time of the newest.
    package var total: Increment?
    /// Values appended, each with the newest time at which it was.
    package var appended: [Stamped] = []

    package struct Stamped: Sendable, Equatable {
        package var value: JSONValue?
        package var ms: Int64
    }

    package struct Increment: Sendable, Equatable {
        package var amount: JSONValue
        package var ms: Int64
    }

    /// Increments kept apart before the oldest are folded; a `set` that arrives later than that many is approximate.
    static let incrementsLimit = 16
    /// Values of a list trait.
    static let appendedLimit = 100

    package init() {}
}

extension TraitEntry {
    /// The value as of now; nil when the trait is not there.
    package var value: JSONValue? {
        var start = base
        if base?.value == nil, let once, once.ms > base?.ms ?? .min { start = once }
        var value = start?.value
        let since = start?.ms ?? .min
        if let total { value = TraitEntry.sum(value, total.amount) }
        for increment in increments where increment.ms > since {
            value = TraitEntry.sum(value, increment.amount)
        }
        let later = appended.filter { $0.ms >= since }
        guard !later.isEmpty else { return value }
        var list = value?.arrayValue ?? value.map { [$0] } ?? []
        for item in later {
            if let element = item.value, !list.contains(element) { list.append(element) }
        }
        return .array(list)
    }

    /// When the value was last changed, by event time.
    package var changedMS: Int64 {
        var newest = max(base?.ms ?? .min, total?.ms ?? .min)
        if base == nil { newest = max(newest, once?.ms ?? .min) }
        for increment in increments { newest = max(newest, increment.ms) }
        for item in appended { newest = max(newest, item.ms) }
        return newest
    }

    package mutating func set(_ value: JSONValue?, at ms: Int64) {
        let candidate = Stamped(value: value, ms: ms)
        if let base, !TraitEntry.isNewer(candidate, than: base) { return }
        base = candidate
        increments.removeAll { $0.ms <= ms }
        appended.removeAll { $0.ms < ms }
        if let total, total.ms <= ms { self.total = nil }
    }

    package mutating func setOnce(_ value: JSONValue, at ms: Int64) {
        let candidate = Stamped(value: value, ms: ms)
        if let once, !TraitEntry.isNewer(once, than: candidate) { return }
        once = candidate
    }

    package mutating func increment(by amount: JSONValue, at ms: Int64) {
        if let base, ms <= base.ms { return }
        increments.append(Increment(amount: amount, ms: ms))
        increments.sort { ($0.ms, $0.amount.doubleValue ?? 0) < ($1.ms, $1.amount.doubleValue ?? 0) }
        while increments.count > Self.incrementsLimit { fold(increments.removeFirst()) }
    }

    private mutating func fold(_ oldest: Increment) {
        guard let sum = total else {
            total = oldest
            return
        }
        total = Increment(amount: TraitEntry.sum(sum.amount, oldest.amount), ms: max(sum.ms, oldest.ms))
    }

    package mutating func append(_ value: JSONValue, at ms: Int64) {
        if let base, ms < base.ms { return }
        if let index = appended.firstIndex(where: { $0.value == value }) {
            appended[index].ms = max(appended[index].ms, ms)
        } else {
            appended.append(Stamped(value: value, ms: ms))
        }
        appended.sort { TraitEntry.isNewer($1, than: $0) }
        if appended.count > Self.appendedLimit { appended.removeFirst(appended.count - Self.appendedLimit) }
    }

    /// What two profiles knew of the same trait, as if one had seen all events.
    package func merged(with other: TraitEntry) -> TraitEntry {
        var result = self
        if let once = other.once, let value = once.value { result.setOnce(value, at: once.ms) }
        if let base = other.base { result.set(base.value, at: base.ms) }
        if let more = other.total, more.ms > result.base?.ms ?? .min {
            result.total =
                result.total.map {
                    Increment(amount: TraitEntry.sum($0.amount, more.amount), ms: max($0.ms, more.ms))
                } ?? more
        }
        for increment in other.increments { result.increment(by: increment.amount, at: increment.ms) }
        for item in other.appended {
            if let value = item.value { result.append(value, at: item.ms) }
        }
        return result
    }

    private static func isNewer(_ left: Stamped, than right: Stamped) -> Bool {
        if left.ms != right.ms { return left.ms > right.ms }
        return (left.value?.text() ?? "") > (right.value?.text() ?? "")
    }

    /// Integers stay integers until they overflow; anything that is no number counts as zero.
    private static func sum(_ left: JSONValue?, _ right: JSONValue) -> JSONValue {
        if case .integer(let one) = left ?? .integer(0), case .integer(let two) = right {
            let (sum, overflow) = one.addingReportingOverflow(two)
            if !overflow { return .integer(sum) }
        }
        return .number((left?.doubleValue ?? 0) + (right.doubleValue ?? 0))
    }
}
