import ArgumentParser
import Engine
import Storage

/// `perennial bench base`: a large base to look at, in minutes.
struct BenchBase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "base",
        abstract: "Fill a fresh data folder with invented people, orders and events of a given size.",
        discussion: """
            Writes both stores in bulk, past the log: for measuring pages, not for trying the product (`perennial demo`
            does that). The same numbers give the same base, up to the moment it ends at.

            EXAMPLE
              perennial bench base --data /tmp/bench --people 1000000 --events 20000000
            """)

    @OptionGroup var options: PlatformOptions
    @Option(help: "How many people.")
    var people: Int64 = 1_000_000
    @Option(help: "How many events.")
    var events: Int64 = 20_000_000

    private static let peopleMin: Int64 = 100
    private static let eventsMin: Int64 = 1_000_000

    func validate() throws {
        guard people < Self.peopleMin || events < Self.eventsMin else { return }
        throw ValidationError("--people must be at least \(Self.peopleMin), and --events at least \(Self.eventsMin).")
    }

    func run() async throws {
        try await options.withPlatform { platform in
            let known = try await platform.store.read { try $0.first("SELECT count(*) FROM profiles")?.int(0) ?? 0 }
            guard known == 0 else {
                throw CommandFailure("There are people already.", remedy: "Name a fresh folder with `--data`.")
            }
            let writer = BaseWriter(
                platform: platform, size: BaseSize(people: people, events: events),
                end: platform.effects.now().milliseconds)
            let bar = ProgressBar()
            try await writer.run { bar.show(fraction: $0, $1) }
            bar.finish("\(people) people, \(events) events")
        }
    }
}
