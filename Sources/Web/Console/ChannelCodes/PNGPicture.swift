import CZlib

/// A picture of black and white points as a PNG file.
///
/// Source: W3C, Portable Network Graphics (Third Edition), 5 (chunks), 9 (filters), 11 (their contents).
enum PNGPicture {
    struct Failure: Error, Equatable {
        let code: Int32
    }

    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    private static let bestCompression: Int32 = 9

    /// A square of `side` points, one bit each, that asks to be printed at `millimetres`. Throws: `Failure`.
    static func square(side: Int, millimetres: Int, isBlack: (_ row: Int, _ column: Int) -> Bool) throws -> [UInt8] {
        var lines: [UInt8] = []
        let lineBytes = (side + 7) / 8
        lines.reserveCapacity((lineBytes + 1) * side)
        for row in 0..<side {
            // Filter type 0: the line as it is; 1 is white.
            lines.append(0)
            for byte in 0..<lineBytes {
                var bits: UInt8 = 0
                for bit in 0..<8 {
                    let column = byte * 8 + bit
                    bits = bits << 1 | (column < side && isBlack(row, column) ? 0 : 1)
                }
                lines.append(bits)
            }
        }
        let (points, perMetre) = (number(side), number(side * 1_000 / max(1, millimetres)))
        // Depth 1, grey, nothing interlaced; then points per metre.
        let flags: [UInt8] = [1, 0, 0, 0, 0]
        let metre: [UInt8] = [1]
        var file = signature
        file += chunk("IHDR", points + points + flags)
        file += chunk("pHYs", perMetre + perMetre + metre)
        file += chunk("IDAT", try deflated(lines))
        file += chunk("IEND", [])
        return file
    }

    private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let checked = Array(type.utf8) + content
        let sum = crc32(0, checked, UInt32(checked.count))
        return number(content.count) + checked + number(Int(sum))
    }

    private static func deflated(_ bytes: [UInt8]) throws -> [UInt8] {
        var size = compressBound(UInt(bytes.count))
        var out = [UInt8](repeating: 0, count: Int(size))
        let code = compress2(&out, &size, bytes, UInt(bytes.count), bestCompression)
        guard code == Z_OK else { throw Failure(code: code) }
        return Array(out.prefix(Int(size)))
    }

    private static func number(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
