import ArgumentParser
import Engine

/// The one binary: the server and every command that looks after it.
@main
struct Perennial: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perennial",
        abstract: "Collects what people do, knows who each of them is, and shows where in the relationship they stand.",
        discussion: """
            EXAMPLES
              perennial serve --data ./data            the server with every role, embedded storage
              perennial users create ann@example.com --role admin
              perennial keys source "Web shop" --kind web
              perennial report rfm --as-of 2026-11-22  recency, frequency, monetary value and the eight classes
              perennial doctor --data ./data           what is missing or wrong, and how to mend it

            Settings come from flags, then PERENNIAL_… in the environment, then the JSON file named by --config.
            See docs/configuration.md.
            """,
        version: ProductVersion.current,
        // One line a command, in alphabetical order.
        subcommands: [
            BackupCommand.self,
            Bench.self,
            BounceCommand.self,
            Demo.self,
            DoctorCommand.self,
            Import.self,
            KeysCommand.self,
            LedgerCommand.self,
            CouponsCommand.self,
            Migrate.self,
            Report.self,
            RestoreCommand.self,
            Serve.self,
            SimulateCommand.self,
            UsersCommand.self,
        ]
    )
}
