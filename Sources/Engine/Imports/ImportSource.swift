/// The text of a file as UTF-8 without its byte order mark, whatever its compression and encoding.
final class ImportSource {
    let encoding: TextEncoding
    let isCompressed: Bool
    private let file: RawFile
    private let gunzip: Gunzip?
    private let transcoder: Transcoder?
    /// Bytes read for detection or left by the transcoder, before those still in the file.
    private var pending: [UInt8]
    private var pendingStart = 0
    private var isAtEnd = false

    /// Opens a file, looks at its start, and is then ready to read it from the beginning.
    ///
    /// `encoding` overrules detection. Throws: `ImportError`.
    init(path: String, encoding: TextEncoding? = nil) throws(ImportError) {
        let probe = try RawFile(path: path)
        var magic: [UInt8] = [0, 0]
        let magicCount = try ImportSource.fill(&magic) { buffer throws(ImportError) in try probe.read(into: buffer) }
        file = try RawFile(path: path)
        isCompressed = magicCount == 2 && magic == [0x1F, 0x8B]
        gunzip = isCompressed ? try Gunzip(file: file) : nil
        let (file, gunzip) = (file, gunzip)
        var sample = [UInt8](repeating: 0, count: ImportLimits.sampleBytes)
        let sampleCount = try ImportSource.fill(&sample) { buffer throws(ImportError) in
            if let gunzip { return try gunzip.read(into: buffer) }
            return try file.read(into: buffer)
        }
        sample.removeLast(sample.count - sampleCount)
        isAtEnd = sampleCount < ImportLimits.sampleBytes
        let chosen: TextEncoding
        if let encoding { chosen = encoding } else { chosen = try TextEncoding.detect(sample, isWhole: isAtEnd) }
        if sample.starts(with: chosen.byteOrderMark) { sample.removeFirst(chosen.byteOrderMark.count) }
        self.encoding = chosen
        transcoder = chosen == .utf8 ? nil : try Transcoder(from: chosen)
        pending = sample
    }

    /// Size of the file as it lies on the disk, and how much of it has been read.
    var fileBytes: Int64 { file.size }
    var fileBytesRead: Int64 { file.offset }

    /// Fills the start of `target`; returns how many bytes, 0 at the end. Throws: `ImportError`.
    func read(into target: UnsafeMutableBufferPointer<UInt8>) throws(ImportError) -> Int {
        guard let transcoder else { return try readBytes(into: target) }
        while true {
            if pending.count - pendingStart < ImportLimits.chunkBytes / 4 { try topUp() }
            guard pendingStart < pending.count else { return 0 }
            let result = pending.withUnsafeBufferPointer { bytes in
                transcoder.convert(bytes.part(pendingStart, bytes.count), into: target, isLast: isAtEnd)
            }
            pendingStart += result.used
            if result.produced > 0 { return result.produced }
            if result.used == 0, isAtEnd { return 0 }
        }
    }

    private func topUp() throws(ImportError) {
        guard !isAtEnd else { return }
        pending.removeFirst(pendingStart)
        pendingStart = 0
        var chunk = [UInt8](repeating: 0, count: ImportLimits.chunkBytes)
        let count = try ImportSource.fill(&chunk) { buffer throws(ImportError) in try self.readStored(into: buffer) }
        isAtEnd = count < chunk.count
        pending += chunk[..<count]
    }

    private func readBytes(into target: UnsafeMutableBufferPointer<UInt8>) throws(ImportError) -> Int {
        guard pendingStart < pending.count else {
            return isAtEnd ? 0 : try readStored(into: target)
        }
        let count = min(target.count, pending.count - pendingStart)
        pending.withUnsafeBufferPointer { bytes in
            _ = target.update(fromContentsOf: bytes.part(pendingStart, pendingStart + count))
        }
        pendingStart += count
        if pendingStart == pending.count {
            pending = []
            pendingStart = 0
        }
        return count
    }

    private func readStored(into target: UnsafeMutableBufferPointer<UInt8>) throws(ImportError) -> Int {
        if let gunzip { return try gunzip.read(into: target) }
        return try file.read(into: target)
    }

    /// Reads until the array is full or the source ends.
    private static func fill(
        _ bytes: inout [UInt8],
        from read: (UnsafeMutableBufferPointer<UInt8>) throws(ImportError) -> Int
    ) throws(ImportError) -> Int {
        var filled = 0
        while filled < bytes.count {
            let count = try bytes.withUnsafeMutableBufferPointer { buffer throws(ImportError) in
                try read(UnsafeMutableBufferPointer(rebasing: buffer[filled...]))
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}
