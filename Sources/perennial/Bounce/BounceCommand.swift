import ArgumentParser
import Engine
import Foundation

/// `perennial bounce`: takes a mail that came back, from a pipe of the mail server.
struct BounceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bounce",
        abstract: "Take a mail that came back (a delivery report or a complaint) from standard input.",
        discussion: """
            Works beside a running server. Exit code 65 when the mail is no report.

            EXAMPLES
              perennial bounce --data ./data < report.eml
              # Postfix, master.cf:  perennial unix - n n - - pipe user=perennial
              #   argv=/usr/local/bin/perennial bounce --data /var/lib/perennial --recipient ${recipient}
            """)

    /// sysexits.h: EX_DATAERR, which mail servers understand.
    private static let badMail: Int32 = 65

    @Option(help: "The address that the mail came back to.")
    var recipient = ""

    @OptionGroup var options: PlatformOptions

    func run() async throws {
        let mail = [UInt8](FileHandle.standardInput.readDataToEndOfFile())
        guard let report = BounceReport(mail, recipient: recipient) else {
            print("The mail is neither a delivery report nor a complaint.")
            throw ExitCode(Self.badMail)
        }
        let isNew = try await options.withPlatform(analytics: .none) { platform in
            try await platform.store.write { try report.apply(platform.effects, $0) }
        }
        let message = report.message.map { "message \($0)" } ?? "no message of ours"
        print("\(report.kind): \(message)\(isNew ? "" : ", nothing new")")
    }
}
