import ArgumentParser
import Engine
import Foundation
import Storage

/// `perennial bench broadcast`: a message to everybody, planned and held against the policy.
struct BenchBroadcast: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broadcast",
        abstract: "Plan a broadcast to many people and ask the policy of each of them; time and memory.",
        discussion: """
            EXAMPLES
              perennial bench broadcast --people 1000000
              perennial bench broadcast --people 100000 --store postgres://localhost/bench --json
            """)

    @Option(help: "A fresh PostgreSQL database in place of a file that is thrown away.")
    var store: String?
    @Option(help: "How many people.")
    var people = 1_000_000
    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    func run() async throws {
        ProcessMemory.keepFreed()
        let (seconds, report) = try await BenchStore.with(store) { platform, _ in
            let audience = BenchAudience(platform: platform, people: people)
            try await audience.fill()
            let (segment, template) = (try await audience.list(), try await audience.template())
            let effects = platform.effects
            let id = try await platform.store.write { connection in
                let made = try Broadcasts.create(
                    Broadcast.Draft(name: "Everybody", segmentID: segment, templateID: template), by: "bench",
                    effects, connection)
                return try Broadcasts.start(made.id, by: "bench", effects, connection).id
            }
            let seconds = try await BenchStore.seconds { _ = try await JobRunner(platform: platform).drain() }
            let report = try await platform.store.read { connection in
                var filter = MessageList.Filter()
                (filter.origin, filter.originID) = ("broadcast", id)
                return try MessageList.report(filter, connection)
            }
            return (seconds, report)
        }
        let megabytes = ProcessUsage.current().peakResidentBytes / 1_048_576
        let left = report.suppressed.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        if json {
            print(
                """
                {"people":\(people),"planned":\(report.planned),"suppressed":\(report.suppressed.values.reduce(0, +)),\
                "seconds":\((seconds * 100).rounded() / 100),"peak_mib":\(megabytes)}
                """)
        } else {
            print(
                """
                \(report.planned) of \(people) planned and held against the policy in \
                \((seconds * 100).rounded() / 100) s, \(Int(Double(people) / seconds)) a second
                left out: \(left.joined(separator: ", "))
                at most \(megabytes) MiB, with what made the people
                """)
        }
    }
}
