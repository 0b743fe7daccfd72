import CCurl
import Dispatch
import Foundation

/// One letter in its envelope.
package struct MailEnvelope: Sendable {
    package var from: String
    package var to: String
    package var bytes: [UInt8]
    /// A letter that is not begun by then is not begun at all.
    package var end: ContinuousClock.Instant?

    package init(from: String, to: String, bytes: [UInt8]) {
        self.from = from
        self.to = to
        self.bytes = bytes
    }
}

/// What the other side said of one letter.
package struct MailAnswer: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case accepted
        /// With a reply of 400 or more.
        case refused
        /// Before the letter was theirs: it can be sent again.
        case unreachable
        /// Not begun: its turn came too late.
        case untried
        /// All of it had left and no reply came: nobody knows.
        case unknown
    }

    package var kind: Kind
    package var code: Int
    /// `550 5.1.1 no such user`, or libcurl's words.
    package var text: String

    package init(_ kind: Kind, code: Int = 0, text: String = "") {
        self.kind = kind
        self.code = code
        self.text = text
    }
}

/// Hands letters over one after the other. Never throws: every letter has an answer.
package typealias MailTransport = @Sendable ([MailEnvelope], SMTPServer) async -> [MailAnswer]

/// Where letters are handed over.
package struct SMTPServer: Sendable, Hashable {
    package enum Security: String, Sendable, Codable, CaseIterable {
        /// TLS after STARTTLS, or nothing is sent.
        case starttls
        /// TLS from the first byte.
        case tls
        case none
    }

    package var host: String
    package var port: Int
    package var security: Security
    package var user: String
    package var password: String
    /// Who we say we are.
    package var name: String

    var url: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return "\(security == .tls ? "smtps" : "smtp")://\(host):\(port)/\(name)"
    }
}

/// One connection to a server, kept open from letter to letter (RFC 5321).
///
/// `@unchecked Sendable`: the handle is touched on `queue` alone, which is serial.
final class SMTPConnection: @unchecked Sendable {
    private let queue = DispatchQueue(label: "perennial.smtp")
    private var handle: UnsafeMutableRawPointer?
    private var server: SMTPServer?

    static let connectSeconds = 15
    static let answerSeconds = 60
    static let letterSeconds = 180

    deinit {
        if let handle { curl_easy_cleanup(handle) }
    }

    func send(_ letters: [MailEnvelope], to server: SMTPServer) async -> [MailAnswer] {
        await withCheckedContinuation { continuation in
            queue.async {
                continuation.resume(returning: letters.map { self.send($0, to: server) })
            }
        }
    }

    private final class Exchange {
        let bytes: [UInt8]
        var place = 0
        var isDone = false
        var lines: [String] = []

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        func give(_ room: UnsafeMutableRawBufferPointer) -> Int {
            let count = min(room.count, bytes.count - place)
            bytes.withUnsafeBytes {
                room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[place..<(place + count)]))
            }
            place += count
            // libcurl knows the length and may not ask again.
            isDone = place == bytes.count
            return count
        }
    }

    private func send(_ letter: MailEnvelope, to server: SMTPServer) -> MailAnswer {
        if let end = letter.end, ContinuousClock.now > end { return MailAnswer(.untried) }
        if self.server != server, let handle {
            curl_easy_cleanup(handle)
            self.handle = nil
        }
        guard let curl = handle ?? curl_easy_init() else {
            return MailAnswer(.unreachable, text: "libcurl did not start")
        }
        handle = curl
        self.server = server
        let exchange = Exchange(letter.bytes)
        let recipients = curl_slist_append(nil, "<\(letter.to)>")
        defer { curl_slist_free_all(recipients) }
        setUp(curl, server)
        ccurl_set_text(curl, CURLOPT_MAIL_FROM, "<\(letter.from)>")
        ccurl_set_list(curl, CURLOPT_MAIL_RCPT, recipients)
        ccurl_set_size(curl, CURLOPT_INFILESIZE_LARGE, curl_off_t(letter.bytes.count))
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        ccurl_set_pointer(curl, CURLOPT_READDATA, context)
        ccurl_set_transfer(curl, CURLOPT_READFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
                .give(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
        }
        ccurl_set_pointer(curl, CURLOPT_HEADERDATA, context)
        ccurl_set_transfer(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            let line = String(
                decoding: UnsafeRawBufferPointer(start: bytes, count: size * count).prefix(1_000), as: UTF8.self)
            let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
            if exchange.lines.count < 200 { exchange.lines.append(line) }
            return size * count
        }
        let status = withExtendedLifetime(exchange) { curl_easy_perform(curl) }
        return answer(curl, status, exchange)
    }

    private func setUp(_ curl: UnsafeMutableRawPointer, _ server: SMTPServer) {
        ccurl_set_text(curl, CURLOPT_URL, server.url)
        ccurl_set_text(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        ccurl_set_text(curl, CURLOPT_PROXY, "")
        ccurl_set_trust(curl)
        ccurl_set_long(curl, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(curl, CURLOPT_UPLOAD, 1)
        ccurl_set_long(curl, CURLOPT_CONNECTTIMEOUT, Self.connectSeconds)
        ccurl_set_long(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, Self.answerSeconds)
        ccurl_set_long(curl, CURLOPT_TIMEOUT, Self.letterSeconds)
        ccurl_set_long(curl, CURLOPT_USE_SSL, server.security == .starttls ? Int(CURLUSESSL_ALL.rawValue) : 0)
        if !server.user.isEmpty {
            ccurl_set_text(curl, CURLOPT_USERNAME, server.user)
            ccurl_set_text(curl, CURLOPT_PASSWORD, server.password)
        }
    }

    private func answer(
        _ curl: UnsafeMutableRawPointer, _ status: CURLcode, _ exchange: Exchange
    ) -> MailAnswer {
        var code = 0
        ccurl_get_long(curl, CURLINFO_RESPONSE_CODE, &code)
        let spoken = exchange.lines.last { $0.hasPrefix(String(code)) }
        let line = spoken.map(Whitespace.trim) ?? ""
        if status == CURLE_OK { return MailAnswer(.accepted, code: code, text: line) }
        let words = String(cString: curl_easy_strerror(status))
        // A reply of 400 or more is an answer, whenever it came.
        if code >= 400, spoken != nil { return MailAnswer(.refused, code: code, text: line) }
        if exchange.isDone { return MailAnswer(.unknown, text: words) }
        return MailAnswer(.unreachable, text: words)
    }
}

/// Connections that letters are dealt out to.
package final class SMTPPool: Sendable {
    private let connections: [SMTPConnection]

    package init(connections: Int = EmailLimits.connections) {
        self.connections = (0..<connections).map { _ in SMTPConnection() }
    }

    package func send(_ letters: [MailEnvelope], to server: SMTPServer) async -> [MailAnswer] {
        let parts = connections.count
        return await withTaskGroup(of: (Int, [MailAnswer]).self) { group in
            for (number, connection) in connections.enumerated() {
                let share = stride(from: number, to: letters.count, by: parts).map { letters[$0] }
                if share.isEmpty { continue }
                group.addTask { (number, await connection.send(share, to: server)) }
            }
            var answers = letters.map { _ in MailAnswer(.unreachable) }
            for await (number, share) in group {
                for (place, answer) in share.enumerated() { answers[number + place * parts] = answer }
            }
            return answers
        }
    }
}
