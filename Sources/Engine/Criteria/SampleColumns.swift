import Storage

/// Single events of one person as arrays in the analytics store, cut and filtered as `FeatureState` does it: the newest
/// first, at most `FeatureState.samplesLimit` of them, then those inside the window.
struct SampleColumns {
    /// Aliases of arrays of the same length: times, and values where a property was asked for.
    let times: String
    let values: String
    /// The column with the time of the mark of a `since` window.
    private(set) var mark: String?

    enum Value { case none, number, text }

    /// A property's first value in a row of `events`, where there is one.
    static func number(_ property: String) -> AnalyticsSQL {
        "if(has(prop_names, \(property)), prop_numbers[indexOf(prop_names, \(property))], \(CriteriaValue.noNumber))"
    }

    static func text(_ property: String) -> AnalyticsSQL {
        "prop_texts[indexOf(prop_names, \(property))]"
    }

    init(
        _ filter: EventFilter, property: String?, _ value: Value, _ window: DayWindow,
        _ compiler: inout CriteriaCompiler
    ) {
        let (from, before) = window.milliseconds(compiler.clock)
        var conditions = [filter.sql(compiler.clock)]
        if let from { conditions.append("ts_ms >= \(from)") }
        if let property { conditions.append("has(prop_names, \(property))") }
        let condition = AnalyticsSQL.all(conditions)
        let allTimes = compiler.events("groupArrayIf(ts_ms, \(condition))", .numbers, filter, window)
        let positions = compiler.events("groupArrayIf(toInt64(position), \(condition))", .numbers, filter, window)
        let limit = FeatureState.samplesLimit
        let newest = compiler.derive("arraySlice(arrayReverseSort(\(raw: allTimes)), 1, \(limit))")
        var inside: [AnalyticsSQL] = []
        if let before { inside.append("m < \(before)") }
        if case .since(let mark) = window {
            let last = compiler.events(
                "if(countIf(\(mark.sql(compiler.clock))) = 0, \(CriteriaCompiler.noMost), maxIf(ts_ms, \(mark.sql(compiler.clock))))",
                .max, mark, .ever)
            self.mark = last
            inside.append("m > \(raw: last) AND \(raw: last) != \(CriteriaCompiler.noMost)")
        }
        let test = AnalyticsSQL.all(inside)
        times = inside.isEmpty ? newest : compiler.derive("arrayFilter(m -> \(test), \(raw: newest))")
        guard let property, value != .none else {
            values = times
            return
        }
        let all: String
        switch value {
        case .number:
            all = compiler.events("groupArrayIf(\(Self.number(property)), \(condition))", .numbers, filter, window)
        default: all = compiler.events("groupArrayIf(\(Self.text(property)), \(condition))", .texts, filter, window)
        }
        let cut = compiler.derive(
            """
            arraySlice(arrayReverseSort((x, m, p) -> (m, p), \(raw: all), \(raw: allTimes), \(raw: positions)), 1, \(limit))
            """)
        values =
            inside.isEmpty ? cut : compiler.derive("arrayFilter((x, m) -> \(test), \(raw: cut), \(raw: newest))")
    }
}

extension FeatureState {
    /// The samples inside a window, newest first. `since`: the state of the mark of a `since` window.
    func samples(_ window: DayWindow, since mark: FeatureState?, _ clock: CriteriaClock) -> [Sample] {
        let (from, before) = window.milliseconds(clock)
        if case .since = window {
            guard let mark, mark.lastMS != .min else { return [] }
            return samples.filter { $0.ms > mark.lastMS }
        }
        return samples.filter { $0.ms >= from ?? .min && $0.ms < before ?? .max }
    }
}
