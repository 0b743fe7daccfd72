/// Why a backup could not be taken or brought back.
package enum BackupError: Error, Sendable, Equatable {
    /// The folder for a new backup already holds something.
    case folderNotEmpty(String)
    /// The folder holds no finished backup, or one of another format.
    case noBackup(folder: String)
    /// A file of the backup is damaged: what was wrong, and in which line.
    case damaged(file: String, line: Int, reason: String)
    /// The store to restore into holds rows already.
    case storeNotEmpty(table: String)
    /// The store to restore into has another schema than the backup.
    case schemaDiffers(stored: [Int], inBackup: [Int])
    /// The folder cannot be read or written.
    case file(path: String, message: String)
}

extension BackupError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .folderNotEmpty(let folder): "\(folder) is not empty; give the backup a folder of its own"
        case .noBackup(let folder): "\(folder) holds no finished backup that this program can read"
        case .damaged(let file, let line, let reason): "the backup is damaged: \(file), line \(line): \(reason)"
        case .storeNotEmpty(let table): "the store is not empty (table \(table)); restore into a new one"
        case .schemaDiffers(let stored, let inBackup):
            "the store has the migrations \(stored), the backup \(inBackup); restore into a new store"
        case .file(let path, let message): "\(path): \(message)"
        }
    }
}
