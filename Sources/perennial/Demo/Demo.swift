import ArgumentParser

/// `perennial demo`: a brand to try the product on.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load 山岚茶事, a tea brand that never was, to try the product on.",
        discussion: """
            Eighteen months of a brand with stores, a WeChat mini program, an app and a site: 20,000 people and about a
            million events, drawn from a seed and taken in like everyone's. Loading it again adds nothing.

            EXAMPLES
              perennial demo load --data ./data
              perennial demo load --people 2000 --seed 7
            """,
        subcommands: [DemoLoadCommand.self],
        defaultSubcommand: DemoLoadCommand.self)
}
