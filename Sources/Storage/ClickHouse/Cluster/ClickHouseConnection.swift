import CCurl
import Foundation

/// One HTTP connection to a ClickHouse server at a time, kept open between calls; used by the thread that made it.
final class ClickHouseConnection {
    /// A statement on its way: `parameters` are the database, settings and ids that ClickHouse takes from the URL.
    struct Request {
        var parameters: [(String, String)]
        var body: [UInt8]
        var seconds: Int
        /// Where the answer goes instead of memory.
        var file: FileHandle?
        /// Asked now and then: whether to give up.
        var isCancelled: (() -> Bool)?
    }

    /// The server could not be reached, or fell silent: `reached` tells whether it may have begun to work.
    struct TransportError: Error {
        var message: String
        var reached: Bool
    }

    private static let connectMilliseconds = 3000
    private static let keepAliveSeconds = 30
    /// An answer longer than this is refused; larger ones go to a file.
    private static let answerBytesMax = 1 << 30

    private let handle: OpaquePointer
    private let headers: UnsafeMutablePointer<curl_slist>?

    init(user: String, password: String) throws {
        guard let handle = Self.makeHandle() else { throw StorageError.unavailable(message: "libcurl did not start") }
        self.handle = handle
        var list: UnsafeMutablePointer<curl_slist>?
        for header in ["X-ClickHouse-User: \(user)", "X-ClickHouse-Key: \(password)", "Expect:"] where !header.isEmpty {
            list = curl_slist_append(list, header)
        }
        headers = list
    }

    func close() {
        curl_slist_free_all(headers)
        curl_easy_cleanup(UnsafeMutableRawPointer(handle))
    }

    /// Sends a request to `host` (`name:port`) and returns the answer's bytes.
    /// Throws: `ClickHouseError` from the server, `TransportError`, or `CancellationError`.
    func send(_ request: Request, to host: String) throws -> [UInt8] {
        let transfer = Transfer(request)
        let status = perform(request, transfer, "http://\(host)/?\(Self.encoded(request.parameters))")
        if let failure = transfer.failure { throw failure }
        if status == CURLE_ABORTED_BY_CALLBACK { throw CancellationError() }
        guard status == CURLE_OK else {
            let unreached = [CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST].contains(status)
            throw TransportError(
                message: "\(host): \(String(cString: curl_easy_strerror(status)))", reached: !unreached)
        }
        var code = 0
        ccurl_get_long(curl, CURLINFO_RESPONSE_CODE, &code)
        guard code == 200 else {
            throw ClickHouseError(parsing: String(decoding: transfer.errorBytes, as: UTF8.self))
        }
        return transfer.bytes
    }

    private var curl: UnsafeMutableRawPointer { UnsafeMutableRawPointer(handle) }

    private func perform(_ request: Request, _ transfer: Transfer, _ url: String) -> CURLcode {
        ccurl_set_text(curl, CURLOPT_URL, url)
        ccurl_set_list(curl, CURLOPT_HTTPHEADER, headers)
        ccurl_set_long(curl, CURLOPT_POST, 1)
        ccurl_set_size(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
        ccurl_set_long(curl, CURLOPT_TIMEOUT, request.seconds)
        ccurl_set_long(curl, CURLOPT_CONNECTTIMEOUT_MS, Self.connectMilliseconds)
        ccurl_set_long(curl, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(curl, CURLOPT_TCP_KEEPALIVE, 1)
        ccurl_set_long(curl, CURLOPT_MAXAGE_CONN, Self.keepAliveSeconds)
        ccurl_set_text(curl, CURLOPT_PROXY, "")
        ccurl_set_long(curl, CURLOPT_NOPROGRESS, 0)
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        ccurl_set_pointer(curl, CURLOPT_WRITEDATA, context)
        ccurl_set_pointer(curl, CURLOPT_XFERINFODATA, context)
        transfer.curl = curl
        ccurl_set_transfer(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        ccurl_set_progress(curl, CURLOPT_XFERINFOFUNCTION) { context, _, _, _, _ in
            guard let context else { return 0 }
            return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().isCancelled ? 1 : 0
        }
        return request.body.withUnsafeBytes { body in
            ccurl_set_pointer(curl, CURLOPT_POSTFIELDS, body.baseAddress)
            return curl_easy_perform(curl)
        }
    }

    private static func makeHandle() -> OpaquePointer? {
        curl_easy_init().map { OpaquePointer($0) }
    }

    private static func encoded(_ parameters: [(String, String)]) -> String {
        parameters.map { "\($0)=\($1.percentEncoded)" }.joined(separator: "&")
    }

    /// What one call has received.
    private final class Transfer {
        var bytes: [UInt8] = []
        var errorBytes: [UInt8] = []
        var failure: (any Error)?
        var curl: UnsafeMutableRawPointer?
        private let file: FileHandle?
        private let cancelled: (() -> Bool)?

        private static let errorBytesMax = 64 << 10

        init(_ request: Request) {
            file = request.file
            cancelled = request.isCancelled
        }

        var isCancelled: Bool { cancelled?() ?? false }

        /// Returns how much was taken: less than all stops the transfer.
        func receive(_ chunk: UnsafeRawBufferPointer) -> Int {
            var code = 0
            if let curl { ccurl_get_long(curl, CURLINFO_RESPONSE_CODE, &code) }
            if code != 200 {
                errorBytes.append(contentsOf: chunk.prefix(Self.errorBytesMax - errorBytes.count))
                return chunk.count
            }
            if let file {
                do { try file.write(contentsOf: Data(chunk)) } catch {
                    failure = StorageError.cannotWrite(message: "\(error)")
                    return 0
                }
            } else if bytes.count + chunk.count > ClickHouseConnection.answerBytesMax {
                failure = StorageError.statement(
                    code: "396", message: "the answer is larger than \(ClickHouseConnection.answerBytesMax) bytes",
                    sql: "")
                return 0
            } else {
                bytes.append(contentsOf: chunk)
            }
            return chunk.count
        }
    }
}

extension String {
    /// RFC 3986: everything but letters, digits, `-._~` as `%XX`.
    fileprivate var percentEncoded: String {
        let hex = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        out.reserveCapacity(utf8.count * 3)
        for byte in utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: out.append(byte)
            default: out += [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
