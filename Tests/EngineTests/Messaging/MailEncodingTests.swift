import Testing

@testable import Engine

/// What goes over in runs against the same rules byte by byte.
@Suite("Mail as bytes, in runs")
struct MailEncodingTests {
    private static func texts(seed: UInt64, _ parts: [String]) -> [String] {
        var random = SeededGenerator(seed: seed)
        var texts = [""]
        for _ in 0..<3_000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...60, using: &random) { text += parts.randomElement(using: &random) ?? "" }
            texts.append(text)
        }
        return texts
    }

    @Test("quoted-printable is RFC 2045 §6.7 for every mix of runs, blanks, dots and line ends")
    func quotedPrintable() {
        let parts = [
            "a", "word", "a longer run of words", ".", "..", "=", " ", "  ", "\t", "\n", "\r\n", "\r", "\n.", " \n",
            "é", "茶叶", "\u{7f}", "\u{1}", "~", "!", "0123456789012345678901234567890123456789",
        ]
        for text in Self.texts(seed: 2_045, parts) {
            var made: [UInt8] = [1]
            MailMessage.quotedPrintable(text, into: &made)
            #expect(made == [1] + Self.quotedByteByByte(Array(text.utf8)), "\(text)")
        }
        for count in 70...80 {
            for end in ["", ".", " ", " \n", ".\n", "=", "\t\r\n", "\r"] {
                let text = String(repeating: "x", count: count) + end
                var made: [UInt8] = []
                MailMessage.quotedPrintable(text, into: &made)
                #expect(made == Self.quotedByteByByte(Array(text.utf8)), "\(text)")
            }
        }
    }

    private static func quotedByteByByte(_ bytes: [UInt8]) -> [UInt8] {
        let (feed, carriage, dot) = (UInt8(10), UInt8(13), UInt8(46))
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        var (length, place) = (0, 0)
        while place < bytes.count {
            let byte = bytes[place]
            let next = place + 1 < bytes.count ? bytes[place + 1] : feed
            place += 1
            if byte == feed || (byte == carriage && next == feed && place < bytes.count) {
                if byte == carriage { place += 1 }
                out += [carriage, feed]
                length = 0
                continue
            }
            let isEnd = next == feed || (next == carriage && place + 1 < bytes.count && bytes[place + 1] == feed)
            let isBlank = (byte == 32 || byte == 9) && !isEnd
            let isSign = byte > 32 && byte < 127 && byte != 61 && (byte != dot || length > 0)
            if length + (isBlank || isSign ? 1 : 3) > 75 {
                out += [61, carriage, feed]
                length = 0
            }
            if isBlank || isSign, !(byte == dot && length == 0) {
                out.append(byte)
                length += 1
            } else {
                out += [61, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                length += 3
            }
        }
        return out
    }

    @Test("a relaxed body is RFC 6376 §3.4.4 for every mix of blanks and line ends")
    func relaxedBody() {
        let parts = ["a", "two words", " ", "  ", "\t", "\r\n", "\r\n\r\n", "\r", "\n", " \r\n", "\t \r", "=20", "."]
        for text in Self.texts(seed: 6_376, parts) {
            let body = Array(text.utf8)
            #expect(DKIMSignature.relaxed(body: body) == Self.relaxedByteByByte(body), "\(text)")
        }
    }

    private static func relaxedByteByByte(_ body: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var (isBlank, lineEnds, place) = (false, 0, 0)
        while place < body.count {
            let byte = body[place]
            place += 1
            if byte == 32 || byte == 9 {
                isBlank = true
            } else if byte == 13, place < body.count, body[place] == 10 {
                place += 1
                isBlank = false
                lineEnds += 1
            } else {
                for _ in 0..<lineEnds { out += [13, 10] }
                if isBlank { out.append(32) }
                (isBlank, lineEnds) = (false, 0)
                out.append(byte)
            }
        }
        return out.isEmpty ? out : out + [13, 10]
    }

    @Test("short subjects stay in one line, long ones break at blanks, what looks encoded is encoded")
    func subjects() {
        #expect(MailMessage.encoded("Spring tea is in") == "Spring tea is in" && MailMessage.encoded("") == "")
        let edge = String(repeating: "a", count: 63) + " b c"
        #expect(MailMessage.encoded(edge) == edge)
        #expect(MailMessage.encoded(edge + "  d") == edge + " \r\n d")
        #expect(MailMessage.encoded("=?x").hasPrefix("=?UTF-8?B?") && MailMessage.encoded("a = ?") == "a = ?")
    }
}
