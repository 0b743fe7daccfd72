import Foundation

/// Knows a file again without reading all of it.
package struct FileFingerprint: Sendable, Equatable {
    package var bytes: Int64
    /// SHA-256 over the size, the first and the last `sampleBytes`.
    package var text: String

    private static let sampleBytes = 1024 * 1024

    /// Throws: `ImportError.cannotOpen`, `.cannotRead`.
    package static func of(_ path: String) throws(ImportError) -> FileFingerprint {
        let size = try RawFile(path: path).size
        do {
            guard let handle = FileHandle(forReadingAtPath: path) else {
                throw ImportError.cannotOpen(path: path, reason: "it is gone")
            }
            defer { handle.closeFile() }
            var sample = Array("\(size):".utf8)
            sample += try handle.read(upToCount: sampleBytes) ?? Data()
            if size > Int64(sampleBytes) {
                try handle.seek(toOffset: UInt64(max(size - Int64(sampleBytes), Int64(sampleBytes))))
                sample += try handle.read(upToCount: sampleBytes) ?? Data()
            }
            return FileFingerprint(bytes: size, text: Digest.sha256(sample))
        } catch let error as ImportError {
            throw error
        } catch {
            throw .cannotRead(reason: error.localizedDescription)
        }
    }
}
