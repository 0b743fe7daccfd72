import ArgumentParser
import Engine

/// `perennial ledger`: whether the ledger of points is what its transactions say.
struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Verify the ledger of points and print its trial balance.",
        discussion: """
            Works beside a running server.

            EXAMPLES
              perennial ledger verify --data ./data
              perennial ledger verify --store postgres://perennial@db/perennial
            """,
        subcommands: [Verify.self])

    /// Replays every member's transactions and compares hashes, entries, lots, holds, balances and daily heads.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replay every account and compare it with what is stored; exit code 1 if anything differs.")

        @OptionGroup var options: PlatformOptions

        func run() async throws {
            let result = try await options.withPlatform(analytics: .none) { try await PointsVerification.run($0) }
            var table = TextTable("CURRENCY", "LEDGER", "AMOUNT")
            for (currency, ledgers) in result.totals.sorted(by: { $0.key < $1.key }) {
                for ledger in Ledger.allCases {
                    guard let amount = ledgers[ledger] else { continue }
                    table.add(currency, ledger.rawValue, String(amount))
                }
            }
            if !result.totals.isEmpty { table.print() }
            for flaw in result.flaws {
                print(flaw.account == 0 ? "ledger: \(flaw.text)" : "account \(flaw.account): \(flaw.text)")
            }
            print("\(result.accounts) accounts, \(result.transactions) transactions, \(result.flaws.count) flaws")
            if !result.flaws.isEmpty { throw ExitCode(1) }
        }
    }
}
