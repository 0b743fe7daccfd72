import Storage

/// A WeChat official account (公众号): template messages, subscription messages, and words of ours within two days after
/// somebody wrote.
///
/// People are known by their OpenID under this account (`appid:openid` among identities). Which of the three a message is
/// follows from what it is made of: a template of the account, a subscription template, or neither.
package struct WeChatOfficialAccount: MessageProvider {
    package let name = WeChatOfficialAccount.providerName
    package let channel = WeChatOfficialAccount.channelName
    package let baseURL = "https://api.weixin.qq.com"
    package let templateUse = ProviderTemplateUse.optional
    package let fields = [
        ProviderField("app_id"), ProviderField("app_secret", .secret),
        ProviderField("callback_token", .secret, required: false),
        ProviderField("encoding_aes_key", .secret, required: false, bytes: WeChatCipher.encodingKeyBytes),
    ]

    static let providerName = "wechat_official"
    static let channelName = "wechat"
    private let tokens = TokenCache()

    package init() {}

    /// WeChat itself asks people: only followers can be written to, and who leaves has said no.
    package static func channel(_ catalog: ProviderCatalog) -> ProviderChannel {
        ProviderChannel(channelName, needsConsent: false, catalog) { person, connection in
            let account = try ProviderAccount.load(WeChatOfficialAccount(), connection)
            return openID(of: person, account.values["app_id"] ?? "")
        }
    }

    static func openID(of person: RecipientFacts, _ appID: String) -> String? {
        let known = person.identities[IdentityKind.wechatOpenID] ?? []
        return known.first { $0.hasPrefix(appID + ":") }.map { String($0.dropFirst(appID.count + 1)) }
    }

    package let faults: [ProviderFault] = [
        ProviderFault("-1", .retry()), ProviderFault("45011", .retry(.minutes(1))),
        ProviderFault("45009", .retry(.morning(hour: 0, hoursEast: 8))),
        ProviderFault("40001", .pause(.account)), ProviderFault("40014", .pause(.account)),
        ProviderFault("42001", .pause(.account)), ProviderFault("40013", .pause(.account)),
        ProviderFault("40125", .pause(.account)), ProviderFault("40164", .pause(.account)),
        ProviderFault("48001", .pause(.account)), ProviderFault("48004", .pause(.account)),
        ProviderFault("50002", .pause(.account)),
        ProviderFault("43004", .suppress("not_following")), ProviderFault("43101", .suppress("opted_out")),
        ProviderFault("40003", .suppress("no_such_address")),
        ProviderFault("40037", .pause(.template)), ProviderFault("47003", .pause(.template)),
        ProviderFault("43116", .pause(.template)),
        ProviderFault("45015", .refuse("window_closed")), ProviderFault("45047", .refuse("window_closed")),
        ProviderFault("45002", .refuse("too_long")),
        // Of a template message that was taken first (TEMPLATESENDJOBFINISH).
        ProviderFault("failed:user block", .suppress("opted_out")),
        ProviderFault("failed:system failed", .refuse()),
    ]

    func api(_ line: ProviderLine) -> WeChatAPI {
        let account = line.account
        let (appID, secret) = (account["app_id"], account["app_secret"])
        return WeChatAPI(
            line: line, tokens: tokens,
            account: Digest.sha256(Array("\(account.baseURL) \(appID) \(secret)".utf8)),
            tokenCall: { byForce in
                ProviderCall(
                    "POST", account.baseURL + "/cgi-bin/stable_token",
                    json: [
                        "grant_type": "client_credential", "appid": .string(appID), "secret": .string(secret),
                        "force_refresh": .bool(byForce),
                    ])
            }, faults: faults)
    }

    package func address(_ text: String, country: String) -> String? {
        let plain = Whitespace.trim(text).split(separator: ":").last.map(String.init) ?? ""
        let isOpenID = plain.utf8.allSatisfy {
            $0 >= 0x30 && $0 <= 0x39 || $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A || $0 == 0x2D || $0 == 0x5F
        }
        return isOpenID && (10...64).contains(plain.utf8.count) ? plain : nil
    }

    package func send(_ message: OutgoingMessage, _ line: ProviderLine) async -> MessageOutcome {
        let made: WeChatMessage
        do {
            let kind = try await kind(of: message, line)
            made = try WeChatMessage(message, kind: kind)
        } catch let flaw as WeChatMessage.Flaw {
            return .bounced(reason: flaw.reason, detail: flaw.detail, suppresses: false)
        } catch {
            return .retry(reason: "store", detail: String("\(error)".prefix(200)))
        }
        let api = api(line)
        return api.outcome(await api.call(made.path, json: made.json)) { body in
            body["msgid"]?.intValue.map { String($0) } ?? body["msgid"]?.stringValue ?? ""
        }
    }

    /// By the template's category, as it was fetched; `options["kind"]` says otherwise.
    private func kind(of message: OutgoingMessage, _ line: ProviderLine) async throws -> WeChatMessage.Kind {
        guard let content = message.content, !content.code.isEmpty else { return .service }
        if let told = content.options["kind"].flatMap(WeChatMessage.Kind.init(rawValue:)) { return told }
        let known = try await line.platform.store.read {
            try ApprovedTemplates.get(Self.providerName, code: content.code, language: content.language, $0)
        }
        return known?.category == WeChatMessage.Kind.subscription.rawValue ? .subscription : .template
    }

    // MARK: The account

    /// The paths whose daily bounds the account's page shows.
    private static let quotas = [
        ("template_quota", WeChatMessage.Kind.template.path), ("service_quota", WeChatMessage.Kind.service.path),
    ]

    package func check(_ line: ProviderLine) async throws -> ProviderCheck {
        let api = api(line)
        let followers = try await api.asked("/cgi-bin/user/get", method: "GET")
        var facts = [ProviderCheck.Fact("followers", String(followers["total"]?.intValue ?? 0))]
        for (key, path) in Self.quotas {
            let answer = await api.call("/cgi-bin/openapi/quota/get", json: ["cgi_path": .string(path)])
            // An account without this right has no such bound to show.
            guard case .good(let body) = answer, let quota = body["quota"] else { continue }
            let (used, most) = (quota["used"]?.intValue ?? 0, quota["daily_limit"]?.intValue ?? 0)
            facts.append(ProviderCheck.Fact(key, "\(used) / \(most)"))
        }
        return ProviderCheck(facts)
    }

    package func approved(_ line: ProviderLine) async throws -> [ApprovedTemplate] {
        let api = api(line)
        let own = try await api.asked("/cgi-bin/template/get_all_private_template", method: "GET")
        var found = (own["template_list"]?.arrayValue ?? []).compactMap {
            Self.template($0, code: "template_id", .template)
        }
        // An account that has no subscription messages is refused this list alone.
        if case .good(let body) = await api.call("/wxaapi/newtmpl/gettemplate", method: "GET") {
            found += (body["data"]?.arrayValue ?? []).compactMap { Self.template($0, code: "priTmplId", .subscription) }
        }
        return found
    }

    private static func template(_ one: JSONValue, code: String, _ kind: WeChatMessage.Kind) -> ApprovedTemplate? {
        guard let id = one[code]?.stringValue, !id.isEmpty else { return nil }
        return ApprovedTemplate(
            code: id, name: one["title"]?.stringValue ?? id, text: one["content"]?.stringValue ?? "",
            status: .approved, category: kind.rawValue)
    }

    package func receive(_ call: ReceivedCall, _ line: ProviderLine) async throws -> ReceivedNews {
        let account = line.account
        let envelope = WeChatEnvelope(
            token: account["callback_token"], encodingKey: account["encoding_aes_key"], receiver: account["app_id"])
        if call.method == "GET" {
            return ReceivedNews(contentType: "text/plain", answer: try envelope.echo(call, at: line.now))
        }
        let events = WeChatEvents(appID: account["app_id"], now: line.now)
        let news = try events.read(try envelope.open(call, at: line.now))
        // Whoever comes back, or takes up what they had refused, is written to again.
        for openID in news.returned {
            try await line.platform.store.write { connection in
                _ = try Suppressions.lift(Self.channelName, openID, connection)
            }
        }
        return try await traced(news, line)
    }

    /// Receipts of subscription messages with who has the OpenID; of somebody whom nobody knows there is no message of ours.
    private func traced(_ news: WeChatEvents.News, _ line: ProviderLine) async throws -> ReceivedNews {
        var received = news.received
        guard received.receipts.contains(where: { $0.trace != nil }) else { return received }
        let value = "\(line.account["app_id"]):\(news.person)"
        let person = try await line.platform.store.read { connection in
            try connection.first(
                "SELECT profile_id FROM identities WHERE kind = \(IdentityKind.wechatOpenID) AND value = \(value)")?
                .int(0)
        }
        received.receipts = received.receipts.compactMap { receipt -> ProviderReceipt? in
            guard receipt.trace != nil else { return receipt }
            guard let person else { return nil }
            var receipt = receipt
            receipt.trace?.profileID = person
            return receipt
        }
        return received
    }
}
