import ArgumentParser
import Engine
import Science

/// `perennial report`: figures for the terminal, a spreadsheet or a program.
struct Report: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a report as a table, JSON or CSV.",
        discussion: """
            A report is computed from the analytics store. docs/metrics.md defines every figure.

            EXAMPLES
              perennial report overview --days 30
              perennial report rfm --as-of 2006-12-31
              perennial report rfm --window-days 365 --classes median --format csv
              perennial report lifecycle --as-of 1997-09-30 --format json
              perennial report traffic --days 90 --set step=week --panel trend --panel sources
            """,
        subcommands: [RFMReportCommand.self, LifecycleReportCommand.self, OverviewReportCommand.self]
            + [SavedReportCommand.self, LiabilityReportCommand.self]
            + ReportCatalog.reports.map { InsightReportCommand<TrafficReport>.command(for: $0) })
}

/// What the reports have in common.
struct ReportOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The last day that counts, in the workspace's time zone (today).", valueName: "date"))
    var asOf: String?

    @Option(help: "table, json or csv.")
    var format: ReportFormat = .table

    func validate() throws {
        guard let asOf, LocalCalendar.day(fromText: asOf) == nil else { return }
        throw ValidationError("--as-of must be a day such as 2026-11-22, not '\(asOf)'.")
    }

    var day: Int64? { asOf.flatMap(LocalCalendar.day(fromText:)) }
}

extension ReportFormat: ExpressibleByArgument {}

struct RFMReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rfm",
        abstract: "Recency, frequency, monetary value: cut points, the grid, the eight classes.",
        discussion: """
            Without options the workspace's saved settings are used; an option tries another without saving it.
            """)

    @OptionGroup var options: PlatformOptions
    @OptionGroup var report: ReportOptions

    @Option(help: ArgumentHelp("Count orders of so many days; 0: all orders.", valueName: "days"))
    var windowDays: Int?

    @Option(help: "quintiles (cut points by value), ntile (equal groups, ties split) or ntile-ties (ties together).")
    var scoring: ScoringWord?

    @Option(help: "What is high: mean, median, or scores (above the mean score).")
    var classes: ClassWord?

    @Option(help: "spend (net, all orders together) or order (average order value).")
    var monetary: MonetaryWord?

    enum ScoringWord: String, ExpressibleByArgument, CaseIterable {
        case quintiles, ntile
        case ntileTies = "ntile-ties"
    }
    enum ClassWord: String, ExpressibleByArgument, CaseIterable { case mean, median, scores }
    enum MonetaryWord: String, ExpressibleByArgument, CaseIterable { case spend, order }

    func run() async throws {
        try await options.withPlatform { platform in
            var settings = try await platform.store.read { try RFMSettings.load($0) }
            change(&settings)
            let result = try await RFMReport.make(platform, settings: settings, asOf: report.day)
            print(try ReportRenderer.text(result, format: report.format), terminator: "")
        }
    }

    private func change(_ settings: inout RFMSettings) {
        if let windowDays { settings.windowDays = windowDays == 0 ? nil : windowDays }
        switch scoring {
        case .quintiles: settings.scoring = .valueQuintiles
        case .ntile: settings.scoring = .ntile(ties: .byRow)
        case .ntileTies: settings.scoring = .ntile(ties: .together)
        case nil: break
        }
        switch classes {
        case .mean: settings.classRule = .rawMean
        case .median: settings.classRule = .rawMedian
        case .scores: settings.classRule = .scoreMean
        case nil: break
        }
        switch monetary {
        case .spend: settings.monetary = .netSpend
        case .order: settings.monetary = .averageOrder
        case nil: break
        }
    }
}

struct LifecycleReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lifecycle",
        abstract: "The base's rhythm as of a day: gaps, thresholds, conversions, people by stage.")

    @OptionGroup var options: PlatformOptions
    @OptionGroup var report: ReportOptions

    func run() async throws {
        try await options.withPlatform { platform in
            let result = try await LifecycleReport.make(platform, asOf: report.day)
            print(try ReportRenderer.text(result, format: report.format), terminator: "")
        }
    }
}

struct OverviewReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overview",
        abstract: "People, orders and revenue of a period beside the one before.")

    @OptionGroup var options: PlatformOptions
    @OptionGroup var report: ReportOptions

    @Option(help: "Days of the period, up to and including the last one.")
    var days: Int = 30

    func validate() throws {
        guard !(1...3_660).contains(days) else { return }
        throw ValidationError("--days must be between 1 and 3660.")
    }

    func run() async throws {
        try await options.withPlatform { platform in
            let today = try await platform.store.read { [effects = platform.effects] connection in
                try Workspace.load(connection).calendar.day(of: effects.now())
            }
            let result = try await Overview.make(
                platform, period: ReportPeriod(days: days, through: report.day ?? today))
            print(try ReportRenderer.text(result, format: report.format), terminator: "")
        }
    }
}
