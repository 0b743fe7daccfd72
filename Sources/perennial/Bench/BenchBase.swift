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

            With `--export` nothing is made: the rows of the base that is there are written as Parquet files for a peer.

            EXAMPLES
              perennial bench base --data /tmp/bench --people 1000000 --events 20000000
              perennial bench base --data /tmp/bench --export /tmp/rows
            """)

    @OptionGroup var options: PlatformOptions
    @Option(help: "How many people.")
    var people: Int64 = 1_000_000
    @Option(help: "How many events.")
    var events: Int64 = 20_000_000
    @Option(help: "So many times the orders that a buyer has otherwise.")
    var ordersTimes = 1

    @Option(help: ArgumentHelp("Write events, orders and merges of the base into this folder.", valueName: "folder"))
    var export: String?

    private static let peopleMin: Int64 = 100
    private static let eventsMin: Int64 = 1_000_000

    func validate() throws {
        guard people < Self.peopleMin || events < Self.eventsMin || !(1...100).contains(ordersTimes) else { return }
        throw ValidationError(
            "--people must be at least \(Self.peopleMin), --events at least \(Self.eventsMin), --orders-times 1 to 100."
        )
    }

    func run() async throws {
        try await options.withPlatform { platform in
            if let export { return try await Self.write(platform.analytics, into: export) }
            let known = try await platform.store.read { try $0.first("SELECT count(*) FROM profiles")?.int(0) ?? 0 }
            guard known == 0 else {
                throw CommandFailure("There are people already.", remedy: "Name a fresh folder with `--data`.")
            }
            let writer = BaseWriter(
                platform: platform, size: BaseSize(people: people, events: events, ordersTimes: ordersTimes),
                end: platform.effects.now().milliseconds)
            let bar = ProgressBar()
            try await writer.run { bar.show(fraction: $0, $1) }
            bar.finish("\(people) people, \(events) events")
        }
    }

    private static func write(_ analytics: any AnalyticsStore, into folder: String) async throws {
        func write(_ name: String, _ rows: AnalyticsSQL) async throws {
            let path = "\(folder)/\(name).parquet"
            try await analytics.execute("INSERT INTO FUNCTION file(\(path), 'Parquet') \(rows)")
        }
        try await write(
            "events",
            "SELECT position, profile_id, toString(name) AS name, toString(kind) AS kind, ts_ms, d FROM events")
        try await write(
            "aliases", "SELECT profile_id, winner_id FROM profile_aliases AS x FINAL WHERE winner_id != 0")
        try await write(
            "orders",
            """
            SELECT profile_id, toInt64(toUnixTimestamp(ts)) * 1000 AS t, toInt64(order_key % 1000000007) AS place, d, net
            FROM orders AS o FINAL WHERE is_deleted = 0
            """)
    }
}
