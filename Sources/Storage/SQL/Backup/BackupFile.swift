import Foundation

/// Writes one file of a backup in large pieces, counting and hashing what goes by.
final class BackupFileWriter {
    private static let bufferBytesMax = 1_000_000

    private let path: String
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var hash = StableHash()

    init(path: String) throws {
        self.path = path
        let isMade = FileManager.default.createFile(
            atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        guard isMade, let handle = FileHandle(forWritingAtPath: path) else {
            throw BackupError.file(path: path, message: "the file cannot be made")
        }
        self.handle = handle
    }

    func write(_ row: SQLRow) throws {
        BackupLine.append(row, to: &buffer)
        if buffer.count >= Self.bufferBytesMax { try flush() }
    }

    /// Forces everything to the disk and returns the checksum.
    func finish() throws -> String {
        try flush()
        try reporting {
            try handle.synchronize()
            try handle.close()
        }
        return hash.text
    }

    private func flush() throws {
        hash.add(buffer)
        try reporting { try handle.write(contentsOf: buffer) }
        buffer.removeAll(keepingCapacity: true)
    }

    private func reporting(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch {
            throw BackupError.file(path: path, message: error.localizedDescription)
        }
    }
}

/// Reads a file of a backup line by line.
struct BackupFileReader {
    private static let pieceBytes = 1_000_000

    let path: String

    /// Hands every line, without its newline and with its number from 1, to `body`. Returns the checksum.
    func forEachLine(_ body: (ArraySlice<UInt8>, Int) throws -> Void) throws -> String {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw BackupError.file(path: path, message: "the file cannot be read")
        }
        defer { handle.closeFile() }
        var hash = StableHash()
        var pending: [UInt8] = []
        var number = 0
        while let piece = try handle.read(upToCount: Self.pieceBytes), !piece.isEmpty {
            hash.add(piece)
            pending.append(contentsOf: piece)
            var start = pending.startIndex
            while let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
                number += 1
                try body(pending[start..<end], number)
                start = end + 1
            }
            pending.removeFirst(start)
        }
        guard pending.isEmpty else {
            throw BackupError.damaged(file: path, line: number + 1, reason: "the line is cut off")
        }
        return hash.text
    }
}
