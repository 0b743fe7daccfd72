import Engine

/// Applies everything in the log to people and archives it, in this process, with progress: for commands that run
/// without a server.
struct LogCatchUp {
    private let platform: Platform
    private let processor: Processor
    private let archiver: Archiver

    init(platform: Platform) {
        self.platform = platform
        let signal = LogSignal()
        processor = Processor(platform: platform, signal: signal)
        archiver = Archiver(platform: platform, signal: signal)
    }

    /// What is in the log now, without a word.
    func step() async throws {
        try await processor.catchUp()
        try await archiver.catchUp()
    }

    func run() async throws {
        let bar = ProgressBar()
        let begin = try await progress()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watch(bar, from: begin) }
            try await step()
            group.cancelAll()
        }
        let end = try await progress()
        bar.finish("\(ImportReport.grouped(end.end - begin.processed)) events processed and archived")
    }

    private func watch(_ bar: ProgressBar, from begin: LogProgress) async throws {
        let steps = Double(max(begin.end - begin.processed, 1) + max(begin.end - begin.archived, 1))
        while !Task.isCancelled {
            let now = try await progress()
            let left = Double(max(now.end - now.processed, 0) + max(now.end - now.archived, 0))
            bar.show(
                fraction: 1 - left / steps,
                "\(ImportReport.grouped(now.processed - begin.processed)) events processed, "
                    + "\(ImportReport.grouped(max(now.archived - begin.archived, 0))) archived")
            do { try await Task.sleep(for: .milliseconds(250)) } catch { return }
        }
    }

    private func progress() async throws -> LogProgress {
        let now = platform.effects.now()
        return try await platform.store.read { try LogProgress.load($0, now: now) }
    }
}
