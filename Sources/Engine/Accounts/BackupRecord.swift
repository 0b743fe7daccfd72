import Storage

/// What the status page says of the last backup. Kept under the settings name `last_backup`.
package struct BackupRecord: Codable, Sendable, Equatable {
    package var madeAt: Timestamp
    /// When every file was read back and agreed with the manifest.
    package var verifiedAt: Timestamp
    package var bytes: Int64
    package var files: Int
    package var folder: String

    package init(madeAt: Timestamp, verifiedAt: Timestamp, bytes: Int64, files: Int, folder: String) {
        self.madeAt = madeAt
        self.verifiedAt = verifiedAt
        self.bytes = bytes
        self.files = files
        self.folder = folder
    }

    private static let name = "last_backup"
    /// Older than this is worth a colour.
    package static let freshDays = 2

    package static func load(_ connection: any SQLConnection) throws -> BackupRecord? {
        try Settings.load(BackupRecord.self, name, connection)
    }

    package func save(_ connection: any SQLConnection) throws {
        try Settings.save(self, Self.name, connection, at: verifiedAt)
    }
}
