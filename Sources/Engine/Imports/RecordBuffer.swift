/// A buffer that always holds one whole record of a file: it moves what is left to its front and reads on.
final class RecordBuffer {
    private let source: ImportSource
    private(set) var bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: ImportLimits.chunkBytes * 2)
    private(set) var start = 0
    private(set) var end = 0
    private(set) var isAtEnd = false

    init(source: ImportSource) {
        self.source = source
    }

    deinit { bytes.deallocate() }

    /// Bytes that have been read and not been consumed.
    var count: Int { end - start }

    func view(_ from: Int, _ to: Int) -> ByteView {
        ByteView(rebasing: UnsafeBufferPointer(bytes)[from..<to])
    }

    func consume(to position: Int) {
        start = position
    }

    /// Reads more behind what is there; false when the file has ended or the record is over its limit.
    func readMore() throws(ImportError) -> Bool {
        guard !isAtEnd, count <= ImportLimits.recordBytes else { return false }
        makeRoom()
        let room = UnsafeMutableBufferPointer(rebasing: bytes[end...])
        let read = try source.read(into: room)
        if read == 0 { isAtEnd = true }
        end += read
        return read > 0
    }

    private func makeRoom() {
        if start > 0 {
            let left = UnsafeMutableBufferPointer(rebasing: bytes[start..<end])
            _ = bytes.update(fromContentsOf: left)
            end -= start
            start = 0
        }
        guard bytes.count - end < ImportLimits.chunkBytes / 2 else { return }
        let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count * 2)
        _ = larger.update(fromContentsOf: bytes[..<end])
        bytes.deallocate()
        bytes = larger
    }
}

/// What a reader found next.
enum RecordStep {
    /// A record; its cells can be read until the next step.
    case record
    case refused(RowRefusal)
    case end
}
