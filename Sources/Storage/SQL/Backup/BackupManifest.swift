/// What a backup holds: written last, so a folder without it is no backup.
struct BackupManifest: Codable, Equatable {
    static let fileName = "manifest.json"
    static let currentFormat = 1

    struct Step: Codable, Equatable {
        var version: Int
        var name: String
        var statements: String
    }

    struct Table: Codable, Equatable {
        var name: String
        var columns: [String]
        var rows: Int
        /// `StableHash` over the bytes of the table's file.
        var checksum: String

        /// One JSON array a row.
        var fileName: String { "\(name).ndjson" }
    }

    var format: Int
    /// Which store it was taken from; it can be restored into either.
    var dialect: String
    var migrations: [Step]
    var tables: [Table]
    /// The last number given out by each self-numbering table.
    var sequences: [String: Int64]
}
