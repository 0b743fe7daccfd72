import Foundation

/// A file in Native format, read through a memory map.
struct NativeFile {
    private let data: Data

    init(path: String) throws {
        data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    }

    /// Rows of all blocks. Throws: `StorageError` when the file broke off.
    func countRows() throws -> Int {
        var rows = 0
        try eachBlock { _, count in rows += count }
        return rows
    }

    /// Calls `body` with the bytes and rows of each block.
    func eachBlock(_ body: (UnsafeRawBufferPointer, Int) throws -> Void) throws {
        try data.withUnsafeBytes { bytes in
            var reader = NativeReader(bytes)
            var start = 0
            while let rows = try reader.skipBlock() {
                try body(UnsafeRawBufferPointer(rebasing: bytes[start..<reader.offset]), rows)
                start = reader.offset
            }
        }
    }

    /// The bytes of consecutive blocks, gathered into portions of about `bytes` each.
    func portions(bytes limit: Int) throws -> [Range<Int>] {
        var portions: [Range<Int>] = []
        var position = 0
        try eachBlock { block, _ in
            if let last = portions.last, last.count + block.count <= limit {
                portions[portions.count - 1] = last.lowerBound..<last.upperBound + block.count
            } else {
                portions.append(position..<position + block.count)
            }
            position += block.count
        }
        return portions
    }

    func bytes(_ range: Range<Int>) -> [UInt8] {
        Array(data[range])
    }
}
