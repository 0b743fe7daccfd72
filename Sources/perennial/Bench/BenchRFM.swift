import ArgumentParser
import Engine
import Foundation
import Science
import Storage

/// `perennial bench rfm`: quintiles and the eight classes of a whole base, from the analytics store.
struct BenchRFM: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rfm",
        abstract: "Score a base of a given size and measure CPU time and memory.",
        discussion: """
            `--make` fills the analytics store of a fresh data folder with orders and exports the same rows for a peer;
            without it the command scores what is there, in a process that does nothing else.

            EXAMPLES
              perennial bench rfm --data /tmp/bench --make --people 1000000 --orders 10000000 --export /tmp/orders.parquet
              perennial bench rfm --data /tmp/bench --json
            """)

    @OptionGroup var options: PlatformOptions
    @Flag(help: "Fill the analytics store first, and measure nothing.")
    var make = false
    @Option(help: "How many people the orders are of.")
    var people = 1_000_000
    @Option(help: "How many orders to make.")
    var orders = 10_000_000
    @Option(help: "How many orders to put on top once the others are merged, a tenth of them newer versions.")
    var tail = 0
    @Option(help: ArgumentHelp("Write the rows to this Parquet file.", valueName: "file"))
    var export: String?
    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    private static let batches = 20

    func validate() throws {
        guard people < 1 || orders < people else { return }
        throw ValidationError("--orders must be at least --people, and --people at least 1.")
    }

    func run() async throws {
        try await options.withPlatform { platform in
            if make { try await fill(platform.analytics) } else { try await measure(platform) }
        }
    }

    /// Everybody has at least one order; the others follow a skewed distribution over three years.
    private func fill(_ analytics: any AnalyticsStore) async throws {
        let size = orders / Self.batches
        for batch in 0..<Self.batches {
            let start = batch * size
            let count = batch == Self.batches - 1 ? orders - start : size
            try await analytics.execute(insert(numbers: start, count, version: 1))
        }
        try await analytics.execute("OPTIMIZE TABLE {data orders} FINAL")
        if tail > 0 {
            try await analytics.execute(insert(numbers: orders, tail - tail / 10, version: 1))
            try await analytics.execute(insert(numbers: 0, tail / 10, version: 2))
        }
        if let export {
            try await analytics.execute(
                """
                INSERT INTO FUNCTION file(\(export), 'Parquet')
                SELECT profile_id, order_key, toString(status) AS status, d, net, is_deleted FROM orders FINAL
                """)
        }
        let found = try await analytics.query("SELECT count() FROM orders FINAL").ints(0).first ?? 0
        guard found == Int64(orders + tail - tail / 10) else {
            throw CommandFailure("\(found) orders are there.", remedy: "Name a fresh folder with `--data`.")
        }
        print("\(found) orders of \(people) people")
    }

    /// Orders by number; each has its person, and every version an amount of its own.
    private func insert(numbers start: Int, _ count: Int, version: Int) -> AnalyticsSQL {
        """
        INSERT INTO orders (profile_id, order_key, ver, order_id, status, ts, d, currency, gross, refunded, net, quantity,
            lines, store, channel, source_id, is_deleted)
        SELECT
            if(number < \(people), number, intHash64(number) % (1 + intHash64(number + 1) % \(people))) + 1
                AS profile_id,
            intHash64(number) AS order_key, \(version) AS ver, toString(number) AS order_id, 'completed' AS status,
            toDateTime(d) AS ts, toDate(19000 + toInt64(intHash32(number * 3) % 1096)) AS d, 'CNY' AS currency,
            net AS gross, 0 AS refunded, toInt64(100 * \(version) + intHash32(number * 7) % 100000) AS net,
            1 AS quantity, 1 AS lines, '' AS store, '' AS channel, 1 AS source_id, 0 AS is_deleted
        FROM numbers(\(start), \(count))
        """
    }

    private func measure(_ platform: Platform) async throws {
        let asOf = Int64(20_100)
        // The engine starts in the background: its own start-up is not what is measured.
        _ = try await platform.analytics.query("SELECT count() FROM orders")
        let before = ProcessUsage.of(process: getpid()) ?? ProcessUsage()
        let start = platform.effects.now()
        let result = try await RFM.compute(platform, settings: RFMSettings(), asOf: asOf)
        let report = RFMReport(result, currency: "CNY")
        let after = ProcessUsage.of(process: getpid()) ?? ProcessUsage()
        let figures = Figures(
            people: report.people, orders: report.orders,
            cpuSeconds: after.cpuSeconds - before.cpuSeconds,
            wallSeconds: Double(platform.effects.now().milliseconds - start.milliseconds) / 1000,
            peakResidentBytes: after.peakResidentBytes,
            cuts: Dictionary(uniqueKeysWithValues: report.dimensions.map { ($0.dimension.rawValue, $0.cuts) }),
            classes: Dictionary(uniqueKeysWithValues: report.classes.map { ($0.code, $0.people) }))
        if json {
            print(try StoredDocument.text(figures))
        } else {
            print(
                """
                \(figures.people) people, \(figures.orders) orders
                CPU \(figures.cpuSeconds) s, wall \(figures.wallSeconds) s, peak \
                \(figures.peakResidentBytes / 1_000_000) MB
                """)
        }
    }

    private struct Figures: Encodable {
        var people: Int
        var orders: Int64
        var cpuSeconds: Double
        var wallSeconds: Double
        var peakResidentBytes: Int
        var cuts: [String: [Double]]
        var classes: [String: Int]
    }
}
