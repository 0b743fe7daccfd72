import Engine

/// Reads a quarantined item again with its collector and appends what it holds.
package enum QuarantineReplay {
    /// - Parameters:
    ///   - mended: the item as JSON in the same dialect, in place of the bytes that were received.
    ///   - regions: places it by the address that it tells.
    /// Throws: `QuarantineError`, `StorageError`.
    package static func perform(
        id: Int64, mended: JSONValue? = nil, by actor: String, regions: RegionFile? = nil, _ platform: Platform
    ) async throws {
        let (item, settings) = try await platform.store.read { connection in
            let workspace = try Workspace.load(connection)
            return (
                try QuarantineList.get(id: id, connection),
                CollectSettings(
                    zone: LocalCalendar(timeZone: workspace.timeZone) ?? .utc,
                    sensorsMapping: try SensorsEventMapping.load(connection))
            )
        }
        guard item.status == .waiting else { throw QuarantineError.notWaiting(id: id, status: item.status) }
        guard let dialect = CollectorCatalog.dialect(named: item.dialect) else {
            throw QuarantineError.stillBad(
                reason: item.reason, explanation: "No collector understands “\(item.dialect)”.")
        }
        let raw = mended.flatMap { $0.isNull ? nil : $0.utf8Text() } ?? item.raw
        // It happened when it first came, so that ages are told right.
        var batch = dialect.read(raw, item.dialect, CollectMoment(receivedAt: item.receivedAt, settings: settings))
        if batch.events.count == 1, let messageID = item.messageID, batch.events[0].messageID.hasPrefix("sha256-") {
            batch.events[0].messageID = messageID
        }
        let incoming = batch.placed(by: regions).incoming(sourceID: item.sourceID)
        try await platform.store.write { connection in
            try QuarantineList.replay(id: id, as: incoming, by: actor, connection, platform.effects)
        }
    }
}
