import CCurl

/// What went wrong between two machines. Its words are kept as libcurl or we wrote them; pages tell them apart by this,
/// to say them in the reader's language.
package enum NetworkFault: String, Sendable, CaseIterable {
    case unknownHost = "unknown_host"
    case notConnected = "not_connected"
    case timedOut = "timed_out"
    case certificate
    case tls
    case loginDenied = "login_denied"
    case noAnswer = "no_answer"
    case brokenOff = "broken_off"
    case strangeAnswer = "strange_answer"
    case privateAddress = "private_address"
    case notEncrypted = "not_encrypted"

    static let noAnswerWords = "the connection ended without an answer"
    private static let privateWords = " is a private address"
    private static let unknownWords = " is not known"
    private static let plainWords = "only https is spoken"

    /// Nil: the words are somebody else's, or of a fault that is none of these.
    package init?(words: String) {
        if let known = Self.byWords[words] {
            self = known
        } else if words.hasSuffix(Self.privateWords), !words.dropLast(Self.privateWords.count).contains(" ") {
            self = .privateAddress
        } else if words.hasSuffix(Self.unknownWords), !words.dropLast(Self.unknownWords.count).contains(" ") {
            self = .unknownHost
        } else {
            return nil
        }
    }

    /// What is kept of an error of `OutgoingRequest` or `OutgoingAddress`.
    static func words(of error: any Error) -> String {
        switch error {
        case OutgoingAddress.Refusal.privateAddress(let address): address + privateWords
        case OutgoingAddress.Refusal.unknownHost(let host): host + unknownWords
        case OutgoingAddress.Refusal.plain: plainWords
        case OutgoingRequest.Failure.unreachable(let words): words
        default: String("\(error)".prefix(200))
        }
    }

    private static let byWords: [String: NetworkFault] = {
        var all = [noAnswerWords: NetworkFault.noAnswer, plainWords: .notEncrypted]
        for fault in allCases {
            for code in fault.codes { all[String(cString: curl_easy_strerror(code))] = fault }
        }
        return all
    }()

    private var codes: [CURLcode] {
        switch self {
        case .unknownHost: [CURLE_COULDNT_RESOLVE_HOST]
        case .notConnected: [CURLE_COULDNT_CONNECT]
        case .timedOut: [CURLE_OPERATION_TIMEDOUT]
        case .certificate:
            [
                CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS,
                CURLE_SSL_CACERT_BADFILE,
            ]
        case .tls: [CURLE_SSL_CONNECT_ERROR, CURLE_USE_SSL_FAILED]
        case .loginDenied: [CURLE_LOGIN_DENIED]
        case .noAnswer: [CURLE_GOT_NOTHING]
        case .brokenOff: [CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE]
        case .strangeAnswer: [CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2, CURLE_HTTP2_STREAM]
        case .privateAddress, .notEncrypted: []
        }
    }
}
