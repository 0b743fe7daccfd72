import Storage

/// What the person did:
/// `{"kind": "did", "event": {"names": ["Product Viewed"], "where": […]}, "measure": {"of": "count"},
/// "compare": {"is": "at_least", "value": 3}, "within": {"last_days": 30}}`. Without `compare`: at least once. "Did not"
/// is a count of exactly 0.
package struct BehaviourCondition: CriteriaCondition {
    package static let kind = "did"
    package static let form = CriteriaForm(
        "behaviour", "做过 / 没做过", "Did or did not",
        [.init("event", "event"), .init("measure", "measure"), .init("compare", "compare"), .init("within", "within")])

    private var filter: EventFilter
    private var measure: Measure
    /// For `first` and `last` any test; for the others a number.
    private var test: ValueTest
    private var window: DayWindow

    package init(_ reader: CriteriaReader) {
        if let event = reader.child("event") {
            filter = EventFilter(event)
        } else {
            reader.note("event", .missing("event"))
            filter = EventFilter(names: [])
        }
        measure = Measure(reader)
        window = DayWindow(reader)
        test = .number(NumberRange(.atLeast, CriteriaValue.scale))
        guard let compare = reader.child("compare") else {
            if measure.kind != .count { reader.note("compare", .missing("compare")) }
            return
        }
        test = ValueTest(compare, dates: false)
        compare.finish()
        if case .number = test { return }
        if measure.kind != .first && measure.kind != .last {
            compare.note("is", .unknownChoice(compare.text("is"), allowed: ValueTest.numberWords))
        }
    }

    package var json: [String: JSONValue] {
        [
            "event": filter.json, "measure": measure.json, "compare": .object(test.json), "within": window.json,
        ]
    }

    package var dependsOnTime: Bool { window.dependsOnTime }
    package var cost: Int { measure.needsSamples(window) ? 20 : 10 }

    private var feature: Feature {
        Feature(filter, property: measure.property, keeps: measure.needsSamples(window) ? .samples : .days)
    }

    private var mark: Feature? {
        if case .since(let filter) = window { Feature(filter) } else { nil }
    }

    package var features: [Feature] { [feature] + (mark.map { [$0] } ?? []) }

    package func check(_ world: CriteriaWorld, _ note: (_ field: String, CriteriaIssue.Reason) -> Void) {
        for name in filter.names where !world.events.contains(name) { note("event.names", .unknownEvent(name)) }
        if case .since(let mark) = window {
            for name in mark.names where !world.events.contains(name) {
                note("within.since.names", .unknownEvent(name))
            }
        }
    }

    package var claim: CriteriaClaim {
        let subject = "did \(filter.json.text()) \(measure.json.text())"
        guard measure.kind == .count, case .number(let range) = test else {
            return CriteriaClaim("\(subject) \(window.json.text())", test.claimed)
        }
        switch window {
        case .ever: return CriteriaClaim(subject, range, floor: 0, days: .max)
        case .lastDays(let days): return CriteriaClaim(subject, range, floor: 0, days: days)
        case .between, .since: return CriteriaClaim("\(subject) \(window.json.text())", range, floor: 0)
        }
    }

    package func holds(for subject: CriteriaSubject, _ clock: CriteriaClock) -> Bool {
        guard let value = value(subject, clock) else { return false }
        return test.passes(value, clock)
    }

    /// What the measure comes to; nil when there is nothing to measure.
    private func value(_ subject: CriteriaSubject, _ clock: CriteriaClock) -> CriteriaValue? {
        func number(_ number: Int64) -> CriteriaValue {
            CriteriaValue(text: NumberRange.text(number), number: number, date: CriteriaValue.noDate)
        }
        let state = subject.state(feature)
        guard measure.needsSamples(window) else {
            let (from, to) = window.days(clock)
            return value(state.tally(from: from, to: to)).map(number)
        }
        let samples = state.samples(window, since: mark.map(subject.state), clock)
        switch measure.kind {
        case .distinct: return number(Int64(Set(samples.map(\.text)).count) * CriteriaValue.scale)
        case .first, .last:
            guard let sample = measure.kind == .first ? samples.last : samples.first else { return nil }
            return CriteriaValue(text: sample.text ?? "", number: sample.number, date: CriteriaValue.noDate)
        default:
            var tally = Tally()
            for sample in samples { tally.add(Tally(sample.number)) }
            return value(tally).map(number)
        }
    }

    private func value(_ tally: Tally) -> Int64? {
        switch measure.kind {
        case .count: return tally.count * CriteriaValue.scale
        case .sum: return tally.sum
        case .average: return tally.valued > 0 ? tally.sum / tally.valued : nil
        case .min: return tally.valued > 0 ? tally.least : nil
        case .max: return tally.valued > 0 ? tally.most : nil
        case .distinct, .first, .last: return nil
        }
    }

    package func sql(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        measure.needsSamples(window) ? samplesSQL(&compiler) : daysSQL(&compiler)
    }

    private func compare(_ number: AnalyticsSQL, text: AnalyticsSQL = "''", _ clock: CriteriaClock) -> AnalyticsSQL {
        test.sql(text: text, number: number, date: "0", clock)
    }

    private func daysSQL(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        let clock = compiler.clock
        let condition = AnalyticsSQL.all([filter.sql(clock), window.sql("ts_ms", clock)])
        guard let property = measure.property else {
            let count = compiler.events("toInt64(countIf(\(condition)))", .sum, filter, window)
            return compare("\(raw: count) * \(CriteriaValue.scale)", clock)
        }
        let number = SampleColumns.number(property)
        let valued = AnalyticsSQL.all([condition, "\(number) != \(CriteriaValue.noNumber)"])
        switch measure.kind {
        case .min:
            let none = CriteriaCompiler.noLeast
            let least = compiler.events(
                "if(countIf(\(valued)) = 0, toInt64(\(none)), minIf(\(number), \(valued)))", .min, filter, window)
            return "(\(raw: least) != \(none) AND \(compare(AnalyticsSQL(text: least), clock)))"
        case .max:
            let none = CriteriaCompiler.noMost
            let most = compiler.events(
                "if(countIf(\(valued)) = 0, toInt64(\(none)), maxIf(\(number), \(valued)))", .max, filter, window)
            return "(\(raw: most) != \(none) AND \(compare(AnalyticsSQL(text: most), clock)))"
        default:
            let sum = compiler.events("toInt64(sumIf(\(number), \(valued)))", .sum, filter, window)
            guard measure.kind == .average else { return compare(AnalyticsSQL(text: sum), clock) }
            let count = compiler.events("toInt64(countIf(\(valued)))", .sum, filter, window)
            let average: AnalyticsSQL = "intDiv(\(raw: sum), greatest(\(raw: count), toInt64(1)))"
            return "(\(raw: count) > 0 AND \(compare(average, clock)))"
        }
    }

    private func samplesSQL(_ compiler: inout CriteriaCompiler) -> AnalyticsSQL {
        let clock = compiler.clock
        var mark: String?
        let columns = { (value: SampleColumns.Value, compiler: inout CriteriaCompiler) -> SampleColumns in
            let made = SampleColumns(filter, property: measure.property, value, window, &compiler)
            mark = made.mark
            return made
        }
        let condition = samplesSQL(columns, clock, &compiler)
        guard let mark else { return condition }
        // Always so; an old server forgets a column that only lambdas use.
        return "(\(raw: mark) >= \(CriteriaCompiler.noMost) AND \(condition))"
    }

    private func samplesSQL(
        _ columns: (SampleColumns.Value, inout CriteriaCompiler) -> SampleColumns, _ clock: CriteriaClock,
        _ compiler: inout CriteriaCompiler
    ) -> AnalyticsSQL {
        switch measure.kind {
        case .count:
            return compare("toInt64(length(\(raw: columns(.none, &compiler).times))) * \(CriteriaValue.scale)", clock)
        case .distinct:
            let values = columns(.text, &compiler).values
            // The number of different elements of nothing is 0 on both ends.
            return compare("toInt64(arrayUniq(\(raw: values))) * \(CriteriaValue.scale)", clock)
        case .first, .last:
            let place = measure.kind == .first ? -1 : 1
            let (texts, numbers) = (columns(.text, &compiler).values, columns(.number, &compiler).values)
            let test = compare("\(raw: numbers)[\(place)]", text: "\(raw: texts)[\(place)]", clock)
            return "(length(\(raw: texts)) > 0 AND \(test))"
        case .sum, .average, .min, .max:
            let values = columns(.number, &compiler).values
            let numbers = compiler.derive("arrayFilter(x -> x != \(CriteriaValue.noNumber), \(raw: values))")
            switch measure.kind {
            case .sum: return compare("toInt64(arraySum(\(raw: numbers)))", clock)
            case .average:
                let average: AnalyticsSQL =
                    "intDiv(toInt64(arraySum(\(raw: numbers))), greatest(toInt64(length(\(raw: numbers))), toInt64(1)))"
                return "(length(\(raw: numbers)) > 0 AND \(compare(average, clock)))"
            default:
                let name = measure.kind == .min ? "min" : "max"
                return
                    "(length(\(raw: numbers)) > 0 AND \(compare("toInt64(arrayReduce(\(name), \(raw: numbers)))", clock)))"
            }
        }
    }

    package func words(_ phrases: CriteriaPhrases) -> String {
        let language = phrases.language
        let (event, when) = (filter.words(phrases), window.words(phrases))
        if measure.kind == .count, case .number(let range) = test {
            if range.closed.high == 0, range.closed.low <= 0 {
                return language("\(when)没有\(event)", "did not \(event) \(when)")
            }
            if range == NumberRange(.atLeast, CriteriaValue.scale) {
                return language("\(when)做过\(event)", "did \(event) \(when)")
            }
            return language(
                "\(when)\(event)的次数\(range.words(.chinese))",
                "did \(event) \(range.words(.english)) \(range.noun("time")) \(when)")
        }
        return language(
            "\(when)\(event)的\(measure.words(.chinese))\(test.words(.chinese))",
            "\(measure.words(.english)) of \(event) \(when) \(test.words(.english))")
    }

    package func finding(_ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases) -> String {
        value(subject, clock)?.text ?? phrases.language("没有", "none")
    }
}
