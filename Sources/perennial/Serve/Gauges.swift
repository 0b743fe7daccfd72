import Engine
import Foundation
import Logging
import ServiceLifecycle

/// Reads the slow figures for `/metrics` now and then: how far the log's consumers are, and what the process uses.
struct Gauges: Service {
    private static let interval = Duration.seconds(2)

    let platform: Platform

    func run() async throws {
        for await _ in AsyncTimer(every: Self.interval).cancelOnGracefulShutdown() {
            process()
            do {
                try await log()
            } catch {
                platform.logger.debug("Log figures could not be read", metadata: ["error": "\(error)"])
            }
        }
    }

    private func log() async throws {
        let now = platform.effects.now()
        let progress = try await platform.store.read { try LogProgress.load($0, now: now) }
        let metrics = platform.metrics
        metrics.gauge("perennial_log_end_position", "The highest position in the event log.").set(Double(progress.end))
        metrics.gauge("perennial_processor_position", "Everything up to here is applied to people.")
            .set(Double(progress.processed))
        metrics.gauge("perennial_archiver_position", "Everything up to here is in the analytics store.")
            .set(Double(progress.archived))
        metrics.gauge("perennial_rollup_position", "Visits up to here are counted on profiles.")
            .set(Double(progress.rolledUp))
        metrics.gauge("perennial_processor_lag_seconds", "Age of the oldest event that is not processed.")
            .set(Double(progress.processingLagMilliseconds) / 1000)
        metrics.gauge("perennial_archiver_lag_seconds", "Age of the oldest event that is not archived.")
            .set(Double(progress.archivingLagMilliseconds) / 1000)
    }

    private func process() {
        let usage = ProcessUsage.current()
        let metrics = platform.metrics
        metrics.gauge("process_resident_memory_bytes", "Resident memory.").set(Double(usage.residentBytes))
        metrics.gauge("process_cpu_seconds_total", "User and system CPU time.").set(usage.cpuSeconds)
        metrics.gauge("process_open_fds", "Open file descriptors.").set(Double(usage.openFiles))
    }
}
