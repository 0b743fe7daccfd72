import ArgumentParser
import Engine
import Foundation
import Storage

/// `perennial simulate`: a brand's year over the ledger, from a seed.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Simulate a brand's year over the ledger of points, with crashes, and check every invariant.",
        discussion: """
            Works on an empty store of its own, never on data: a file that is thrown away, or a fresh PostgreSQL database.
            Exit code 1 at the first flaw, with the seed that shows it again.

            EXAMPLES
              perennial simulate --seed 42
              perennial simulate --seed 1 --seeds 20 --days 90
              perennial simulate --seed 7 --store postgres://localhost/simulation
            """)

    @Option(help: "What everything follows from.")
    var seed: UInt64 = 1
    @Option(help: "So many seeds, one after the other.")
    var seeds: UInt64 = 1
    @Option(help: "Days of each.")
    var days = 365
    @Option(help: "Members.")
    var members = 40
    @Option(help: "Operations a day.")
    var operations = 30
    @Option(help: "A fresh PostgreSQL database in place of a file.")
    var store: String?

    func validate() throws {
        guard (1...3_660).contains(days), (2...10_000).contains(members), (1...10_000).contains(operations), seeds > 0
        else { throw ValidationError("--days 1 to 3660, --members 2 to 10000, --operations 1 to 10000.") }
        if seeds > 1, store != nil { throw ValidationError("A database is fresh for one seed only.") }
    }

    func run() async throws {
        for number in seed..<(seed + seeds) {
            do {
                try await one(number)
            } catch let failure as Simulation.Failure {
                print("FAILED  \(failure)")
                throw ExitCode(1)
            }
        }
    }

    private func one(_ number: UInt64) async throws {
        let effects = Effects.live
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "simulate-" + effects.randomHex(bytes: 8))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch { print("left behind: \(folder.path)") }
        }
        let opened = try await openOperationalStore(store ?? "sqlite://" + folder.path + "/simulation.db")
        try await opened.migrate(SchemaFiles.operational())
        guard try await opened.read({ try PointsCurrencies.list($0).isEmpty }) else {
            throw ValidationError("The store is not empty; a simulation needs one of its own.")
        }
        let began = effects.now()
        let report = try await Simulation.run(
            Simulation.Options(seed: number, days: days, members: members, operationsPerDay: operations),
            store: opened)
        await opened.close()
        let seconds = effects.now().seconds - began.seconds
        print(
            """
            seed \(number): \(days) days, \(report.operations) operations in \(seconds) s: \
            \(report.transactions) transactions of \(report.accounts) accounts, no flaw \
            (\(report.refused) refused, \(report.repeats) repeats, \(report.crashes) crashes, \
            \(report.lostAnswers) lost answers, \(report.bursts) bursts of tills, \(report.merges) merges, \
            \(report.claims) claims)
            """)
    }
}
