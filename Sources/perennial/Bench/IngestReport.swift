import Foundation

/// What a run of `bench ingest` found.
struct IngestReport: Sendable {
    var load: IngestLoad.Result
    var batch: Int
    var drainSeconds: Double
    var worst: LagWatch.Worst
    var peakResidentBytes: Int
    var cpuSeconds: Double

    private var events: Int { (load.requests - load.failures) * batch }

    private func percentile(_ share: Double) -> Double {
        guard !load.latencies.isEmpty else { return 0 }
        let index = Int((Double(load.latencies.count) * share).rounded(.up)) - 1
        return load.latencies[min(max(index, 0), load.latencies.count - 1)] * 1000
    }

    private var figures: [(key: String, label: String, value: Double, unit: String)] {
        [
            ("events", "events acknowledged", Double(events), ""),
            ("failures", "requests that failed", Double(load.failures), ""),
            ("seconds", "duration", load.seconds, "s"),
            ("events_per_second", "acknowledged", Double(events) / max(load.seconds, 0.001), "events/s"),
            (
                "sustained_per_second", "processed and archived",
                Double(events) / max(load.seconds + drainSeconds, 0.001), "events/s"
            ),
            ("p50_ms", "acknowledged p50", percentile(0.5), "ms"),
            ("p99_ms", "acknowledged p99", percentile(0.99), "ms"),
            ("max_ms", "acknowledged max", percentile(1), "ms"),
            ("processing_lag_s", "worst processing lag", worst.processingSeconds, "s"),
            ("archiving_lag_s", "worst archiving lag", worst.archivingSeconds, "s"),
            ("drain_s", "until all was archived", drainSeconds, "s"),
            ("peak_rss_mb", "server's peak memory", Double(peakResidentBytes) / 1_048_576, "MiB"),
            ("server_cpu_s", "server's CPU time", cpuSeconds, "s"),
        ]
    }

    func text() -> String {
        figures.map { figure in
            let value = String(format: figure.value == figure.value.rounded() ? "%.0f" : "%.1f", figure.value)
            return figure.label.padding(toLength: 26, withPad: " ", startingAt: 0) + value
                + (figure.unit.isEmpty ? "" : " " + figure.unit)
        }.joined(separator: "\n")
    }

    func json() throws -> String {
        let object = Dictionary(uniqueKeysWithValues: figures.map { ($0.key, ($0.value * 1000).rounded() / 1000) })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(object), as: UTF8.self)
    }
}
