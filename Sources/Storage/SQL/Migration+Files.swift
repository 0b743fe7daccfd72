import Foundation

extension Migration {
    /// Reads the `NNNN_name.sql` files of a folder, in order of their numbers. Other files are passed over.
    ///
    /// Throws: `StorageError.badAddress` when the folder cannot be read or a number occurs twice.
    package static func load(from folder: URL) throws -> [Migration] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        } catch {
            throw StorageError.badAddress("the migrations folder \(folder.path) cannot be read")
        }
        let unordered = try names.sorted().compactMap { file -> Migration? in
            guard let (version, name) = numberAndName(of: file) else { return nil }
            let text = try String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)
            return Migration(version: version, name: name, statements: text)
        }
        let migrations = unordered.sorted { $0.version < $1.version }
        for (earlier, later) in zip(migrations, migrations.dropFirst()) where earlier.version == later.version {
            throw StorageError.badAddress(
                "two migrations have the number \(later.version): \(earlier.name) and \(later.name)")
        }
        return migrations
    }

    private static func numberAndName(of file: String) -> (Int, String)? {
        guard file.hasSuffix(".sql") else { return nil }
        let stem = file.dropLast(".sql".count)
        guard let underscore = stem.firstIndex(of: "_"), let version = Int(stem[..<underscore]), version > 0 else {
            return nil
        }
        return (version, String(stem[stem.index(after: underscore)...]))
    }
}
