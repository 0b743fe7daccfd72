import Engine

/// What endpoints work with.
package struct APIContext: Sendable {
    package let platform: Platform
    /// What the endpoint for events shares with the collectors.
    package let collect: CollectContext

    package init(collect: CollectContext) {
        platform = collect.platform
        self.collect = collect
    }

    package var writeKeys: WriteKeyCache { collect.writeKeys }
    package var append: @Sendable (IncomingBatch) async throws -> Void { collect.append }
}
