import HTTPTypes
import Hummingbird
import NIOCore

/// Passes a body on gzipped, piece by piece.
struct GzipBodyWriter: ResponseBodyWriter {
    private var inner: any ResponseBodyWriter
    private let deflater: GzipDeflater

    init(_ inner: any ResponseBodyWriter) throws {
        self.inner = inner
        deflater = try GzipDeflater()
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        let compressed = try deflater.deflate(buffer, finish: false)
        if compressed.readableBytes > 0 { try await inner.write(compressed) }
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {
        let rest = try deflater.deflate(ByteBuffer(), finish: true)
        if rest.readableBytes > 0 { try await inner.write(rest) }
        try await inner.finish(trailingHeaders)
    }
}
