import Storage

/// Calls of the APIs of WeChat and WeCom, with the token that they ask for.
///
/// A token is asked for once for all messages that wait for it. One that is refused (40001, 40014, 42001) is replaced once
/// and the call made again: nothing was done the first time. What tells nothing is the frame's to judge.
struct WeChatAPI: Sendable {
    let line: ProviderLine
    let tokens: TokenCache
    /// Whose token it is, apart from all others.
    let account: String
    /// The call that asks for a token; by force where the provider would hand out the old one.
    let tokenCall: @Sendable (_ byForce: Bool) -> ProviderCall
    let faults: [ProviderFault]

    enum Answer: Sendable {
        case good(JSONValue)
        /// By an `errcode`.
        case refused(code: Int64, words: String)
        /// Nothing that can be read.
        case unclear(ProviderAnswer)
        /// There is no token: the call itself never left.
        case noToken(TokenCache.Refusal)
    }

    private static let staleCodes: Set<Int64> = [40_001, 40_014, 42_001]
    private static let attempts = 2
    /// Tokens are renewed so long before they end.
    private static let marginSeconds: Int64 = 300

    /// One call; `query` without the token.
    func call(
        _ path: String, method: String = "POST", query: [(name: String, value: String)] = [], json: JSONValue? = nil
    ) async -> Answer {
        var stale: String?
        for attempt in 1...Self.attempts {
            let token: String
            do {
                token = try await tokens.token(of: account, at: line.now, stale: stale) { await fetch(byForce: $0) }
            } catch let refusal as TokenCache.Refusal {
                return .noToken(refusal)
            } catch {
                let words = String("\(error)".prefix(200))
                return .noToken(TokenCache.Refusal(.retry(reason: "deferred", detail: words), words: words))
            }
            let answer = await line.send(request(path, method, [(name: "access_token", value: token)] + query, json))
            guard answer.status == 200, let body = answer.json, body.objectValue != nil else { return .unclear(answer) }
            let code = body["errcode"]?.intValue ?? 0
            if code == 0 { return .good(body) }
            if Self.staleCodes.contains(code), attempt < Self.attempts {
                stale = token
                continue
            }
            return .refused(code: code, words: body["errmsg"]?.stringValue ?? "")
        }
        return .refused(code: 40_001, words: "")
    }

    private func request(
        _ path: String, _ method: String, _ query: [(name: String, value: String)], _ json: JSONValue?
    ) -> ProviderCall {
        let asked = query.map { "\($0.name)=\(OutgoingRequest.encoded($0.value))" }.joined(separator: "&")
        let url = "\(line.account.baseURL)\(path)?\(asked)"
        return json.map { ProviderCall(method, url, json: $0) } ?? ProviderCall(method, url)
    }

    private func fetch(byForce: Bool) async -> Result<TokenCache.Token, TokenCache.Refusal> {
        let answer = await line.send(tokenCall(byForce))
        if let body = answer.json, answer.status == 200 {
            if let token = body["access_token"]?.stringValue, !token.isEmpty {
                let seconds = max(60, (body["expires_in"]?.intValue ?? 7_200) - Self.marginSeconds)
                return .success(
                    TokenCache.Token(text: token, until: line.now.adding(milliseconds: seconds * 1_000)))
            }
            if let code = body["errcode"]?.intValue {
                let words = body["errmsg"]?.stringValue ?? ""
                let told = "\(code) \(words)"
                switch faults.outcome(of: String(code), detail: told, at: line.now) {
                case .retry(let reason, let detail, let after):
                    let outcome = MessageOutcome.retry(reason: reason, detail: detail, after: after)
                    return .failure(.init(outcome, code: String(code), words: words))
                default:
                    // Whatever else it says, it is not this message that is at fault.
                    let outcome = MessageOutcome.closed(reason: "not_let_in", detail: told, .account)
                    return .failure(.init(outcome, code: String(code), words: words))
                }
            }
        }
        let reason = if case .answered = answer { "deferred" } else { MessageOutcome.unreachableReason }
        return .failure(.init(.retry(reason: reason, detail: answer.words), words: answer.words))
    }

    /// What an answer means for the message that it is about. `id`: how the provider calls it.
    func outcome(_ answer: Answer, id: (JSONValue) -> String) -> MessageOutcome {
        switch answer {
        case .good(let body): .sent(providerID: id(body))
        case .refused(let code, let words):
            faults.outcome(of: String(code), detail: "\(code) \(words)", at: line.now)
        case .unclear(let answer): answer.outcome()
        case .noToken(let refusal): refusal.outcome
        }
    }

    /// As `call`, for what is asked of an account by hand. Throws: `ProviderError.refused`, `.unreachable`.
    func asked(
        _ path: String, method: String = "POST", query: [(name: String, value: String)] = [], json: JSONValue? = nil
    ) async throws -> JSONValue {
        switch await call(path, method: method, query: query, json: json) {
        case .good(let body): return body
        case .refused(let code, let words): throw ProviderError.refused(code: String(code), words)
        case .unclear(let answer): throw answer.refusal
        case .noToken(let refusal): throw refusal.error
        }
    }
}
