import ArgumentParser
import Engine
import Logging

/// `perennial serve`: the server.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server: collectors, processor, archiver, schedule, API and console.",
        discussion: """
            One process takes every role unless --role names some. Ends gracefully on SIGTERM and SIGINT, and may be
            killed at any moment without losing an acknowledged event.

            EXAMPLES
              perennial serve --data ./data --port 8080
              perennial serve --store postgres://perennial@db/perennial --role web
              perennial serve --store postgres://perennial@db/perennial --role process,archive,schedule
            """)

    @OptionGroup var options: PlatformOptions

    @Option(help: "The address to listen on (PERENNIAL_HOST; 127.0.0.1).")
    var host: String?

    @Option(help: "The port to listen on (PERENNIAL_PORT; 8080).")
    var port: String?

    @Option(help: "Roles of this process, comma-separated: web, process, archive, schedule (PERENNIAL_ROLES; all).")
    var role: String?

    @Option(help: "How browsers and SDKs reach this server (PERENNIAL_PUBLIC_URL).")
    var publicURL: String?

    func run() async throws {
        ProcessMemory.keepFreed()
        let flags = ["host": host, "port": port, "roles": role, "publicURL": publicURL].compactMapValues { $0 }
        let configuration = try await options.loadConfiguration(flags: flags)
        try await Server(configuration).run()
    }
}
