import Foundation

/// A file that arrives piece by piece and is kept under the data folder.
///
/// A piece that cannot be written, and an upload that is dropped before `finish`, leave nothing behind.
package final class ImportUpload {
    package let id: Int64
    package let path: String
    package private(set) var bytes: Int64 = 0
    private let handle: FileHandle
    private var isFinished = false

    /// `folder` is made when it is missing. Throws: `ImportError.cannotWrite`.
    package init(folder: String, id: Int64) throws(ImportError) {
        self.id = id
        path = folder + "/\(id).import"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw .cannotWrite(path: folder, reason: error.localizedDescription)
        }
        let made = FileManager.default.createFile(
            atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        guard made, let handle = FileHandle(forWritingAtPath: path) else {
            throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
        self.handle = handle
    }

    deinit {
        handle.closeFile()
        if !isFinished { unlink(path) }
    }

    /// Throws: `ImportError.uploadTooLarge`, `.cannotWrite`.
    package func write(_ piece: some Sequence<UInt8>) throws(ImportError) {
        let piece = Data(piece)
        bytes += Int64(piece.count)
        guard bytes <= ImportLimits.uploadBytes else { throw .uploadTooLarge(limitBytes: ImportLimits.uploadBytes) }
        do {
            try handle.write(contentsOf: piece)
        } catch {
            throw .cannotWrite(path: path, reason: error.localizedDescription)
        }
    }

    /// The file is whole and on the disk. Throws: `ImportError.cannotWrite`.
    package func finish() throws(ImportError) {
        do {
            try handle.synchronize()
        } catch {
            throw .cannotWrite(path: path, reason: error.localizedDescription)
        }
        isFinished = true
    }
}
