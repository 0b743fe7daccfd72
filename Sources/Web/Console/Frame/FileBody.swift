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
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { file.closeFile() }
            while let piece = try file.read(upToCount: pieceBytes), !piece.isEmpty {
                try await writer.write(ByteBuffer(bytes: piece))
            }
            try await writer.finish(nil)
        }
    }
}
