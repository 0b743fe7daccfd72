import Foundation
import Storage

/// The numbered migrations that ship with the program.
package enum SchemaFiles {
    /// For `OperationalStore.migrate`, in order.
    /// Throws: `StorageError.badAddress` when they are not beside the program.
    package static func operational() throws -> [Migration] {
        try Migration.load(from: Bundle.module.bundleURL.appendingPathComponent("OperationalMigrations"))
    }

    /// For `AnalyticsStore.migrate`, in order. Throws: `StorageError.badAddress` when they are not beside the program.
    package static func analytics() throws -> [Migration] {
        try Migration.load(from: Bundle.module.bundleURL.appendingPathComponent("AnalyticsMigrations"))
    }
}
