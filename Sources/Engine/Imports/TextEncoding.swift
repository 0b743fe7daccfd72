/// How the characters of a file are written.
package enum TextEncoding: String, Sendable, Codable, CaseIterable {
    case utf8 = "utf-8"
    /// The Chinese national standard; also reads GBK and GB 2312, of which it is a superset.
    case gb18030
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    case big5
    case windows1252 = "windows-1252"

    /// Accepts the usual spellings: `UTF8`, `gbk`, `gb2312`, `utf-16`, `latin1`, …
    package init?(named name: String) {
        switch name.lowercased().replacing("_", with: "-") {
        case "utf-8", "utf8", "ascii": self = .utf8
        case "gb18030", "gbk", "gb2312", "cp936": self = .gb18030
        case "utf-16", "utf-16le", "utf16", "utf16le": self = .utf16LittleEndian
        case "utf-16be", "utf16be": self = .utf16BigEndian
        case "big5", "cp950": self = .big5
        case "windows-1252", "cp1252", "latin1", "iso-8859-1": self = .windows1252
        default: return nil
        }
    }

    /// The name that iconv knows.
    var iconvName: String {
        switch self {
        case .utf8: "UTF-8"
        case .gb18030: "GB18030"
        case .utf16LittleEndian: "UTF-16LE"
        case .utf16BigEndian: "UTF-16BE"
        case .big5: "BIG5-HKSCS"
        case .windows1252: "WINDOWS-1252"
        }
    }

    /// The bytes that some programs put before the text.
    var byteOrderMark: [UInt8] {
        switch self {
        case .utf8: [0xEF, 0xBB, 0xBF]
        case .utf16LittleEndian: [0xFF, 0xFE]
        case .utf16BigEndian: [0xFE, 0xFF]
        case .gb18030: [0x84, 0x31, 0x95, 0x33]
        case .big5, .windows1252: []
        }
    }
}

extension TextEncoding {
    /// Finds the encoding of a sample from the start of a file: by its mark, by the shape of UTF-16, then UTF-8
    /// against GB18030 line by line.
    ///
    /// Throws: `ImportError.notText` for binary content, `.unknownEncoding` when neither fits.
    static func detect(_ sample: [UInt8], isWhole: Bool) throws(ImportError) -> TextEncoding {
        for encoding in [TextEncoding.utf8, .utf16LittleEndian, .utf16BigEndian, .gb18030]
        where sample.starts(with: encoding.byteOrderMark) {
            return encoding
        }
        if let wide = wideEncoding(sample) { return wide }
        let controls = sample.count { $0 < 0x20 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D && $0 != 0x0C }
        guard controls * 20 <= sample.count else {
            throw .notText(reason: "\(controls) control bytes in the first \(sample.count)")
        }
        let lines = highLines(sample, isWhole: isWhole)
        if lines.invalid == 0 { return .utf8 }
        if lines.valid <= lines.invalid, Transcoder.accepts(sample, as: .gb18030) { return .gb18030 }
        if lines.valid > lines.invalid { return .utf8 }
        throw .unknownEncoding(invalidBytesAtOffset: lines.firstInvalid)
    }

    /// UTF-16 without a mark: ASCII text has a zero in every other byte.
    private static func wideEncoding(_ sample: [UInt8]) -> TextEncoding? {
        guard sample.count >= 8 else { return nil }
        var zeros = [0, 0]
        for (index, byte) in sample.enumerated() where byte == 0 { zeros[index & 1] += 1 }
        let half = sample.count / 2
        if zeros[1] * 10 > half * 4, zeros[0] * 20 < half { return .utf16LittleEndian }
        if zeros[0] * 10 > half * 4, zeros[1] * 20 < half { return .utf16BigEndian }
        return nil
    }

    private static func highLines(
        _ sample: [UInt8], isWhole: Bool
    ) -> (valid: Int, invalid: Int, firstInvalid: Int) {
        var valid = 0
        var invalid = 0
        var firstInvalid = 0
        sample.withUnsafeBufferPointer { bytes in
            var start = 0
            while start < bytes.count {
                var end = start
                while end < bytes.count, bytes[end] != ASCII.lineFeed { end += 1 }
                let isCut = end == bytes.count && !isWhole
                let line = bytes.part(start, end)
                if line.hasHighBytes, !isCut || start == 0 {
                    // A cut line may end inside a character.
                    let fault = line.firstInvalidUTF8.flatMap { isCut && $0 >= line.count - 3 ? nil : $0 }
                    if let fault {
                        if invalid == 0 { firstInvalid = start + fault }
                        invalid += 1
                    } else {
                        valid += 1
                    }
                }
                start = end + 1
            }
        }
        return (valid, invalid, firstInvalid)
    }
}
