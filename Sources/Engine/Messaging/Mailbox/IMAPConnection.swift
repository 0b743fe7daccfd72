import CCurl
import Dispatch
import Foundation

/// One connection to a mailbox, for one look into it (RFC 9051, RFC 3501), by libcurl.
///
/// A refusal ends the connection, and libcurl makes another for what is asked next; the folder's UIDVALIDITY goes along
/// with every request, so that a UID is never taken for another letter.
///
/// `@unchecked Sendable`: the handle and the validity are touched on `queue` alone, which is serial.
final class IMAPConnection: @unchecked Sendable {
    struct Folder: Sendable, Equatable {
        /// 0: the server does not say.
        var validity: Int64
        /// The UID that the next letter will have; nil: the server does not say.
        var next: Int64?
        var letters: Int64
    }

    private let queue = DispatchQueue(label: "perennial.imap")
    private let server: IMAPServer
    private var handle: UnsafeMutableRawPointer?
    private var validity: Int64?

    private static let connectSeconds = 15
    private static let answerSeconds = 60
    /// What libcurl reads of one line: a search's answer is one.
    private static let lineBytes = 65_536
    private static let linesMax = 200
    private static let lineCharacters = 1_000
    /// More than was asked for: somebody's server goes on and on.
    private static let bytesMax = EmailLimits.reportBytes + 100_000
    /// The largest UID (RFC 9051 §2.3.1.1).
    private static let uidMax: Int64 = 4_294_967_295

    init(_ server: IMAPServer) {
        self.server = server
    }

    deinit {
        if let handle { curl_easy_cleanup(handle) }
    }

    // MARK: What is asked

    /// Signs in and opens the folder. Throws: `IMAPError`.
    func open() async throws -> Folder {
        try await run { try $0.openFolder() }
    }

    /// UIDs of letters within a span, both ends included; without an end up to the last letter. In order.
    /// Throws: `IMAPError`.
    func search(from first: Int64, to last: Int64?) async throws -> [Int64] {
        let range = "\(first):\(last.map { String(min($0, Self.uidMax)) } ?? "*")"
        let text = try await run { connection in
            String(decoding: try connection.ask("UID SEARCH UID \(range)").bytes, as: UTF8.self)
        }
        // Of `9:*` the last letter is always one, also when its UID is below.
        return IMAPLines.found(in: text).filter { $0 >= first }
    }

    /// A letter as it is, at most `EmailLimits.reportBytes` of it. Throws: `IMAPError`; `.gone` when nobody has it.
    func letter(_ uid: Int64) async throws -> [UInt8] {
        try await run { connection in
            let url = connection.server.url(
                validity: connection.validity, uid: uid, bytes: EmailLimits.reportBytes)
            let answer = connection.perform(url, nil)
            // Nothing said no, and there is no letter.
            if answer.status == CURLE_REMOTE_FILE_NOT_FOUND, IMAPLines.refusal(in: answer.lines) == nil {
                throw IMAPError.gone
            }
            return try answer.checked().bytes
        }
    }

    /// Deletes letters for good; those that are gone already are passed over. Throws: `IMAPError`.
    func delete(_ uids: [Int64]) async throws {
        let set = uids.map(String.init).joined(separator: ",")
        try await run { connection in
            _ = try connection.ask("UID STORE \(set) +FLAGS.SILENT (\\Deleted)")
            do {
                // Only these (RFC 4315); where that is not known, all that are marked.
                _ = try connection.ask("UID EXPUNGE \(set)")
            } catch IMAPError.refused {
                _ = try connection.ask("EXPUNGE")
            }
        }
    }

