import ArgumentParser
import Engine
import Foundation
import Storage

/// `perennial bench points`: the ledger beside the bare store doing the same rows.
struct BenchPoints: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "points",
        abstract: "Redemptions of many clients and awards in batches, beside the bare store writing the same rows.",
        discussion: """
            Needs an empty store of its own.

            EXAMPLES
              perennial bench points
              perennial bench points --store postgres://localhost/bench --json
            """)

    @Option(help: "A fresh PostgreSQL database in place of a file that is thrown away.")
    var store: String?
    @Option(help: "Clients that redeem at once.")
    var clients = 16
    @Option(help: "Redemptions of each client.")
    var redemptions = 250
    @Option(help: "Awards, given in batches.")
    var awards = 100_000
    @Option(help: "Awards of one batch.")
    var batch = 1_000
    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    func validate() throws {
        guard clients > 0, redemptions > 0, batch > 0, awards >= batch else {
            throw ValidationError("All numbers have to be above 0, --awards at least --batch.")
        }
    }

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "bench-" + Effects.live.randomHex(bytes: 8))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch { print("left behind: \(folder.path)") }
        }
        let opened = try await openOperationalStore(
            store ?? "sqlite://" + folder.path + "/bench.db", options: OperationalStoreOptions(connectionsMax: clients))
        try await opened.migrate(SchemaFiles.operational())
        let platform = Platform(
            store: opened, analytics: ClosedAnalyticsStore("A benchmark of the ledger has none."))
        let bench = PointsLoad(platform: platform, clients: clients)
        try await bench.prepare(lots: redemptions)
        let bare = try await bench.bare(each: redemptions, together: false)
        let together = try await bench.bare(each: redemptions, together: true)
        let ledger = try await bench.redeem(each: redemptions)
        let entries = try await bench.award(awards, batch: batch)
        let bareAccounts = PointsLoad.bareAccount..<PointsLoad.bareAccount + Int64(clients)
        let flaws = try await PointsVerification.run(platform).flaws.filter { !bareAccounts.contains($0.account) }
        await opened.close()
        func rounded(_ ratio: Double) -> Double { (ratio * 100).rounded() / 100 }
        if json {
            print(
                """
                {"clients":\(clients),"redemptions_per_second":\(Int(ledger)),"bare_per_second":\(Int(bare)),\
                "ratio":\(rounded(ledger / bare)),"bare_together_per_second":\(Int(together)),"award_entries_per_second":\(Int(entries)),\
                "flaws":\(flaws.count)}
                """)
        } else {
            print(
                """
                \(clients) clients: \(Int(ledger)) redemptions/s, the bare store \(Int(bare))/s, ratio \(rounded(ledger / bare))
                the bare store where several commit together: \(Int(together))/s, ratio \(rounded(ledger / together))
                awards in batches of \(batch): \(Int(entries)) entries/s
                \(flaws.count) flaws
                """)
        }
    }
}
