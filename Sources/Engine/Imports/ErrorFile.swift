#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The refused rows of an import as CSV: line, column, reason, explanation and the row itself.
final class ErrorFile {
    package static let header = ["line", "column", "reason", "explanation", "row"]
    private let path: String
    private let descriptor: Int32
    private(set) var bytes: Int64

    /// Opens a file and cuts off what was written behind `keeping` bytes; 0 begins it anew.
    ///
    /// Throws: `ImportError.cannotWrite`.
    init(path: String, keeping: Int64) throws(ImportError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: String(cString: strerror(errno))) }
        bytes = keeping
        guard ftruncate(descriptor, off_t(keeping)) == 0, lseek(descriptor, 0, SEEK_END) == off_t(keeping) else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw .cannotWrite(path: path, reason: reason)
        }
        if keeping == 0 { try write("\u{FEFF}" + CSVText.row(ErrorFile.header) + "\n") }
    }

    deinit { close(descriptor) }

    /// Adds rows; they are on the disk when this returns. Throws: `ImportError.cannotWrite`.
    func add(_ refusals: [RowRefusal]) throws(ImportError) {
        guard !refusals.isEmpty else { return }
        var text = ""
        for refusal in refusals {
            let cells = [
                String(refusal.line), refusal.column, refusal.reason.rawValue, refusal.explanation, refusal.row,
            ]
            text += CSVText.row(cells) + "\n"
        }
        try write(text)
        guard fdatasync(descriptor) == 0 else {
            throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
    }

    private func write(_ text: String) throws(ImportError) {
        let content = Array(text.utf8)
        var written = 0
        while written < content.count {
            let count = content.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + written }, $0.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .cannotWrite(path: path, reason: String(cString: strerror(errno))) }
            written += count
        }
        bytes += Int64(written)
    }
}
