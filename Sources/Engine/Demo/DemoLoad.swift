import Storage

/// Sends the demo brand through the same door as every client's events.
package struct DemoLoad: Sendable {
    package struct Progress: Sendable, Equatable {
        package var events: Int
        package var total: Int
    }

    private let brand: DemoBrand
    private let platform: Platform
    private let append: @Sendable (IncomingBatch) async throws -> Void

    package init(
        _ brand: DemoBrand, platform: Platform, append: @escaping @Sendable (IncomingBatch) async throws -> Void
    ) {
        self.brand = brand
        self.platform = platform
        self.append = append
    }

    /// Makes the sources and loads every batch, day by day. Loading the same brand again adds nothing.
    /// Returns how many events were sent. Throws: what `append` throws, `StorageError`.
    @discardableResult
    package func run(report: @Sendable (Progress) async -> Void) async throws -> Int {
        let sources = try await sources()
        var batches = brand.makeIterator()
        let total = batches.eventCount
        var sent = 0
        var day = batches.nextDay()
        while !day.isEmpty {
            try Task.checkCancellation()
            let current = day
            async let stored: Void = store(current, sources)
            let following = batches.nextDay()
            try await stored
            sent += current.reduce(0) { $0 + $1.events.count }
            await report(Progress(events: sent, total: total))
            day = following
        }
        return sent
    }

    /// The sources of one day together, so that they share a commit.
    private func store(_ day: [DemoBatch], _ sources: [Int64]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for batch in day {
                let incoming = IncomingBatch(
                    sourceID: sources[batch.source.rawValue], events: batch.events, rejected: batch.rejected)
                group.addTask { try await append(incoming) }
            }
            try await group.waitForAll()
        }
    }

    private func sources() async throws -> [Int64] {
        let effects = platform.effects
        return try await platform.store.write { connection in
            try DemoSource.allCases.map { source in
                if source == .codes { return try ChannelCodes.source(connection, effects) }
                if let known = try Sources.find(name: source.name, connection) { return known.id }
                return try Sources.create(name: source.name, kind: source.kind, by: "demo", connection, effects).source
                    .id
            }
        }
    }
}

extension DemoBatches {
    /// All batches of the next day; empty at the end.
    mutating func nextDay() -> [DemoBatch] {
        guard let first = next() else { return [] }
        var batches = [first]
        while let following = peeked(day: first.day) { batches.append(following) }
        return batches
    }
}
