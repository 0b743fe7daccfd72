import ArgumentParser
import Engine

/// `perennial report saved NAME`: a report that was saved and shared in the console.
struct SavedReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "saved", abstract: "A report that was saved and shared, by its name or id; without one, list them."
    )

    @OptionGroup var options: PlatformOptions

    @Argument(help: "The name or the id.")
    var name: String?

    @Option(help: "table, json or csv.")
    var format: ReportFormat = .table

    func run() async throws {
        guard let name else {
            let views = try await options.withPlatform(analytics: .none) { platform in
                try await platform.store.read { try SavedViews.list(.reports, for: 0, $0) }
            }
            for view in views { print("\(view.id)  \(view.name)  \(view.query)") }
            return
        }
        try await options.withPlatform { platform in
            do {
                let view = try await platform.store.read { try SavedReports.find(name, $0) }
                let (report, question) = try await SavedReports.question(view.query, platform)
                print(
                    try ReportRenderer.text(try await report.make(question, only: []), format: format), terminator: "")
            } catch let error as ReportError {
                throw ValidationError(error.description)
            }
        }
    }
}
