import Storage

/// One thing after another:
/// `{"kind": "sequence", "steps": [{"names": ["Cart"]}, {"names": ["Order"]}], "in": {"hours": 24}, "within": …}`.
///
/// Holds when there are events, one a step, each later than the one before (by the millisecond), and the last at most
/// so long after the first. Of each step the newest 500 events count.
package struct SequenceCondition: CriteriaCondition {
    package static let kind = "sequence"
    package static let form = CriteriaForm(
        "behaviour", "先后做过", "Did one after another",
        [.init("steps", "steps"), .init("in", "duration"), .init("within", "within")])

    static let stepsRange = 2...3

    private var steps: [EventFilter]
    private var amount: Int64
    private var unit: Unit
    private var window: DayWindow

    enum Unit: String, CaseIterable {
        case minutes, hours, days

        var milliseconds: Int64 {
            switch self {
            case .minutes: 60_000
            case .hours: 3_600_000
            case .days: 86_400_000
            }
        }
    }

    package init(_ reader: CriteriaReader) {
        steps = reader.children("steps", limit: Self.stepsRange.upperBound).map { EventFilter($0) }
        if steps.count < Self.stepsRange.lowerBound { reader.note("steps", .missing("at least two steps")) }
        (amount, unit) = (1, .days)
        if let own = reader.child("in") {
            let unit = Unit.allCases.first { own.has($0.rawValue) } ?? .days
            self.unit = unit
            amount = own.whole(unit.rawValue, in: 1...(unit == .days ? 366 : 100_000))
            own.finish()
        } else {
            reader.note("in", .missing("in"))
        }
        window = DayWindow(reader, allowsSince: false)
    }

    package var json: [String: JSONValue] {
        [
            "steps": .array(steps.map(\.json)), "in": [unit.rawValue: .integer(amount)], "within": window.json,
        ]
    }

    package var dependsOnTime: Bool { window.dependsOnTime }
    package var cost: Int { 20 * steps.count }
    package var features: [Feature] { steps.map { Feature($0, keeps: .samples) } }

    package func check(_ world: CriteriaWorld, _ note: (_ field: String, CriteriaIssue.Reason) -> Void) {
        for (index, step) in steps.enumerated() {
            for name in step.names where !world.events.contains(name) {
                note("steps[\(index)].names", .unknownEvent(name))
            }
        }
    }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        let times = steps.map { step in
            subject.state(Feature(step, keeps: .samples)).samples(window, since: nil, clock).map(\.ms).reversed()
                as [Int64]
        }
        guard let first = times.first else { return false }
        return first.contains { start in
            var time = start
            for later in times.dropFirst() {
                guard let next = later.first(where: { $0 > time }) else { return false }
                time = next
            }
            return time - start <= amount * unit.milliseconds
        }
    }

    /// The chains so far as two arrays, where they began and where they have got to; each step puts its events among
    /// them in order, and keeps those that come next after a chain: of several chains before an event the latest began
    /// latest, and of several events after a chain the first is soonest, so no better chain is lost.
    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        let columns = steps.map { SampleColumns($0, property: nil, .none, window, &compiler).times }
        guard let first = columns.first else { return "0" }
        var (starts, ends) = (first, first)
        for next in columns.dropFirst() {
            let kinds: AnalyticsSQL =
                "arrayConcat(arrayMap(x -> toInt64(1), \(raw: ends)), arrayMap(x -> toInt64(0), \(raw: next)))"
            let allTimes = compiler.derive("arrayConcat(\(raw: ends), \(raw: next))")
            let allStarts = compiler.derive("arrayConcat(\(raw: starts), \(raw: next))")
            let allKinds = compiler.derive(kinds)
            func sorted(_ column: String) -> String {
                compiler.derive(
                    "arraySort((x, t, k) -> (t, k), \(raw: column), \(raw: allTimes), \(raw: allKinds))")
            }
            let (kind, time, start) = (sorted(allKinds), sorted(allTimes), sorted(allStarts))
            func before(_ column: String) -> AnalyticsSQL {
                "arrayPushFront(arrayPopBack(\(raw: column)), toInt64(0))"
            }
            // The last element of nothing is nothing: an empty array grows by the one pushed.
            func chosen(_ values: AnalyticsSQL) -> String {
                compiler.derive(
                    """
                    if(length(\(raw: kind)) = 0, emptyArrayInt64(), arrayFilter((x, k, b) -> k = 0 AND b = 1, \
                    arraySlice(\(values), 1, length(\(raw: kind))), \(raw: kind), \
                    arraySlice(\(before(kind)), 1, length(\(raw: kind)))))
                    """)
            }
            (starts, ends) = (chosen(before(start)), chosen(AnalyticsSQL(text: time)))
        }
        return "arrayExists((s, e) -> e - s <= \(amount * unit.milliseconds), \(raw: starts), \(raw: ends))"
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        let chain = steps.map { $0.words(phrases) }.joined(separator: language("，然后", ", then "))
        let units: (String, String) =
            switch unit {
            case .minutes: ("分钟", "minute")
            case .hours: ("小时", "hour")
            case .days: ("天", "day")
            }
        return language(
            "\(window.words(phrases))先\(chain)，相隔不超过 \(amount) \(units.0)",
            "did \(chain), all within \(EnglishCount.text(amount, units.1)), \(window.words(phrases))")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        steps.map { step in
            String(subject.state(Feature(step, keeps: .samples)).samples(window, since: nil, clock).count)
        }.joined(separator: " → ")
    }
}
