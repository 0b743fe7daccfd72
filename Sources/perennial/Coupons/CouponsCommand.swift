import ArgumentParser
import Engine

/// `perennial coupons`: whether what is counted of coupons is what happened.
struct CouponsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coupons",
        abstract: "Verify the counts of coupons.",
        discussion: """
            Works beside a running server.

            EXAMPLE
              perennial coupons verify --data ./data
            """,
        subcommands: [Verify.self])

    /// Counts definitions and people anew from history, coupons and uses.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count everything anew from the history and compare; exit code 1 if anything differs.")

        @OptionGroup var options: PlatformOptions

        func run() async throws {
            let result = try await options.withPlatform(analytics: .none) { try await CouponVerification.run($0) }
            for flaw in result.flaws { print(flaw) }
            print("\(result.definitions) definitions, \(result.uses) uses, \(result.flaws.count) flaws")
            if !result.flaws.isEmpty { throw ExitCode(1) }
        }
    }
}
