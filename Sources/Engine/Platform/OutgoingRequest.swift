import CCurl
import Foundation

/// One bounded HTTP request to another service, by libcurl: no redirects, no proxies of the environment, TLS verified.
package struct OutgoingRequest: Sendable {
    var url: String
    /// Posted as a form when it is there.
    var form: [(name: String, value: String)]?
    /// User and password of HTTP Basic.
    var credentials: (user: String, password: String)?
    /// Posted as JSON when it is there.
    var json: String?
    var headers: [(name: String, value: String)] = []
    /// The numeric addresses that the host stands for, in place of looking it up: `host:port:address,…`.
    var pin: String?
    var seconds = OutgoingRequest.secondsMax
    /// Of a longer answer only the beginning is taken; nil: it is refused beyond `answerBytesMax`.
    var keptBytes: Int?

    static let secondsMax = 10
    static let answerBytesMax = 512 * 1024

    package struct Answer: Sendable, Equatable {
        package var status: Int
        package var bytes: [UInt8]

        package init(status: Int, bytes: [UInt8] = []) {
            self.status = status
            self.bytes = bytes
        }
    }

    package enum Failure: Error, Sendable, Equatable {
        /// In the words of libcurl.
        case unreachable(String)
        case tooLarge
    }

    /// Throws: `Failure`.
    @Sendable static func send(_ request: OutgoingRequest) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try request.perform() }) }
        }
    }

    /// As `send`, to an address that another system gave us: judged, and pinned to what was judged.
    /// Throws: `Failure`, `OutgoingAddress.Refusal`.
    static func send(
        _ request: OutgoingRequest, to address: OutgoingAddress, allowPrivate: Bool
    ) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            queue.async {
                continuation.resume(
                    with: Result {
                        var request = request
                        let numbers = try address.resolved(allowPrivate: allowPrivate)
                        let isName = !address.host.contains(":")
                        if isName {
                            let list = numbers.map { $0.contains(":") ? "[\($0)]" : $0 }.joined(separator: ",")
                            request.pin = "\(address.host):\(address.port):\(list)"
                        }
                        return try request.perform()
                    })
            }
        }
    }

    /// Blocking calls have a thread of their own.
    private static let queue = DispatchQueue(label: "perennial.outgoing", attributes: .concurrent)

    private final class Body {
        var bytes: [UInt8] = []
        var isTooLarge = false
        let bytesMax: Int

        init(bytesMax: Int) { self.bytesMax = bytesMax }

        /// Returns how many were taken; fewer than came end the transfer.
        func take(_ more: UnsafeRawBufferPointer) -> Int {
            let room = bytesMax - bytes.count
            isTooLarge = more.count > room
            bytes.append(contentsOf: more.prefix(room))
            return min(more.count, room)
        }
    }

    private func perform() throws -> Answer {
        guard let curl = curl_easy_init() else { throw Failure.unreachable("libcurl did not start") }
        defer { curl_easy_cleanup(curl) }
        ccurl_set_text(curl, CURLOPT_URL, url)
        ccurl_set_text(curl, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_long(curl, CURLOPT_FOLLOWLOCATION, 0)
        ccurl_set_long(curl, CURLOPT_TIMEOUT, seconds)
        ccurl_set_long(curl, CURLOPT_NOSIGNAL, 1)
        ccurl_set_text(curl, CURLOPT_PROXY, "")
        ccurl_set_text(curl, CURLOPT_USERAGENT, "Perennial")
        ccurl_set_trust(curl)
        if let credentials {
            ccurl_set_text(curl, CURLOPT_USERNAME, credentials.user)
            ccurl_set_text(curl, CURLOPT_PASSWORD, credentials.password)
        }
        let body = Body(bytesMax: keptBytes ?? Self.answerBytesMax)
        ccurl_set_pointer(curl, CURLOPT_WRITEDATA, Unmanaged.passUnretained(body).toOpaque())
        ccurl_set_transfer(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            return Unmanaged<Body>.fromOpaque(context).takeUnretainedValue()
                .take(UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        var list = curl_slist_append(nil, "Accept: application/json")
        for header in headers { list = curl_slist_append(list, "\(header.name): \(header.value)") }
        if json != nil { list = curl_slist_append(list, "Content-Type: application/json") }
        defer { curl_slist_free_all(list) }
        ccurl_set_list(curl, CURLOPT_HTTPHEADER, list)
        let pins = pin.map { curl_slist_append(nil, $0) }
        defer { pins.map { curl_slist_free_all($0) } }
        if let pins { ccurl_set_list(curl, CURLOPT_RESOLVE, pins) }
        let encoded = form.map {
            $0.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
        }
        if let content = json ?? encoded {
            ccurl_set_long(curl, CURLOPT_POST, 1)
            ccurl_set_size(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(content.utf8.count))
            ccurl_set_text(curl, CURLOPT_COPYPOSTFIELDS, content)
        }
        let status = curl_easy_perform(curl)
        if body.isTooLarge, keptBytes == nil { throw Failure.tooLarge }
        guard status == CURLE_OK || body.isTooLarge else {
            throw Failure.unreachable(String(cString: curl_easy_strerror(status)))
        }
        var code = 0
        ccurl_get_long(curl, CURLINFO_RESPONSE_CODE, &code)
        return Answer(status: code, bytes: body.bytes)
    }

    static func encoded(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }
}
