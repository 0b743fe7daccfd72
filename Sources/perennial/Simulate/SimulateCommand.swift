import ArgumentParser
import Engine
import Foundation
import Storage

/// `perennial simulate`: a brand's year of a loyalty program, from a seed.
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Simulate a brand's year of a loyalty program, with crashes, and check every invariant.",
        discussion: """
            Works on an empty store of its own, never on data: a file that is thrown away, or a fresh PostgreSQL database.
            The program is the demo brand's, or a document as the program's page shows it under JSON and the API takes it.
            Exit code 1 at the first flaw, with the seed, the step and the command that shows it again.

            EXAMPLES
              perennial simulate --seed 42
              perennial simulate --seed 1 --seeds 20 --days 90 --members 50
              perennial simulate --seed 3 --days 365 --program program.json
              perennial simulate --seed 7 --store postgres://localhost/simulation
            """)

    @Option(help: "What everything follows from.")
    var seed: UInt64 = 1
    @Option(help: "So many seeds, one after the other.")
    var seeds: UInt64 = 1
    @Option(help: "Days of each.")
    var days = 365
    @Option(help: "Members.")
    var members = 10_000
    @Option(help: "Operations a day.")
    var operations = 60
    @Option(help: "A program's document (JSON) in place of the demo brand's.")
    var program: String?
    @Option(help: "`sqlite` (a file that is thrown away), or the address of a fresh PostgreSQL database.")
    var store = "sqlite"

    func validate() throws {
        guard (1...3_660).contains(days), (3...100_000).contains(members), (1...10_000).contains(operations), seeds > 0
        else { throw ValidationError("--days 1 to 3660, --members 3 to 100000, --operations 1 to 10000.") }
        if seeds > 1, store != "sqlite" { throw ValidationError("A database is fresh for one seed only.") }
    }

    func run() async throws {
        for number in seed..<(seed + seeds) {
            do {
                try await one(number)
            } catch let failure as Simulation.Failure {
                print("FAILED  \(failure)\nAgain:  \(command(failure.seed))")
                throw ExitCode(1)
            } catch let error as CriteriaError {
                throw ValidationError("The program cannot be used: \(error)")
            } catch ProgramError.invalid(let error) {
                throw ValidationError("The program cannot be used: \(error)")
            } catch TierError.invalidLadder(let field, let reason) {
                throw ValidationError("The program's tiers cannot be used: \(field) \(reason)")
            }
        }
    }

    private func command(_ number: UInt64) -> String {
        let file = program.map { " --program \($0)" } ?? ""
        let place = store == "sqlite" ? "" : " --store <a fresh database>"
        return "perennial simulate --seed \(number) --days \(days) --members \(members) --operations \(operations)"
            + file + place
    }

    private func one(_ number: UInt64) async throws {
        let document = try program.map { try String(contentsOfFile: $0, encoding: .utf8) }
        let effects = Effects.live
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "simulate-" + effects.randomHex(bytes: 8))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(at: folder) } catch { print("left behind: \(folder.path)") }
        }
        let opened = try await openOperationalStore(
            store == "sqlite" ? "sqlite://" + folder.path + "/simulation.db" : store)
        try await opened.migrate(SchemaFiles.operational())
        guard try await opened.read({ try PointsCurrencies.list($0).isEmpty }) else {
            throw ValidationError("The store is not empty; a simulation needs one of its own.")
        }
        let began = effects.now()
        let report = try await Simulation.run(
            Simulation.Options(
                seed: number, days: days, members: members, operationsPerDay: operations, program: document),
            store: opened)
        await opened.close()
        let seconds = effects.now().seconds - began.seconds
        print(
            """
            seed \(number): \(days) days, \(report.operations) operations in \(seconds) s: \
            \(report.transactions) transactions of \(report.accounts) accounts, no flaw \
            (\(report.refused) refused, \(report.repeats) repeats, \(report.crashes) crashes, \
            \(report.lostAnswers) lost answers, \(report.bursts) bursts of tills, \(report.merges) merges, \
            \(report.unmerges) undone, \(report.purchases) orders, \(report.returns) returns, \(report.claims) claims, \
            \(report.pools) pools, \
            \(report.coupons) coupons used, \(report.grants) tiers by hand, \(report.versions) versions of the program)
            """)
    }
}
