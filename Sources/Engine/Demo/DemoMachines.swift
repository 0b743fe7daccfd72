import Storage

/// Crawlers and programs that came by the demo brand's site, as the collector counts them apart: no event and no person is
/// made of them.
enum DemoMachines {
    private static let days = 45
    /// Hits on a usual day.
    private static let visitors: [(reason: TrafficReason, agent: String, hits: Double)] = [
        (.machine, "Googlebot", 14), (.machine, "Baiduspider", 22), (.machine, "bingbot", 9),
        (.machine, "Bytespider", 17),
        (.machine, "GPTBot", 5), (.machine, "python-requests", 2), (.automation, "HeadlessChrome", 3),
        (.prefetch, "Chrome", 4),
    ]

    /// Adds to the counts every time; the caller sees to it that it is once. Throws: `StorageError`.
    static func load(source: Int64, until end: Timestamp, _ connection: any SQLConnection) throws {
        var random = SplitMix64(seed: 0xB07)
        for day in (0..<days).reversed() {
            var hits: [FilteredTraffic.Key: Int64] = [:]
            for visitor in visitors {
                let count = random.poisson(mean: visitor.hits)
                guard count > 0 else { continue }
                hits[FilteredTraffic.Key(sourceID: source, reason: visitor.reason, agent: visitor.agent)] = Int64(count)
            }
            try FilteredTraffic.add(hits, connection, at: end.adding(days: -day))
        }
    }
}
