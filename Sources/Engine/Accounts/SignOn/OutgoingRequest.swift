import CCurl
import Foundation

/// One bounded HTTP request to another service, by libcurl: no redirects, no proxies of the environment, TLS verified.
struct OutgoingRequest: Sendable {
    var url: String
    /// Posted as a form when it is there.
    var form: [(name: String, value: String)]?
    /// User and password of HTTP Basic.
    var credentials: (user: String, password: String)?

    static let secondsMax = 10
    static let answerBytesMax = 512 * 1024

    struct Answer: Sendable, Equatable {
        var status: Int
        var bytes: [UInt8]
    }

    enum Failure: Error, Sendable, Equatable {
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

    /// Blocking calls have a thread of their own.
    private static let queue = DispatchQueue(label: "perennial.outgoing", attributes: .concurrent)

    private final class Body {
        var bytes: [UInt8] = []
        var isTooLarge = false
    }

    private func perform() throws -> Answer {
        guard let curl = curl_easy_init() else { throw Failure.unreachable("libcurl did not start") }
        defer { curl_easy_cleanup(curl) }
        ccurl_set_text(curl, CURLOPT_URL, url)
        ccurl_set_text(curl, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_long(curl, CURLOPT_FOLLOWLOCATION, 0)
        ccurl_set_long(curl, CURLOPT_TIMEOUT, Self.secondsMax)
        ccurl_set_long(curl, CURLOPT_NOSIGNAL, 1)
        ccurl_set_text(curl, CURLOPT_PROXY, "")
        ccurl_set_text(curl, CURLOPT_USERAGENT, "Perennial")
        if let credentials {
            ccurl_set_text(curl, CURLOPT_USERNAME, credentials.user)
            ccurl_set_text(curl, CURLOPT_PASSWORD, credentials.password)
        }
        let body = Body()
        ccurl_set_pointer(curl, CURLOPT_WRITEDATA, Unmanaged.passUnretained(body).toOpaque())
        ccurl_set_transfer(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            let body = Unmanaged<Body>.fromOpaque(context).takeUnretainedValue()
            guard body.bytes.count + size * count <= OutgoingRequest.answerBytesMax else {
                body.isTooLarge = true
                return 0
            }
            body.bytes.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: size * count))
            return size * count
        }
        let list = curl_slist_append(nil, "Accept: application/json")
        defer { curl_slist_free_all(list) }
        ccurl_set_list(curl, CURLOPT_HTTPHEADER, list)
        let encoded = form.map {
            $0.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
        }
        if let encoded {
            ccurl_set_long(curl, CURLOPT_POST, 1)
            ccurl_set_size(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(encoded.utf8.count))
            ccurl_set_text(curl, CURLOPT_COPYPOSTFIELDS, encoded)
        }
        let status = curl_easy_perform(curl)
        if body.isTooLarge { throw Failure.tooLarge }
        guard status == CURLE_OK else { throw Failure.unreachable(String(cString: curl_easy_strerror(status))) }
        var code = 0
        ccurl_get_long(curl, CURLINFO_RESPONSE_CODE, &code)
        return Answer(status: code, bytes: body.bytes)
    }

    static func encoded(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }
}
