/// Opens the operational store that `url` names. Throws: `StorageError`.
package func openOperationalStore(_ url: String) async throws -> any OperationalStore {
    throw StorageError.badAddress(url)
}

/// Opens the analytics store that `url` names. Throws: `StorageError`.
package func openAnalyticsStore(_ url: String) async throws -> any AnalyticsStore {
    throw StorageError.badAddress(url)
}
