import Synchronization

/// The figures that `/metrics` tells, in the Prometheus text format (version 0.0.4).
///
/// A family is made on first use and kept; keep the returned value where a hot path needs it: a lookup takes a lock.
/// Label values are names of features and outcomes, never data of people. Source of the format:
/// https://prometheus.io/docs/instrumenting/exposition_formats/
package final class Metrics: Sendable {
    /// Labelled series of one family; more are counted in one series `other`, so that memory stays bounded.
    package static let seriesPerFamily = 500

    private struct Family {
        var kind: String
        var help: String
        var series: [String: any MetricSeries] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var samplers: [String: @Sendable () -> Void] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// A number that only grows. By convention its name ends in `_total`.
    package func counter(_ name: String, _ help: String, _ labels: [String: String] = [:]) -> MetricCounter {
        series(name, "counter", help, labels) { MetricCounter() }
    }

    /// A number that goes up and down.
    package func gauge(_ name: String, _ help: String, _ labels: [String: String] = [:]) -> MetricGauge {
        series(name, "gauge", help, labels) { MetricGauge() }
    }

    /// Counts observations (seconds, unless the name says otherwise) in cumulative buckets.
    package func histogram(
        _ name: String, _ help: String, _ labels: [String: String] = [:],
        bounds: [Double] = MetricHistogram.latencyBounds
    ) -> MetricHistogram {
        series(name, "histogram", help, labels) { MetricHistogram(bounds: bounds) }
    }

    /// Runs `sample` before every scrape, to set gauges that are only worth reading then. One sampler a name.
    package func beforeScrape(_ name: String, _ sample: @escaping @Sendable () -> Void) {
        state.withLock { $0.samplers[name] = sample }
    }

    /// Everything, as text.
    package func text() -> String {
        for sample in state.withLock({ Array($0.samplers.values) }) { sample() }
        let families = state.withLock { $0.families }
        var out = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            out += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name: name, labels: labels, into: &out)
            }
        }
        return out
    }

    private func series<Series: MetricSeries>(
        _ name: String, _ kind: String, _ help: String, _ labels: [String: String], _ make: () -> Series
    ) -> Series {
        state.withLock { state in
            var family = state.families[name] ?? Family(kind: kind, help: help)
            var key = Self.rendered(labels)
            if family.series[key] == nil && family.series.count >= Self.seriesPerFamily {
                key = Self.rendered(labels.mapValues { _ in "other" })
            }
            if let known = family.series[key] {
                guard let known = known as? Series else {
                    preconditionFailure("the metric \(name) is already a \(family.kind)")
                }
                return known
            }
            let new = make()
            family.series[key] = new
            state.families[name] = family
            return new
        }
    }

    /// `a="1",b="2"`, escaped as the format demands.
    private static func rendered(_ labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }.map { label in
            var value = ""
            for character in label.value {
                switch character {
                case "\\": value += "\\\\"
                case "\"": value += "\\\""
                case "\n": value += "\\n"
                default: value.append(character)
                }
            }
            return "\(label.key)=\"\(value)\""
        }.joined(separator: ",")
    }
}
