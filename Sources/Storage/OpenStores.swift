/// Opens the operational store that `url` names. Throws: `StorageError`.
package func openOperationalStore(_ url: String) async throws -> any OperationalStore {
    throw StorageError.badAddress(url)
}