    // MARK: How it is asked

    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (IMAPConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body(self) }) }
        }
    }

    private func openFolder() throws -> Folder {
        // Who asks (RFC 2971): some servers open no folder to programs without a name. Others do not know the word.
        let greeting = perform(server.url, "ID (\"name\" \"perennial\")")
        if greeting.status != CURLE_QUOTE_ERROR { _ = try greeting.checked() }
        let opened = try perform(server.url(validity: nil), "NOOP").checked()
        validity = IMAPLines.number("UIDVALIDITY", in: opened.lines)
        return Folder(
            validity: validity ?? 0, next: IMAPLines.number("UIDNEXT", in: opened.lines),
            letters: IMAPLines.letters(in: opened.lines) ?? 0)
    }

    private func ask(_ request: String) throws -> Answer {
        try perform(server.url(validity: validity), request).checked()
    }

    private struct Answer {
        var status: CURLcode
        var lines: [String]
        var bytes: [UInt8]

        /// Throws: `IMAPError`.
        func checked() throws -> Answer {
            let words = IMAPLines.refusal(in: lines)
            switch status {
            case CURLE_OK: return self
            case CURLE_LOGIN_DENIED: throw IMAPError.notLetIn(words ?? String(cString: curl_easy_strerror(status)))
            case CURLE_QUOTE_ERROR, CURLE_REMOTE_FILE_NOT_FOUND:
                throw IMAPError.refused(words ?? String(cString: curl_easy_strerror(status)))
            default: throw IMAPError.unreachable(String(cString: curl_easy_strerror(status)))
            }
        }
    }

    private final class Exchange {
        var lines: [String] = []
        var bytes: [UInt8] = []

        func take(line: UnsafeRawBufferPointer) {
            if lines.count == IMAPConnection.linesMax { lines.removeFirst() }
            lines.append(String(decoding: line.prefix(IMAPConnection.lineCharacters), as: UTF8.self))
        }

        /// Returns false when it is too much.
        func take(bytes more: UnsafeRawBufferPointer) -> Bool {
            guard bytes.count + more.count <= IMAPConnection.bytesMax else { return false }
            bytes.append(contentsOf: more)
            return true
        }
    }

    /// `request` nil: the letter that the address names.
    private func perform(_ url: String, _ request: String?) -> Answer {
        guard let curl = handle ?? curl_easy_init() else {
            return Answer(status: CURLE_FAILED_INIT, lines: [], bytes: [])
        }
        handle = curl
        // Forgets the options of the request before, not its connection.
        curl_easy_reset(curl)
        let exchange = Exchange()
        setUp(curl, url)
        if let request { ccurl_set_text(curl, CURLOPT_CUSTOMREQUEST, request) }
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        ccurl_set_pointer(curl, CURLOPT_WRITEDATA, context)
        ccurl_set_transfer(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
            return exchange.take(bytes: UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        ccurl_set_pointer(curl, CURLOPT_HEADERDATA, context)
        ccurl_set_transfer(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
                .take(line: UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
        }
        let status = withExtendedLifetime(exchange) { curl_easy_perform(curl) }
        return Answer(status: status, lines: exchange.lines, bytes: exchange.bytes)
    }

    private func setUp(_ curl: UnsafeMutableRawPointer, _ url: String) {
        ccurl_set_text(curl, CURLOPT_URL, url)
        ccurl_set_text(curl, CURLOPT_PROTOCOLS_STR, "imap,imaps")
        ccurl_set_text(curl, CURLOPT_PROXY, "")
        ccurl_set_trust(curl)
        ccurl_set_long(curl, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(curl, CURLOPT_BUFFERSIZE, Self.lineBytes)
        ccurl_set_long(curl, CURLOPT_CONNECTTIMEOUT, Self.connectSeconds)
        ccurl_set_long(curl, CURLOPT_TIMEOUT, Self.answerSeconds)
        ccurl_set_long(curl, CURLOPT_USE_SSL, server.security == .starttls ? Int(CURLUSESSL_ALL.rawValue) : 0)
        ccurl_set_text(curl, CURLOPT_USERNAME, server.user)
        ccurl_set_text(curl, CURLOPT_PASSWORD, server.password)
    }
}
