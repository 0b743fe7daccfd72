import Engine

/// What endpoints work with.
package struct APIContext: Sendable {
    package let platform: Platform
    package let writeKeys: WriteKeyCache
    /// Takes events durably: `Ingest.append`.
    package let append: @Sendable (IncomingBatch) async throws -> Void

    package init(
        platform: Platform, writeKeys: WriteKeyCache,
        append: @escaping @Sendable (IncomingBatch) async throws -> Void
    ) {
        self.platform = platform
        self.writeKeys = writeKeys
        self.append = append
    }
}
