/// What the stations of the log count for `/metrics`; docs/metrics.md tells what every figure means.
struct IngestMeters: Sendable {
    let events: MetricCounter
    let rejected: MetricCounter
    let failed: MetricCounter
    let seconds: MetricHistogram

    init(_ metrics: Metrics) {
        events = metrics.counter("perennial_ingest_events_total", "Events written to the log durably.")
        rejected = metrics.counter("perennial_ingest_quarantined_total", "Items put into quarantine on arrival.")
        failed = metrics.counter("perennial_ingest_failed_total", "Rows refused: the store failed, or too many waited.")
        seconds = metrics.histogram("perennial_ingest_commit_seconds", "Time of a commit of what arrived together.")
    }
}

/// The processor's or the archiver's work: batches done, events in them, attempts that failed.
struct ConsumerMeters: Sendable {
    let events: MetricCounter
    let failed: MetricCounter
    let seconds: MetricHistogram

    /// `consumer`: `processor` or `archiver`.
    init(_ metrics: Metrics, _ consumer: String) {
        events = metrics.counter("perennial_\(consumer)_events_total", "Log positions passed by the \(consumer).")
        failed = metrics.counter("perennial_\(consumer)_failed_total", "Attempts that failed and were made again.")
        seconds = metrics.histogram("perennial_\(consumer)_batch_seconds", "Time of a batch of the \(consumer).")
    }
}
