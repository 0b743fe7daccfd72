import CCurl
import Dispatch
import Foundation
import Synchronization

/// HTTP to providers over connections that are kept open from request to request: TLS verified, no redirects, no proxies
/// of the environment, and only to addresses that are allowed.
package final class ProviderClient: Sendable {
    private let lanes: [ProviderLane]
    /// How many requests each lane has.
    private let pending: Mutex<[Int]>

    /// Requests that are under way at once.
    package static let lanesAtOnce = 16

    package init(allowPrivate: Bool, lanes: Int = ProviderClient.lanesAtOnce) {
        self.lanes = (0..<lanes).map { _ in ProviderLane(allowPrivate: allowPrivate) }
        pending = Mutex(Array(repeating: 0, count: lanes))
    }

    package func send(_ call: ProviderCall) async -> ProviderAnswer {
        // The first of those that have the least to do: where little is sent, few connections carry it and stay open.
        let number = pending.withLock { pending -> Int in
            let number = pending.indices.min { pending[$0] < pending[$1] } ?? 0
            pending[number] += 1
            return number
        }
        let answer = await lanes[number].send(call)
        pending.withLock { $0[number] -= 1 }
        return answer
    }

    /// `allowPrivate`: also this machine and its network, and plain HTTP there.
    package static func transport(allowPrivate: Bool) -> ProviderTransport {
        let client = ProviderClient(allowPrivate: allowPrivate)
        return { await client.send($0) }
    }
}

/// One connection after another.
///
/// `@unchecked Sendable`: the handle is touched on `queue` alone, which is serial.
private final class ProviderLane: @unchecked Sendable {
    private let queue = DispatchQueue(label: "perennial.provider")
    private let allowPrivate: Bool
    private var handle: UnsafeMutableRawPointer?

    private static let connectSeconds = 10
    private static let answerSeconds = 20
    /// A connection that nothing went over for so long is not used again: the other side may be about to end it.
    private static let idleSeconds = 10
    /// Several providers go over one lane; libcurl keeps five connections unless told.
    private static let connectionsMax = 16
    private static let answerBytesMax = 4 * 1024 * 1024

    init(allowPrivate: Bool) {
        self.allowPrivate = allowPrivate
    }

    deinit {
        if let handle { curl_easy_cleanup(handle) }
    }

    func send(_ call: ProviderCall) async -> ProviderAnswer {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.perform(call)) }
        }
    }

    private final class Exchange {
        var bytes: [UInt8] = []
        var headers: [String: String] = [:]
        var writes = 0

        func take(_ more: UnsafeRawBufferPointer, most: Int) -> Int {
            guard bytes.count + more.count <= most else { return 0 }
            bytes.append(contentsOf: more)
            return more.count
        }

        func take(header line: String) {
            guard let colon = line.firstIndex(of: ":"), headers.count < 100 else { return }
            headers[line[..<colon].lowercased()] = Whitespace.trim(String(line[line.index(after: colon)...]))
        }
    }

    private func perform(_ call: ProviderCall) -> ProviderAnswer {
        guard let address = OutgoingAddress(call.url) else { return .unreachable("the address cannot be read") }
        guard call.headers.allSatisfy({ !"\($0.name)\($0.value)".contains(where: \.isNewline) }) else {
            return .unreachable("a header has a line end")
        }
        let numbers: [String]
        do {
            numbers = try address.resolved(allowPrivate: allowPrivate)
        } catch {
            return .unreachable(NetworkFault.words(of: error))
        }
        guard let curl = handle ?? curl_easy_init() else { return .unreachable("libcurl did not start") }
        handle = curl
        // Forgets the options of the request before, not its connection.
        curl_easy_reset(curl)
        let exchange = Exchange()
        var list = curl_slist_append(nil, "Expect:")
        for header in call.headers { list = curl_slist_append(list, "\(header.name): \(header.value)") }
        if !call.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            list = curl_slist_append(list, "Content-Type:")
        }
        defer { curl_slist_free_all(list) }
        ccurl_set_list(curl, CURLOPT_HTTPHEADER, list)
        var pins: UnsafeMutablePointer<curl_slist>?
        if !address.host.contains(":") {
            let all = numbers.map { $0.contains(":") ? "[\($0)]" : $0 }.joined(separator: ",")
            pins = curl_slist_append(nil, "\(address.host):\(address.port):\(all)")
            ccurl_set_list(curl, CURLOPT_RESOLVE, pins)
        }
        defer { curl_slist_free_all(pins) }
        setUp(curl, call, exchange)
        let status = withExtendedLifetime(exchange) { curl_easy_perform(curl) }
        return answer(curl, status, exchange)
    }

    private func setUp(_ curl: UnsafeMutableRawPointer, _ call: ProviderCall, _ exchange: Exchange) {
        ccurl_set_text(curl, CURLOPT_URL, call.url)
        ccurl_set_text(curl, CURLOPT_PROTOCOLS_STR, "http,https")
        ccurl_set_text(curl, CURLOPT_CUSTOMREQUEST, call.method)
        ccurl_set_long(curl, CURLOPT_FOLLOWLOCATION, 0)
        ccurl_set_long(curl, CURLOPT_NOSIGNAL, 1)
        ccurl_set_long(curl, CURLOPT_CONNECTTIMEOUT, Self.connectSeconds)
        ccurl_set_long(curl, CURLOPT_TIMEOUT, Self.connectSeconds + Self.answerSeconds)
        ccurl_set_text(curl, CURLOPT_PROXY, "")
        ccurl_set_text(curl, CURLOPT_USERAGENT, "Perennial")
        ccurl_set_long(curl, CURLOPT_MAXAGE_CONN, Self.idleSeconds)
        ccurl_set_long(curl, CURLOPT_MAXCONNECTS, Self.connectionsMax)
        if call.method != "GET" {
            ccurl_set_size(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(call.body.count))
            _ = (call.body + [0]).withUnsafeBytes { ccurl_set_pointer(curl, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
        }
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        // Libcurl writes a request anew by itself when a connection that it kept ends without an answer. Whether the first
        // one was heard nobody knows: once is all.
        ccurl_set_ready(
            curl,
            { context, _, _, _, _ in
                guard let context else { return CURL_PREREQFUNC_ABORT }
                let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
                exchange.writes += 1
                return exchange.writes == 1 ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            }, context)
        ccurl_set_pointer(curl, CURLOPT_WRITEDATA, context)
        ccurl_set_transfer(curl, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            return Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
                .take(UnsafeRawBufferPointer(start: bytes, count: size * count), most: ProviderLane.answerBytesMax)
        }
        ccurl_set_pointer(curl, CURLOPT_HEADERDATA, context)
        ccurl_set_transfer(curl, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
            guard let context, let bytes else { return 0 }
            let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
            Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
                .take(header: String(decoding: line.prefix(4_000), as: UTF8.self))
            return size * count
        }
    }

    private func answer(
        _ curl: UnsafeMutableRawPointer, _ status: CURLcode, _ exchange: Exchange
    ) -> ProviderAnswer {
        if status == CURLE_OK {
            var code = 0
            ccurl_get_long(curl, CURLINFO_RESPONSE_CODE, &code)
            return .answered(status: code, headers: exchange.headers, bytes: exchange.bytes)
        }
        // Before a request is about to be written nobody can have heard it.
        let words = String(cString: curl_easy_strerror(status))
        // A second writing of the request was stopped here: what libcurl says of that is not what happened.
        if exchange.writes > 1 { return .unknown(NetworkFault.noAnswerWords) }
        return exchange.writes > 0 ? .unknown(words) : .unreachable(words)
    }
}
