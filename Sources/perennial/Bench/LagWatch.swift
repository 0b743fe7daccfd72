import Engine
import Foundation

/// Watches how far the log's consumers fall behind during a run.
actor LagWatch {
    struct Worst: Sendable {
        var processingSeconds = 0.0
        var archivingSeconds = 0.0
    }

    private let platform: Platform
    private let process: Int32
    private(set) var worst = Worst()

    init(platform: Platform, process: Int32) {
        self.platform = platform
        self.process = process
    }

    func run() async {
        for await _ in AsyncTimer(every: .seconds(1)) {
            do {
                let progress = try await progress()
                worst.processingSeconds = max(
                    worst.processingSeconds, Double(progress.processingLagMilliseconds) / 1000)
                worst.archivingSeconds = max(worst.archivingSeconds, Double(progress.archivingLagMilliseconds) / 1000)
            } catch {
                continue
            }
        }
    }

    /// Waits until everything that is in the log now is processed and archived; returns how long that took.
    func drain(limitSeconds: Int) async throws -> Double {
        let begun = ContinuousClock.now
        let end = try await progress().end
        while (ContinuousClock.now - begun) < .seconds(limitSeconds) {
            let progress = try await progress()
            if progress.processed >= end && progress.archived >= end { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        return (ContinuousClock.now - begun) / .seconds(1)
    }

    private func progress() async throws -> LogProgress {
        let now = platform.effects.now()
        return try await platform.store.read { try LogProgress.load($0, now: now) }
    }
}
