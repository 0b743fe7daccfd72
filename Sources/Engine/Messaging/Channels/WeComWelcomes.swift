import Storage

/// Sends words of welcome to new customers: within twenty seconds, once (`send_welcome_msg`).
package struct WeComWelcomes: Sendable {
    let platform: Platform
    let catalog: ProviderCatalog

    /// In the order in which they are told.
    package static let states = ["waiting", "sending", "sent", "taken", "late", "refused", "unknown"]

    private static let perStep = 20
    /// One whose process died while it was sent: nobody knows.
    private static let cutOffMilliseconds: Int64 = 60_000
    private static let taken: Int64 = 41_051

    private struct Waiting: Sendable {
        var code: String
        var isLate: Bool
    }

    /// Returns whether there may be more. Throws: `StorageError`.
    func step() async throws -> Bool {
        let now = platform.effects.now().milliseconds
        let isDue = try await platform.store.read {
            try $0.first(
                """
                SELECT 1 FROM wecom_welcomes WHERE state = 'waiting'
                    OR state = 'sending' AND expires_ms < \(now - Self.cutOffMilliseconds) LIMIT 1
                """) != nil
        }
        guard isDue else { return false }
        let claimed = try await platform.store.write { connection -> [Waiting] in
            try connection.execute(
                """
                UPDATE wecom_welcomes SET state = 'unknown', detail = 'cut_off' WHERE state = 'sending'
                    AND expires_ms < \(now - Self.cutOffMilliseconds)
                """)
            let rows = try connection.query(
                """
                SELECT code, expires_ms FROM wecom_welcomes WHERE state = 'waiting' ORDER BY expires_ms, code
                    LIMIT \(Self.perStep)\(raw: connection.dialect.forUpdateSkipLocked)
                """
            ).map { Waiting(code: try $0.text(0), isLate: try $0.int(1) <= now) }
            for one in rows {
                try connection.execute(
                    """
                    UPDATE wecom_welcomes SET state = \(one.isLate ? "late" : "sending") WHERE code = \(one.code)
                    """)
            }
            return rows
        }
        let fresh = claimed.filter { !$0.isLate }
        guard !fresh.isEmpty else { return claimed.count == Self.perStep }
        let (provider, _, line) = try await catalog.line(WeCom.providerName, platform)
        guard let driver = provider as? WeCom else { return false }
        let (api, account) = (driver.api(line), line.account)
        let content = try WeComContent(
            text: account["welcome_text"], title: account["welcome_title"], link: account["welcome_url"])
        for one in fresh { try await send(one.code, content, api) }
        return claimed.count == Self.perStep
    }

    private func send(_ code: String, _ content: WeComContent, _ api: WeChatAPI) async throws {
        let answer = await api.call(
            "/cgi-bin/externalcontact/send_welcome_msg", json: content.welcome(code: code))
        let ending = Self.ending(answer)
        _ = try await platform.store.write { connection in
            try connection.execute(
                """
                UPDATE wecom_welcomes SET state = \(ending.state), detail = \(ending.detail)
                WHERE code = \(code) AND state = 'sending'
                """)
        }
    }

    private static func ending(_ answer: WeChatAPI.Answer) -> (state: String, detail: String) {
        switch answer {
        case .good: return ("sent", "")
        case .refused(let code, let words):
            return (code == taken ? "taken" : "refused", "\(code) \(words.prefix(400))")
        case .noToken(let refusal): return ("refused", "\(refusal.code) \(refusal.words.prefix(400))")
        case .unclear(.unreachable(let words)): return ("refused", String(words.prefix(400)))
        case .unclear(let heard): return ("unknown", heard.words)
        }
    }

    /// How many stand in which state. Throws: `StorageError`.
    package static func counts(_ connection: any SQLConnection) throws -> [String: Int64] {
        let rows = try connection.query("SELECT state, count(*) FROM wecom_welcomes GROUP BY state")
        return try Dictionary(rows.map { (try $0.text(0), try $0.int(1)) }, uniquingKeysWith: +)
    }
}
