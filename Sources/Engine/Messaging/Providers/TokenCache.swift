/// Tokens of providers that hand out one for hours, each asked for once however many messages wait for it.
///
/// What is kept belongs to this process; providers hand the same token to all processes of an account as long as nobody
/// asks for a new one by force.
package actor TokenCache {
    package struct Token: Sendable, Equatable {
        package var text: String
        package var until: Timestamp

        package init(text: String, until: Timestamp) {
            self.text = text
            self.until = until
        }
    }

    /// Why there is none, as the outcome of the message that needed it: nothing of it has left.
    package struct Refusal: Error, Sendable, Equatable {
        package var outcome: MessageOutcome
        package var code: String
        package var words: String

        package init(_ outcome: MessageOutcome, code: String = "", words: String) {
            self.outcome = outcome
            self.code = code
            self.words = words
        }

        /// For whoever asked by hand.
        var error: ProviderError {
            if case .retry(MessageOutcome.unreachableReason, _, _) = outcome { return .unreachable(words) }
            return .refused(code: code, words)
        }
    }

    private var held: [String: Token] = [:]
    private var waiting: [String: [CheckedContinuation<Result<Token, Refusal>, Never>]] = [:]

    private static let accountsMax = 100

    package init() {}

    /// The token of an account. `stale`: one that the provider refused, which is not given again. `fetch` asks the provider;
    /// by force only when it would hand out the stale one once more. Throws: `Refusal`.
    package func token(
        of account: String, at now: Timestamp, stale: String? = nil,
        fetch: @Sendable (_ byForce: Bool) async -> Result<Token, Refusal>
    ) async throws -> String {
        if let known = held[account], known.until > now, known.text != stale { return known.text }
        if waiting[account] != nil {
            let result = await withCheckedContinuation { waiting[account, default: []].append($0) }
            return try result.get().text
        }
        waiting[account] = []
        var result = await fetch(false)
        if let stale, case .success(let token) = result, token.text == stale { result = await fetch(true) }
        if held.count >= Self.accountsMax { held.removeAll() }
        if case .success(let token) = result { held[account] = token } else { held[account] = nil }
        for waiter in waiting.removeValue(forKey: account) ?? [] { waiter.resume(returning: result) }
        return try result.get().text
    }
}
