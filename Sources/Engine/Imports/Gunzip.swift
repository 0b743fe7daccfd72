import CZlib

/// Decompresses a gzip stream (RFC 1952, several members allowed) in bounded memory, with a limit on its growth.
final class Gunzip {
    private let file: RawFile
    private let stream: UnsafeMutablePointer<z_stream>
    private let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: ImportLimits.chunkBytes)
    private var memberIsOpen = true
    private var isExhausted = false
    private(set) var produced: Int64 = 0

    init(file: RawFile) throws(ImportError) {
        self.file = file
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let gzipOnly: Int32 = 15 + 16
        guard inflateInit2_(stream, gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .cannotRead(reason: "zlib did not start")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        input.deallocate()
    }

    /// Fills the start of `target`; returns how many bytes, 0 at the end.
    ///
    /// Throws: `ImportError.truncatedGzip`, `.corruptGzip`, `.decompressionBomb`.
    func read(into target: UnsafeMutableBufferPointer<UInt8>) throws(ImportError) -> Int {
        stream.pointee.next_out = target.baseAddress
        stream.pointee.avail_out = UInt32(target.count)
        while Int(stream.pointee.avail_out) == target.count {
            if stream.pointee.avail_in == 0, try !refill() { break }
            if !memberIsOpen {
                guard inflateReset(stream) == Z_OK else { throw .corruptGzip(afterBytes: produced) }
                memberIsOpen = true
            }
            let status = inflate(stream, Z_NO_FLUSH)
            switch status {
            case Z_OK, Z_BUF_ERROR: break
            case Z_STREAM_END: memberIsOpen = false
            default: throw .corruptGzip(afterBytes: produced)
            }
        }
        let count = target.count - Int(stream.pointee.avail_out)
        produced += Int64(count)
        try checkGrowth()
        return count
    }

    /// Reads the next compressed bytes; false at the end of a whole stream.
    private func refill() throws(ImportError) -> Bool {
        guard !isExhausted else { return false }
        let count = try file.read(into: input)
        guard count > 0 else {
            isExhausted = true
            guard !memberIsOpen else { throw .truncatedGzip(afterBytes: produced) }
            return false
        }
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = UInt32(count)
        return true
    }

    private func checkGrowth() throws(ImportError) {
        let isAbsurd =
            produced > ImportLimits.decompressionGraceBytes
            && produced / max(file.offset, 1) > ImportLimits.decompressionRatio
        guard !isAbsurd, produced <= ImportLimits.decompressedBytes else {
            throw .decompressionBomb(afterBytes: produced)
        }
    }
}
