import Foundation
import Hummingbird
import NIOCore

/// A file as the body of an answer, read piece by piece.
enum FileBody {
    private static let pieceBytes = 64 * 1024

    /// Throws: `PageFailure.notFound` when the file is gone.
    static func reading(_ path: String) throws -> ResponseBody {
        guard FileManager.default.isReadableFile(atPath: path) else { throw PageFailure.notFound }
        return ResponseBody { writer in
            try await send(try FileHandle(forReadingFrom: URL(fileURLWithPath: path)), to: &writer)
        }
    }

    /// A file that is deleted at once; its bytes live for as long as they are sent.
    static func readingOnce(_ path: String) throws -> ResponseBody {
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        try FileManager.default.removeItem(atPath: path)
        return ResponseBody { writer in try await send(file, to: &writer) }
    }

    private static func send(_ file: FileHandle, to writer: inout any ResponseBodyWriter) async throws {
        defer { file.closeFile() }
        while let piece = try file.read(upToCount: pieceBytes), !piece.isEmpty {
            try await writer.write(ByteBuffer(bytes: piece))
        }
        try await writer.finish(nil)
    }
}
