import Foundation

/// Where a mailbox is, and who asks.
package struct IMAPServer: Sendable, Hashable {
    package var host: String
    package var port: Int
    package var security: SMTPServer.Security
    package var user: String
    package var password: String
    package var folder: String

    /// The server itself, without a folder (RFC 5092).
    var url: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return "\(security == .tls ? "imaps" : "imap")://\(host):\(port)/"
    }

    /// The folder. With a `validity`, libcurl refuses one whose UIDs mean other letters by now.
    func url(validity: Int64?) -> String {
        let folder = OutgoingRequest.encoded(folder)
        return url + folder + (validity.map { ";UIDVALIDITY=\($0)" } ?? "")
    }

    /// The first bytes of a letter.
    func url(validity: Int64?, uid: Int64, bytes: Int) -> String {
        url(validity: validity) + "/;UID=\(uid)/;PARTIAL=0.\(bytes)"
    }
}

/// Why nothing could be read.
enum IMAPError: Error, Sendable, Equatable {
    /// libcurl's words.
    case unreachable(String)
    /// The server's words: it does not know the user, or the folder cannot be opened.
    case notLetIn(String)
    case refused(String)
    /// A letter that nobody has any more.
    case gone

    var words: String {
        switch self {
        case .unreachable(let words), .notLetIn(let words), .refused(let words): words
        case .gone: "The letter is gone"
        }
    }
}

/// Reads what a server says (RFC 9051 §7), as far as it is wanted.
enum IMAPLines {
    /// A number in brackets: `* OK [UIDNEXT 4] Predicted next UID`.
    static func number(_ name: String, in lines: [String]) -> Int64? {
        for line in lines.reversed() {
            guard let start = line.range(of: "[\(name) ") else { continue }
            return Int64(line[start.upperBound...].prefix { $0.isASCII && $0.isNumber })
        }
        return nil
    }

    /// How many letters there are: `* 3 EXISTS`.
    static func letters(in lines: [String]) -> Int64? {
        for line in lines.reversed() {
            let words = line.split { $0.isWhitespace }
            if words.count == 3, words[0] == "*", words[2] == "EXISTS" { return Int64(words[1]) }
        }
        return nil
    }

    /// What a search found: `* SEARCH 2 84 882`; in order, each once.
    static func found(in text: String) -> [Int64] {
        let lines = text.split(whereSeparator: \.isNewline).map { $0.split(separator: " ") }
        let found = lines.filter { $0.count > 1 && $0[0] == "*" && $0[1] == "SEARCH" }
            .flatMap { $0.dropFirst(2).compactMap { Int64($0) } }
        return Set(found).sorted()
    }

    /// The last refusal without its tag: `NO [AUTHENTICATIONFAILED] Authentication failed.`; nil: there is none.
    static func refusal(in lines: [String]) -> String? {
        for line in lines.reversed() {
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0] != "*", words[1].hasPrefix("NO ") || words[1].hasPrefix("BAD ") else {
                continue
            }
            return Whitespace.trim(String(words[1]))
        }
        return nil
    }
}
