import Foundation
import Storage

/// The schema of the operational store: the numbered files in `OperationalMigrations`, shipped with the program.
///
/// Which room writes which table is said in the files; only that room does.
package enum OperationalSchema {
    /// All migrations in order. Throws: `StorageError.badAddress` when the resources are not beside the program.
    package static func migrations() throws -> [Migration] {
        let folder = "OperationalMigrations"
        guard let url = Bundle.module.url(forResource: folder, withExtension: nil) else {
            throw StorageError.badAddress("the folder \(folder) is missing beside the program")
        }
        return try Migration.load(from: url)
    }
}
