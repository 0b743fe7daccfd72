import ArgumentParser
import Engine
import Foundation
import Storage

/// `perennial doctor`: what is missing or wrong, and how to mend it.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Examine this installation: stores, versions, disk, clock, files, ports.",
        discussion: """
            Changes nothing. Exit code 0 when all is well or only warnings were found, 1 otherwise. Works beside a
            running server.

            EXAMPLES
              perennial doctor --data ./data
              perennial doctor --store postgres://perennial@db/perennial --analytics clickhouse://ch1,ch2/perennial
            """)

    @OptionGroup var options: PlatformOptions

    func run() async throws {
        let configuration = try await options.loadConfiguration(flags: ["log.level": options.logLevel ?? "error"])
        let examination = Examination(configuration)
        var findings = await examination.machine()
        findings += await examination.stores()
        for finding in findings {
            print(
                "\(finding.verdict.rawValue.padding(toLength: 5, withPad: " ", startingAt: 0))"
                    + "\(finding.subject): \(finding.detail)")
            if !finding.remedy.isEmpty { print("     → \(finding.remedy)") }
        }
        let bad = findings.count { $0.verdict == .bad }
        let warnings = findings.count { $0.verdict == .warning }
        print(bad + warnings == 0 ? "All is well." : "\(bad) failed, \(warnings) to look at.")
        if bad > 0 { throw ExitCode(1) }
    }
}
