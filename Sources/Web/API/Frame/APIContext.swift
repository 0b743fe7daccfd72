import Engine

/// What endpoints work with.
package struct APIContext: Sendable {
    package let platform: Platform
    /// What the endpoint for events shares with the collectors.
    package let collect: CollectContext

    /// What tills of this process remember between commands.
    package let till = TillMemory()

    /// Where files that are sent for import are kept; nil where none are taken.
    package let uploadFolder: String?

    package init(collect: CollectContext, uploadFolder: String? = nil) {
        self.uploadFolder = uploadFolder
        platform = collect.platform
        self.collect = collect
    }

    package var writeKeys: WriteKeyCache { collect.writeKeys }
    package var providers: ProviderCatalog { collect.providers }
    package var append: @Sendable (IncomingBatch) async throws -> Void { collect.append }
}
