/// What a picture's first bytes say of it: its kind and how large it is. Nothing is decoded.
package struct PictureFile: Sendable, Equatable {
    package var mediaType: String
    package var width: Int
    package var height: Int

    /// Nil for anything but a PNG, JPEG or WebP picture whose size can be read.
    package init?(_ bytes: [UInt8]) {
        guard let found = Self.png(bytes) ?? Self.jpeg(bytes) ?? Self.webp(bytes), found.width > 0, found.height > 0
        else { return nil }
        self = found
    }

    init(_ mediaType: String, _ width: Int, _ height: Int) {
        self.mediaType = mediaType
        self.width = width
        self.height = height
    }

    /// Source: W3C, Portable Network Graphics (Third Edition), 5.2 and 11.2.1.
    private static func png(_ bytes: [UInt8]) -> PictureFile? {
        guard bytes.count > 24, bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) else { return nil }
        return PictureFile("image/png", big(bytes, 16, 4), big(bytes, 20, 4))
    }

    /// Source: ITU-T T.81, B.2.2: the size stands in the first frame header (SOF).
    private static func jpeg(_ bytes: [UInt8]) -> PictureFile? {
        guard bytes.starts(with: [0xFF, 0xD8, 0xFF]) else { return nil }
        var place = 2
        while place + 9 < bytes.count, bytes[place] == 0xFF {
            let marker = bytes[place + 1]
            if marker == 0xFF {
                place += 1
                continue
            }
            let isFrame = (0xC0...0xCF).contains(marker) && ![0xC4, 0xC8, 0xCC].contains(marker)
            if isFrame { return PictureFile("image/jpeg", big(bytes, place + 7, 2), big(bytes, place + 5, 2)) }
            let length = big(bytes, place + 2, 2)
            guard length >= 2 else { return nil }
            place += 2 + length
        }
        return nil
    }

    /// Source: RFC 9649, 2.5 to 2.7.
    private static func webp(_ bytes: [UInt8]) -> PictureFile? {
        guard bytes.count > 30, bytes.starts(with: Array("RIFF".utf8)), Array(bytes[8..<12]) == Array("WEBP".utf8)
        else { return nil }
        switch String(decoding: bytes[12..<16], as: UTF8.self) {
        case "VP8X":
            return PictureFile("image/webp", little(bytes, 24, 3) + 1, little(bytes, 27, 3) + 1)
        case "VP8L":
            guard bytes[20] == 0x2F else { return nil }
            let bits = little(bytes, 21, 4)
            return PictureFile("image/webp", (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1)
        case "VP8 ":
            guard bytes[23] == 0x9D, bytes[24] == 0x01, bytes[25] == 0x2A else { return nil }
            return PictureFile("image/webp", little(bytes, 26, 2) & 0x3FFF, little(bytes, 28, 2) & 0x3FFF)
        default: return nil
        }
    }

    private static func big(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
        bytes[place..<place + count].reduce(0) { $0 << 8 | Int($1) }
    }

    private static func little(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
        bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
