import Engine

/// Learns lifecycle and RFM models from what was just brought in, without waiting for the night.
struct ModelLearning {
    let platform: Platform

    func run() async throws {
        let platform = platform
        try await platform.store.write { try Imports.askForModels($0, platform.effects) }
        let runner = JobRunner(
            platform: platform, catalog: JobCatalog([LifecycleRefresh.handler, RFMRefresh.handler]))
        try await runner.drain()
    }
}
