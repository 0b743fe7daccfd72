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
        var out: [UInt8] = []
        out.reserveCapacity(body.count + Self.headBytes)
        if !signatures.isEmpty {
            let head = DKIMSignature.Head(fields)
            let hash = DKIMSignature.bodyHash(body)
            for signature in signatures { out += try signature.header(head, bodyHash: hash).utf8 }
        }
        for field in fields { out += "\(field.name): \(field.value)\r\n".utf8 }
        out += "\r\n".utf8
        out += body
        return out
    }

    /// What a head with two signatures comes to.
    private static let headBytes = 3_000

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
        let isPlain =
            text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && text.utf8.count < 900 && !looksEncoded(text)
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

    private static func looksEncoded(_ text: String) -> Bool {
        zip(text.utf8, text.utf8.dropFirst()).contains { $0 == UInt8(ascii: "=") && $1 == UInt8(ascii: "?") }
    }

    /// Lines of at most 78 characters where there are blanks to break at (RFC 5322 §2.1.1).
    private static func folded(_ text: String) -> String {
        if text.utf8.count <= 68, text.utf8.first != 0x20 { return text }
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
    /// Of 76 characters, one is left for the sign that a line goes on.
    private static let lineCharacters = 75

    /// RFC 2045 §6.7, with line ends as CRLF. What stands as it is goes over in runs.
    static func quotedPrintable(_ text: String, into out: inout [UInt8]) {
        var text = text
        text.withUTF8 { quotedPrintable($0, into: &out) }
    }

    private static func quotedPrintable(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout [UInt8]) {
        let (feed, carriage, dot) = (UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "."))
        func endsLine(_ place: Int) -> Bool {
            if place == bytes.count || bytes[place] == feed { return true }
            return bytes[place] == carriage && place + 1 < bytes.count && bytes[place + 1] == feed
        }
        var (length, place) = (0, 0)
        while place < bytes.count {
            let start = place
            let end = min(bytes.count, start + lineCharacters - length)
            // A dot that begins a line is SMTP's.
            if length > 0 || bytes[start] != dot {
                while place < end, isLiteral(bytes[place]) { place += 1 }
            }
            // A blank that ends a line gets lost on the way.
            if place > start, isBlank(bytes[place - 1]), endsLine(place) { place -= 1 }
            out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<place]))
            length += place - start
            guard place < bytes.count else { break }
            // One byte that is no part of a run, or has no room in this line.
            let byte = bytes[place]
            if endsLine(place) {
                out.append(carriage)
                out.append(feed)
                length = 0
                place += byte == feed ? 1 : 2
                continue
            }
            var isQuoted =
                !isLiteral(byte) || (byte == dot && length == 0) || (isBlank(byte) && endsLine(place + 1))
            if length + (isQuoted ? 3 : 1) > lineCharacters {
                out.append(UInt8(ascii: "="))
                out.append(carriage)
                out.append(feed)
                length = 0
                isQuoted = isQuoted || byte == dot
            }
            if isQuoted {
                out.append(UInt8(ascii: "="))
                out.append(digits[Int(byte >> 4)])
                out.append(digits[Int(byte & 15)])
            } else {
                out.append(byte)
            }
            length += isQuoted ? 3 : 1
            place += 1
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func isLiteral(_ byte: UInt8) -> Bool {
        (byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "=")) || byte == 0x09
    }
}
