import CZlib
import NIOCore

/// zlib's inflate for gzip (RFC 1952) and zlib (RFC 1950) with a bound on what comes out, piece by piece.
final class GzipInflater {
    enum Failure: Error, Equatable {
        /// Not gzip, or its checksum is wrong.
        case damaged
        /// The input ended inside the stream.
        case truncated
        /// More came out than allowed.
        case tooLarge
        /// So much comes out of so little that it is made to do harm.
        case expands
    }

    /// 15 bits of window, plus 32 to accept both wrappers: see zlib.h, inflateInit2.
    private static let windowBits: Int32 = 47
    private static let pieceBytes = 32 * 1024
    /// Beyond `freeBytes` at most this much comes out of a byte: real events give 10 to 50, a bomb up to 1,032.
    static let expansionMax = 200
    private static let freeBytes = 4 * 1024 * 1024

    private let stream: UnsafeMutablePointer<z_stream>
    private let limit: Int
    private var consumed = 0
    private var produced = 0
    private var isComplete = false

    init(limit: Int) throws {
        self.limit = limit
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard inflateInit2_(stream, Self.windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw Failure.damaged
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// A whole stream at once. Throws: `Failure`.
    static func inflate(_ input: ByteBuffer, limit: Int) throws -> [UInt8] {
        let inflater = try GzipInflater(limit: limit)
        var output: [UInt8] = []
        output.reserveCapacity(min(limit, input.readableBytes * 8))
        try inflater.inflate(input, into: &output)
        try inflater.finish()
        return output
    }

    /// Appends what these bytes inflate to. Throws: `Failure.damaged`, `.tooLarge`, `.expands`.
    func inflate(_ input: ByteBuffer, into output: inout [UInt8]) throws {
        var input = input
        consumed += input.readableBytes
        try input.readWithUnsafeMutableReadableBytes { bytes in
            stream.pointee.next_in = bytes.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_in = UInt32(bytes.count)
            try drain(into: &output)
            return bytes.count
        }
    }

    /// Throws: `Failure.truncated` when the stream did not come to its end.
    func finish() throws {
        guard isComplete else { throw Failure.truncated }
    }

    private func drain(into output: inout [UInt8]) throws {
        while stream.pointee.avail_in > 0 {
            if isComplete {
                // RFC 1952: several members one after another are one stream.
                guard inflateReset(stream) == Z_OK else { throw Failure.damaged }
                isComplete = false
            }
            try step(into: &output)
        }
    }

    private func step(into output: inout [UInt8]) throws {
        var code = Z_OK
        repeat {
            let before = output.count
            var room = 0
            output.append(contentsOf: repeatElement(0, count: Self.pieceBytes))
            output.withUnsafeMutableBufferPointer { buffer in
                stream.pointee.next_out = buffer.baseAddress.map { $0 + before }
                stream.pointee.avail_out = UInt32(Self.pieceBytes)
                code = CZlib.inflate(stream, Z_NO_FLUSH)
                room = Int(stream.pointee.avail_out)
            }
            output.removeLast(room)
            produced += output.count - before
            guard produced <= limit else { throw Failure.tooLarge }
            guard produced <= Self.freeBytes || produced / Self.expansionMax <= consumed else { throw Failure.expands }
            if code == Z_STREAM_END {
                isComplete = true
                return
            }
            guard code == Z_OK || code == Z_BUF_ERROR else { throw Failure.damaged }
        } while stream.pointee.avail_out == 0
    }
}
