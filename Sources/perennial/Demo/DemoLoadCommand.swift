import ArgumentParser
import Engine

/// `perennial demo load`.
struct DemoLoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Draw the demo brand's events and take them in.",
        discussion: """
            Without a server running, people are recognised and the events archived at once; otherwise the running
            server does that.

            EXAMPLES
              perennial demo load
              perennial demo load --people 2000 --seed 7
            """)

    @OptionGroup var options: PlatformOptions

    @Option(help: "How many people the brand has.")
    var people = 20_000

    @Option(help: "The same seed draws the same brand.")
    var seed: UInt64 = 1

    func validate() throws {
        guard 1...DemoBrand.peopleMax ~= people else {
            throw ValidationError("--people must be between 1 and \(DemoBrand.peopleMax).")
        }
    }

    func run() async throws {
        ProcessMemory.keepFreed()
        let configuration = try await options.loadConfiguration()
        let server = RunningServer.find(in: configuration.data)
        try await configuration.withPlatform(analytics: server == nil ? .required : .none) { platform in
            try await DemoSession(platform: platform, people: people, seed: seed, processesItself: server == nil).run()
        }
    }
}
