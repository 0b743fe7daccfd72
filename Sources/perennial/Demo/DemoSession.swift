import Engine
import Synchronization

/// One load of the demo brand: events go in, people are recognised and events archived beside it, models learnt last.
struct DemoSession {
    let platform: Platform
    let people: Int
    let seed: UInt64
    /// No server is running: this process applies the events to people and archives them.
    let processesItself: Bool

    func run() async throws {
        let brand = try await remembered()
        let clock = ContinuousClock()
        let began = clock.now
        let ingest = Ingest(platform: platform, signal: LogSignal())
        let load = DemoLoad(brand, platform: platform) { try await ingest.append($0) }
        let bar = ProgressBar()
        let loading = Loading()
        let log = LogCatchUp(platform: platform)
        try await DemoTiers.publish(platform)
        print("\(DemoBrand.name): \(brand.people) people, \(DemoBrand.days) days, seed \(brand.seed)")
        let sent = try await withThrowingTaskGroup(of: Void.self) { group in
            if processesItself {
                group.addTask { try await process(log, beside: loading) }
            }
            let count = try await load.run { progress in
                let share = Double(progress.events) / Double(max(progress.total, 1))
                bar.show(fraction: share, "\(ImportReport.grouped(Int64(progress.events))) events taken in")
            }
            loading.finish()
            bar.finish("\(ImportReport.grouped(Int64(count))) events taken in")
            try await group.waitForAll()
            return count
        }
        if processesItself {
            try await log.run()
            let members = try await DemoTiers.enrol(platform)
            if members > 0 { print("\(ImportReport.grouped(Int64(members))) members have a tier") }
            try await log.run()
            try await ModelLearning(platform: platform).run()
            try await DemoCoupons.load(platform)
            try await DemoRewards.load(platform)
            try await DemoExperiment.load(platform)
            try await DemoAudience.load(platform)
            if let reach = try await DemoReach.load(platform) {
                let (messages, runs) = (ImportReport.grouped(reach.messages), ImportReport.grouped(reach.runs))
                print("\(messages) messages to the inbox, \(runs) ways through journeys; nothing left the house")
            }
            try await log.run()
        } else {
            print("The running server applies the events to people.")
        }
        let seconds = Double((clock.now - began).components.seconds)
        print("\(ImportReport.grouped(Int64(sent))) events in \(ImportReport.clock(seconds)).")
    }

    /// The brand as it was loaded first, so that loading again sends the same events; a fresh workspace takes its name.
    private func remembered() async throws -> DemoBrand {
        let effects = platform.effects
        let now = effects.now()
        let wanted = Loaded(seed: seed, people: people, end: now)
        let loaded = try await platform.store.write { connection in
            if let before = try Settings.load(Loaded.self, "demo", connection), before.seed == wanted.seed,
                before.people == wanted.people
            {
                return before
            }
            try Settings.save(wanted, "demo", connection, at: now)
            if try Settings.load(Workspace.self, "workspace", connection) == nil {
                try Workspace(name: DemoBrand.name).save(connection, at: now)
            }
            try DemoProgram.install(effects: effects, connection)
            return wanted
        }
        return DemoBrand(seed: loaded.seed, end: loaded.end, people: loaded.people)
    }

    private struct Loaded: Codable, Sendable {
        var seed: UInt64
        var people: Int
        var end: Timestamp
    }

    /// Recognises people and archives while the log is still growing.
    private func process(_ log: LogCatchUp, beside loading: Loading) async throws {
        while !loading.isFinished {
            try await log.step()
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Whether events are still coming.
    private final class Loading: Sendable {
        private let state = Mutex(false)

        var isFinished: Bool { state.withLock { $0 } }

        func finish() { state.withLock { $0 = true } }
    }
}
