import Engine
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads the body of a collector's request within a limit, inflating it when it is gzip.
enum CollectBody {
    /// Bytes that could not be unpacked, for the quarantine.
    struct Unreadable: Error {
        var raw: [UInt8]
        var failure: CollectFailure
    }

    /// Throws: `CollectFailure` 413 beyond `limit` (as sent, or inflated), `Unreadable` for broken gzip.
    static func read(_ request: Request, limit: Int) async throws -> ByteBuffer {
        if let declared = request.headers[.contentLength].flatMap({ Int($0) }), declared > limit {
            throw tooLarge(limit)
        }
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: limit)
        } catch is NIOTooManyBytesError {
            throw tooLarge(limit)
        }
        guard isGzip(request, buffer) else { return buffer }
        return try inflated(buffer, limit: limit)
    }

    static func inflated(_ buffer: ByteBuffer, limit: Int) throws -> ByteBuffer {
        do {
            return ByteBuffer(bytes: try GzipInflater.inflate(buffer, limit: limit))
        } catch GzipInflater.Failure.tooLarge, GzipInflater.Failure.expands {
            throw tooLarge(limit)
        } catch {
            throw Unreadable(
                raw: Array(buffer.readableBytesView.prefix(EventLimits.rawBytes)),
                failure: CollectFailure(.badRequest, "bad_gzip", "The gzip body is damaged or cut off."))
        }
    }

    /// By the header, or by the magic number of RFC 1952, with which no text begins.
    private static func isGzip(_ request: Request, _ buffer: ByteBuffer) -> Bool {
        if request.headers[.contentEncoding]?.lowercased() == "gzip" { return buffer.readableBytes > 0 }
        return buffer.readableBytesView.starts(with: [0x1F, 0x8B])
    }

    static func tooLarge(_ limit: Int) -> CollectFailure {
        CollectFailure(.contentTooLarge, "too_large", "A request has at most \(limit) bytes, compressed or not.")
    }
}
