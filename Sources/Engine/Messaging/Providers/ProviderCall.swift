/// One HTTP request to a provider, byte for byte as it leaves: what is signed is what is sent.
package struct ProviderCall: Sendable, Equatable {
    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var method: String
    package var url: String
    package var headers: [Header]
    package var body: [UInt8]

    package init(_ method: String = "POST", _ url: String, headers: [Header] = [], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// With a JSON body.
    package init(_ method: String = "POST", _ url: String, headers: [Header] = [], json: JSONValue) {
        self.init(
            method, url, headers: headers + [Header("Content-Type", "application/json; charset=utf-8")],
            body: json.utf8Text())
    }
}

/// What came of a request.
package enum ProviderAnswer: Sendable, Equatable {
    /// Header names are lower-case.
    case answered(status: Int, headers: [String: String] = [:], bytes: [UInt8])
    /// Nothing of it left: it can be sent again.
    case unreachable(String)
    /// It had left and no whole answer came: nobody knows whether it was heard.
    case unknown(String)

    /// The body as JSON; nil when there is none.
    package var json: JSONValue? {
        guard case .answered(_, _, let bytes) = self else { return nil }
        do { return try JSONValue(parsing: bytes) } catch { return nil }
    }

    package var status: Int {
        guard case .answered(let status, _, _) = self else { return 0 }
        return status
    }

    /// What it says, shortened: for people to read.
    package var words: String {
        switch self {
        case .answered(let status, _, let bytes):
            "\(status) " + String(decoding: bytes.prefix(300), as: UTF8.self).replacing("\0", with: "")
        case .unreachable(let words), .unknown(let words): words
        }
    }

    /// What to say of it to whoever asked by hand: refused in the provider's words, or nobody answered.
    package var refusal: ProviderError {
        if case .answered = self { .refused(code: "", words) } else { .unreachable(words) }
    }

    /// What it means where the provider says nothing that its own table knows.
    ///
    /// 429 and 503 promise that nothing was done. Any other answer that cannot be read (a gateway that gave up waiting, a
    /// page of a proxy, garbage) may stand before a message that left: *unknown*, never sent again by itself.
    package func outcome() -> MessageOutcome {
        switch self {
        case .unreachable(let words): return .retry(reason: MessageOutcome.unreachableReason, detail: words)
        case .unknown(let words): return .unknown(detail: words)
        case .answered(let status, let headers, _):
            switch status {
            case 429, 503:
                return .retry(
                    reason: "deferred", detail: words, after: headers["retry-after"].flatMap(Self.milliseconds))
            case 401, 403: return .closed(reason: "not_let_in", detail: words, .account)
            case 400..<500: return .bounced(reason: "refused", detail: words, suppresses: false)
            default: return .unknown(detail: words)
            }
        }
    }

    private static let waitSecondsMax: Int64 = 24 * 3_600

    /// `Retry-After` in seconds (RFC 9110 §10.2.3); a date is left to the usual waits.
    package static func milliseconds(_ retryAfter: String) -> Int64? {
        Int64(Whitespace.trim(retryAfter)).map { max(1, min($0, waitSecondsMax)) * 1_000 }
    }
}

/// Sends one request and waits for the answer. Never throws.
package typealias ProviderTransport = @Sendable (ProviderCall) async -> ProviderAnswer

extension OutgoingAddress {
    /// What `Host` says: with the port where it is not the usual one.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isEncrypted ? 443 : 80) ? name : "\(name):\(port)"
    }
}

extension Timestamp {
    /// `2026-11-22T17:01:47Z`.
    package var wholeSecondISO8601: String { String(iso8601.prefix(19)) + "Z" }
}
