import Storage

/// Rows of people for short lists, by id.
package enum PeopleByID {
    /// In the order of the ids; those without a row are left out. Throws: `StorageError`.
    package static func load(_ ids: [Int64], _ connection: any SQLConnection) throws -> [Profile] {
        guard !ids.isEmpty else { return [] }
        return try connection.queryMany(
            "SELECT \(Profile.columns) FROM profiles WHERE id = ?", ids.map { [.integer($0)] }
        ).compactMap { try $0.first.map(Profile.init) }
    }
}
