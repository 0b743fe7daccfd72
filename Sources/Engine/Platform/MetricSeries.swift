import Synchronization

/// One line (or one group of lines) of a metric family.
protocol MetricSeries: Sendable {
    func write(name: String, labels: String, into out: inout String)
}

package final class MetricCounter: MetricSeries {
    private let value = Atomic<Int>(0)

    package func increment(by amount: Int = 1) {
        value.add(amount, ordering: .relaxed)
    }

    package var current: Int { value.load(ordering: .relaxed) }

    func write(name: String, labels: String, into out: inout String) {
        out += "\(name)\(metricLabels(labels)) \(current)\n"
    }
}

package final class MetricGauge: MetricSeries {
    private let bits = Atomic<UInt64>(0)

    package func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
    }

    package var current: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func write(name: String, labels: String, into out: inout String) {
        out += "\(name)\(metricLabels(labels)) \(metricNumber(current))\n"
    }
}

package final class MetricHistogram: MetricSeries {
    /// Seconds, from a cached page to a slow report.
    package static let latencyBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    private struct State {
        var buckets: [Int]
        var count = 0
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(buckets: Array(repeating: 0, count: bounds.count)))
    }

    package func observe(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 }
        state.withLock { state in
            if let bucket { state.buckets[bucket] += 1 }
            state.count += 1
            state.sum += value
        }
    }

    func write(name: String, labels: String, into out: inout String) {
        let (buckets, count, sum) = state.withLock { ($0.buckets, $0.count, $0.sum) }
        var cumulative = 0
        for (bound, bucket) in zip(bounds, buckets) {
            cumulative += bucket
            out += "\(name)_bucket\(metricLabels(labels, "le=\"\(metricNumber(bound))\"")) \(cumulative)\n"
        }
        out += "\(name)_bucket\(metricLabels(labels, "le=\"+Inf\"")) \(count)\n"
        out += "\(name)_sum\(metricLabels(labels)) \(metricNumber(sum))\n"
        out += "\(name)_count\(metricLabels(labels)) \(count)\n"
    }
}

private func metricLabels(_ labels: String, _ extra: String = "") -> String {
    let all = [labels, extra].filter { !$0.isEmpty }.joined(separator: ",")
    return all.isEmpty ? "" : "{\(all)}"
}

/// Whole numbers without a fraction; the rest as Swift prints a double, which the format accepts.
private func metricNumber(_ value: Double) -> String {
    Int64(exactly: value).map { String($0) } ?? "\(value)"
}
