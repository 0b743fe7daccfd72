import ArgumentParser
import Configuration
import Web

@main
struct Perennial: AsyncParsableCommand {
    func run() async throws {}
}
