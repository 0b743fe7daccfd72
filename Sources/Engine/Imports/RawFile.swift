#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file read front to back.
final class RawFile {
    let path: String
    let size: Int64
    private(set) var offset: Int64 = 0
    private let descriptor: Int32

    /// Throws: `ImportError.cannotOpen` for a missing file, a folder, or one without permission.
    init(path: String) throws(ImportError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw .cannotOpen(path: path, reason: "it is a folder")
        }
        self.path = path
        self.descriptor = descriptor
        size = Int64(status.st_size)
    }

    deinit { close(descriptor) }

    /// Fills the start of `target`; returns how many bytes, 0 at the end.
    func read(into target: UnsafeMutableBufferPointer<UInt8>) throws(ImportError) -> Int {
        while true {
            let count = Glibc.read(descriptor, target.baseAddress, target.count)
            if count >= 0 {
                offset += Int64(count)
                return count
            }
            guard errno == EINTR else { throw .cannotRead(reason: String(cString: strerror(errno))) }
        }
    }
}
