import ArgumentParser
import Engine

/// `perennial report liability`: what the brand owes in points, and what will come of it.
struct LiabilityReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "liability",
        abstract: "Outstanding points by month of lapsing, what became of each month's, and forecast breakage.",
        discussion: """
            Of now; nothing is counted again for a day that is past.

            EXAMPLES
              perennial report liability
              perennial report liability --currency points --format csv
            """)

    @OptionGroup var options: PlatformOptions

    @Option(help: ArgumentHelp("One currency (all).", valueName: "code"))
    var currency: String?

    @Option(help: "table, json or csv.")
    var format: ReportFormat = .table

    func run() async throws {
        let code = currency
        try await options.withPlatform(analytics: .none) { platform in
            let now = platform.effects.now()
            let report = try await platform.store.read { try LiabilityReport.load(code, at: now, $0) }
            print(try ReportRenderer.text(report, format: format), terminator: "")
        }
    }
}
