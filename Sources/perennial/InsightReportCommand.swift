import ArgumentParser
import Engine

/// `perennial report traffic`: a report of `ReportCatalog`; one command for all of them.
struct InsightReportCommand<Kind: InsightReport>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        let asked = Kind.parameters.map { parameter in
            "  \(parameter.name)  \(parameter.note)\(choices(parameter))"
        }
        return CommandConfiguration(
            commandName: Kind.name, abstract: Kind.summary,
            discussion: ([
                "Panels: " + Kind.panels.joined(separator: ", ") + "."
            ] + (asked.isEmpty ? [] : ["Asked with --set NAME=VALUE:"] + asked)).joined(separator: "\n"))
    }

    @OptionGroup var options: PlatformOptions

    @Option(help: ArgumentHelp("The first day, in the workspace's time zone.", valueName: "date"))
    var from: String?

    @Option(help: ArgumentHelp("The last day (today).", valueName: "date"))
    var to: String?

    @Option(help: "Without --from: so many days up to the last (30).")
    var days: Int?

    @Option(help: "Compare with the days before, or a year before: before, year.")
    var compare: String?

    @Option(help: ArgumentHelp("Only the people of a segment.", valueName: "id"))
    var segment: String?

    @Option(help: ArgumentHelp("Only this panel; may be given several times.", valueName: "name"))
    var panel: [String] = []

    @Option(name: .customLong("set"), help: ArgumentHelp("Ask something of the report.", valueName: "name=value"))
    var settings: [String] = []

    @Option(help: ArgumentHelp("List the people behind a figure instead: its “people” in JSON.", valueName: "place"))
    var people: String?

    @Option(help: "table, json or csv.")
    var format: ReportFormat = .table

    func run() async throws {
        var values: [String: String] = [:]
        values["from"] = from
        values["to"] = to
        values["days"] = days.map { String($0) }
        values["compare"] = compare
        values["segment"] = segment
        for setting in settings {
            let sides = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(sides[0])
            guard sides.count == 2, Kind.parameters.contains(where: { $0.name == name }) else {
                let known = Kind.parameters.map(\.name).joined(separator: ", ")
                throw ValidationError("--set takes NAME=VALUE with one of: \(known); not '\(setting)'.")
            }
            values[name] = [values[name], String(sides[1])].compactMap { $0 }.joined(separator: "\n")
        }
        let asked = values
        try await options.withPlatform { platform in
            do {
                let question = try await ReportQuestion(Kind.self, asked, platform)
                if let people {
                    let found = try await Kind.people(at: ReportPlace(text: people), question)
                    print(found.map { String($0) }.joined(separator: "\n"))
                } else {
                    print(
                        try ReportRenderer.text(try await Kind.make(question, only: panel), format: format),
                        terminator: "")
                }
            } catch let error as ReportError {
                throw ValidationError(error.description)
            }
        }
    }

    private static func choices(_ parameter: ReportParameter) -> String {
        var text = ""
        if case .words(let words) = parameter.kind { text += " One of: " + words.joined(separator: ", ") + "." }
        if !parameter.usual.isEmpty {
            text += " (" + parameter.usual.split(separator: "\n").joined(separator: " → ") + ")"
        }
        return text
    }

    /// The command of a report whose type is known only at run time.
    static func command(for report: any InsightReport.Type) -> any ParsableCommand.Type {
        func make<Report: InsightReport>(_ report: Report.Type) -> any ParsableCommand.Type {
            InsightReportCommand<Report>.self
        }
        return make(report)
    }
}
