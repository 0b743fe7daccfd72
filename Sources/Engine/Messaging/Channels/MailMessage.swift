import Foundation

/// One letter as the bytes that go out: RFC 5322 with MIME (RFC 2045–2047), 7-bit throughout.
struct MailMessage {
    struct Mailbox: Equatable {
        var name: String
        var address: String
    }

    var id: String
    var from: Mailbox
    var to: String
    var replyTo: String
    var letter: EmailLetter
    var date: Timestamp
    /// Where a program unsubscribes with one POST (RFC 8058); empty: a letter that cannot be left.
    var unsubscribeURL: String
    var boundary: String

    /// Its bytes, signed by each key in turn. Throws: `EmailError.badKey`.
    func bytes(signedBy signatures: [DKIMSignature]) throws -> [UInt8] {
        var fields: [(name: String, value: String)] = [
            ("From", Self.text(from)), ("To", to), ("Subject", Self.encoded(letter.subject)),
            ("Date", Self.date(date)), ("Message-ID", "<\(id)>"), ("MIME-Version", "1.0"),
            ("Content-Type", "multipart/alternative; boundary=\"\(boundary)\""),
        ]
        if !replyTo.isEmpty { fields.append(("Reply-To", replyTo)) }
        if !unsubscribeURL.isEmpty {
            fields.append(("List-Unsubscribe", "<\(unsubscribeURL)>"))
            fields.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
        }
        var body: [UInt8] = []
        body.reserveCapacity((letter.text.utf8.count + letter.html.utf8.count) * 5 / 4 + 1_000)
        append("text/plain", letter.text, to: &body)
        append("text/html", letter.html, to: &body)
        body += "--\(boundary)--\r\n".utf8
        var head = ""
        if !signatures.isEmpty {
            let hash = DKIMSignature.bodyHash(body)
            for signature in signatures { head += try signature.header(fields, bodyHash: hash) }
        }
        for field in fields { head += "\(field.name): \(field.value)\r\n" }
        return Array((head + "\r\n").utf8) + body
    }

    private func append(_ type: String, _ text: String, to body: inout [UInt8]) {
        body +=
            "--\(boundary)\r\nContent-Type: \(type); charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            .utf8
        Self.quotedPrintable(text, into: &body)
        body += "\r\n".utf8
    }

    static func text(_ mailbox: Mailbox) -> String {
        if mailbox.name.isEmpty { return mailbox.address }
        let isPlain = mailbox.name.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }
        let name =
            isPlain
            ? "\"\(mailbox.name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"" : encoded(mailbox.name)
        return "\(name) <\(mailbox.address)>"
    }

    private static let wordBytes = 42

    /// RFC 2047 §2: words of at most 75 characters that no character is cut by.
    static func encoded(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && text.utf8.count < 900 && !text.contains("=?")
        if isPlain { return folded(text) }
        var words: [String] = []
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            let more = Array(String(Character(scalar)).utf8)
            if bytes.count + more.count > wordBytes {
                words.append("=?UTF-8?B?\(Data(bytes).base64EncodedString())?=")
                bytes = []
            }
            bytes += more
        }
        if !bytes.isEmpty { words.append("=?UTF-8?B?\(Data(bytes).base64EncodedString())?=") }
        return words.joined(separator: "\r\n ")
    }

    /// Lines of at most 78 characters where there are blanks to break at (RFC 5322 §2.1.1).
    private static func folded(_ text: String) -> String {
        var out = ""
        var length = 9
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if !out.isEmpty, length + word.count > 77 {
                out += "\r\n "
                length = 1
            } else if length > 9 || !out.isEmpty {
                out += " "
                length += 1
            }
            out += word
            length += word.count
        }
        return out
    }

    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    static func date(_ moment: Timestamp) -> String {
        let weekday = weekdays[Int(LocalCalendar.utc.weekday(of: moment)) - 1]
        return weekday + ", " + LiquidDates.text(moment, "%-d %b %Y %H:%M:%S", .utc) + " +0000"
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
    private static let lineCharacters = 76

    /// RFC 2045 §6.7, with line ends as CRLF.
    private static func quotedPrintable(_ text: String, into out: inout [UInt8]) {
        let bytes = Array(text.utf8)
        let (feed, carriage, dot) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "."))
        var length = 0
        var place = 0
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
            // A blank that ends a line gets lost on the way; a dot that begins one is SMTP's.
            let isBlank = (byte == 0x20 || byte == 0x09) && !isEnd
            let isSign = byte > 0x20 && byte < 0x7F && byte != 0x3D && (byte != dot || length > 0)
            if length + (isBlank || isSign ? 1 : 3) > lineCharacters - 1 {
                out += [UInt8(ascii: "="), carriage, feed]
                length = 0
            }
            if isBlank || isSign, !(byte == dot && length == 0) {
                out.append(byte)
                length += 1
            } else {
                out += [UInt8(ascii: "="), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                length += 3
            }
        }
    }
}
