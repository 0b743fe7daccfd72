import ArgumentParser
import Engine

/// `perennial migrate`: brings both schemas up to this program's version.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the schemas of both stores up to date.",
        discussion: """
            Safe to run twice, and by several machines at once. `serve` does the same when it starts; run it by hand
            before a rolling upgrade.

            EXAMPLES
              perennial migrate --data ./data
              perennial migrate --store postgres://perennial@db/perennial --analytics clickhouse://ch1,ch2/perennial
            """)

    @OptionGroup var options: PlatformOptions

    func run() async throws {
        try await options.withPlatform { platform in
            let store = try await platform.store.diagnose()
            let analytics = try await platform.analytics.diagnose()
            print("\(store.product) \(store.version): schema version \(store.schemaVersion)")
            print("\(analytics.product) \(analytics.version): schema version \(analytics.schemaVersion)")
        }
    }
}
