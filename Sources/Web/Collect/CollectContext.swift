import Engine

/// What collectors work with.
package struct CollectContext: Sendable {
    package let platform: Platform
    package let writeKeys: WriteKeyCache
    package let settings: CollectSettingsCache
    package let traffic: TrafficFilter
    /// Who carries messages, for what they say of them.
    package let providers: ProviderCatalog
    /// Takes events durably: `Ingest.append`.
    package let append: @Sendable (IncomingBatch) async throws -> Void

    package init(
        platform: Platform, writeKeys: WriteKeyCache, lists: TrafficLists = .none,
        regions: RegionFile? = nil, providers: ProviderCatalog = .live(),
        append: @escaping @Sendable (IncomingBatch) async throws -> Void
    ) {
        self.platform = platform
        self.writeKeys = writeKeys
        self.append = append
        self.providers = providers
        settings = CollectSettingsCache(platform: platform)
        traffic = TrafficFilter(platform: platform, lists: lists, regions: regions)
    }

    /// The clock and the settings as they are for a request that arrived now.
    func moment() async -> CollectMoment {
        CollectMoment(receivedAt: platform.effects.now(), settings: await settings.current())
    }

    /// The source of the first of these keys that is live. Throws: `CollectFailure` 401, `StorageError`.
    func source(of keys: [String?]) async throws -> Int64 {
        var hasKey = false
        for case let key? in keys where !key.isEmpty {
            hasKey = true
            if let source = try await writeKeys.source(of: key) { return source }
        }
        throw CollectFailure(
            .unauthorized, "unauthorized",
            hasKey ? "The write key is unknown or revoked." : "Send the write key of a source.")
    }
}

/// Everything outside the bytes that reading them depends on.
package struct CollectMoment: Sendable {
    package var receivedAt: Timestamp
    package var settings: CollectSettings

    package init(receivedAt: Timestamp, settings: CollectSettings = CollectSettings()) {
        self.receivedAt = receivedAt
        self.settings = settings
    }
}
