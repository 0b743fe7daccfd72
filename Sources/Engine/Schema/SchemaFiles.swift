import Foundation
import Storage

/// The numbered migrations that ship with the program.
package enum SchemaFiles {
    /// For `OperationalStore.migrate`, in order. Throws: `SchemaFilesError`.
    package static func operational() throws -> [Migration] {
        try load("OperationalMigrations")
    }

    /// For `AnalyticsStore.migrate`, in order. Throws: `SchemaFilesError`.
    package static func analytics() throws -> [Migration] {
        try load("AnalyticsMigrations")
    }

    private static func load(_ folder: String) throws -> [Migration] {
        let directory = Bundle.module.bundleURL.appendingPathComponent(folder)
        let files = try FileManager.default.contentsOfDirectory(at: directory, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "sql" }
        guard !files.isEmpty else { throw SchemaFilesError.missing(folder) }
        let migrations = try files.map { file in
            let name = file.deletingPathExtension().lastPathComponent
            guard let version = Int(name.prefix { $0.isNumber }) else { throw SchemaFilesError.unnumbered(name) }
            return Migration(version: version, name: name, statements: try String(contentsOf: file, encoding: .utf8))
        }.sorted { $0.version < $1.version }
        for (one, next) in zip(migrations, migrations.dropFirst()) where one.version == next.version {
            throw SchemaFilesError.sameNumber(one.name, next.name)
        }
        return migrations
    }
}

/// What is wrong with the installed migration files.
package enum SchemaFilesError: Error, Equatable {
    /// The resource folder is not beside the program.
    case missing(String)
    case unnumbered(String)
    case sameNumber(String, String)
}
