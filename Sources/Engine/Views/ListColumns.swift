import Storage

/// Which columns of a list a person sees, and in which order.
package enum ListColumns {
    private static let columnsLimit = 40

    /// Nil until the person chose. Keys that a newer or older program does not know are the caller's to leave out.
    /// Throws: `StorageError`.
    package static func load(_ list: String, of user: Int64, _ connection: any SQLConnection) throws -> [String]? {
        let row = try connection.first(
            "SELECT columns FROM list_columns WHERE user_id = \(user) AND list = \(list)")
        return try row?.text(0).split(separator: " ").map(String.init)
    }

    /// An empty choice goes back to what everybody sees. Throws: `StorageError`.
    package static func save(
        _ columns: [String], _ list: String, of user: Int64, _ connection: any SQLConnection
    ) throws {
        guard !columns.isEmpty else {
            try connection.execute("DELETE FROM list_columns WHERE user_id = \(user) AND list = \(list)")
            return
        }
        let text = columns.prefix(columnsLimit).joined(separator: " ")
        try connection.execute(
            """
            INSERT INTO list_columns (user_id, list, columns) VALUES (\(user), \(list), \(text))
            ON CONFLICT (user_id, list) DO UPDATE SET columns = excluded.columns
            """)
    }
}
