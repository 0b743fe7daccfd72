import ArgumentParser
import Engine
import Foundation

/// `perennial bench ingest`: Segment batches over HTTP, and how long they take to be durable, processed and archived.
struct BenchIngest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Send Segment batches at a steady rate and measure acknowledgement, lag and memory.",
        discussion: """
            Reads the address of the server from the data folder, and makes a source “Benchmark” for its events. Latency
            counts from the moment a request was due, so a stalled server is not flattered.
            """)

    @OptionGroup var options: PlatformOptions
    @Option(help: "Events a second; 0 is as fast as possible.")
    var rate = 20_000
    @Option(help: "Seconds of load.")
    var duration = 60
    @Option(help: "Connections kept open; each waits for its answer before it sends again.")
    var connections = 64
    @Option(help: "How many people the events are about.")
    var people = 100_000
    @Option(help: "Events in a request.")
    var batch = 20
    @Flag(help: "Print one JSON object instead of text.")
    var json = false

    private static let lagLimitSeconds = 600

    func run() async throws {
        let configuration = try await options.loadConfiguration()
        guard let server = RunningServer.find(in: configuration.data), let url = URL(string: server.address),
            let host = url.host, let port = url.port
        else {
            throw CommandFailure(
                "No server is running on \(configuration.data.path).",
                remedy: "Start one with `perennial serve --data \(configuration.data.path)`.")
        }
        let report = try await configuration.withPlatform(analytics: .none) { platform in
            let key = try await Self.writeKey(platform)
            let run = String(platform.effects.randomHex(bytes: 4))
            let load = IngestLoad(
                host: host, port: port, key: key, run: run, rate: rate, seconds: duration, connections: connections,
                people: people, batch: batch)
            let watch = LagWatch(platform: platform, process: server.processID)
            let watching = Task { await watch.run() }
            let before = ProcessUsage.of(process: server.processID)?.cpuSeconds ?? 0
            let result = await load.run()
            let drained = try await watch.drain(limitSeconds: Self.lagLimitSeconds)
            watching.cancel()
            let after = ProcessUsage.of(process: server.processID) ?? ProcessUsage()
            return IngestReport(
                load: result, batch: batch, drainSeconds: drained, worst: await watch.worst,
                peakResidentBytes: after.peakResidentBytes, cpuSeconds: after.cpuSeconds - before)
        }
        print(json ? try report.json() : report.text())
        if report.load.failures > 0 { throw ExitCode(1) }
    }

    private static func writeKey(_ platform: Platform) async throws -> String {
        try await platform.store.write { connection in
            let known = try Sources.find(name: "Benchmark", connection)
            let keys = try known.map { try WriteKeys.list(sourceID: $0.id, connection) } ?? []
            if let live = keys.first(where: { $0.revokedAt == nil }) { return live.key }
            return try Sources.create(
                name: "Benchmark", kind: .server, by: commandLineActor, connection, platform.effects
            ).key.key
        }
    }
}
