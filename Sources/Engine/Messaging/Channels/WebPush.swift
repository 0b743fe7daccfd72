import Storage

/// Notifications in browsers: straight to the push service of each browser that a person subscribed with, encrypted for it
/// and signed with the brand's own key (VAPID).
///
/// One message goes to all browsers of the person; it is sent when one push service has taken it. A browser that is gone
/// (404, 410) is forgotten.
package struct WebPush: MessageProvider {
    package let name = "web_push"
    package let channel = WebPush.channelName
    package let baseURL = ""
    package let receives = false
    package let reachesPeople = true
    package let fields = [ProviderField("subject")]

    static let channelName = "push"
    private static let keyName = "vapid_key"
    private static let ttlSecondsUsual: Int64 = 86_400
    private static let ttlSecondsMax: Int64 = 28 * 86_400
    package static let urgencies = ["very-low", "low", "normal", "high"]

    package init() {}

    /// Subscribing is agreeing; a word against it, or a topic that was left, still counts.
    package static func channel(_ catalog: ProviderCatalog) -> ProviderChannel {
        ProviderChannel(channelName, needsConsent: false, catalog) { person, connection in
            try PushSubscriptions.of(person.profileID, connection).isEmpty ? nil : String(person.profileID)
        }
    }

    package let faults: [ProviderFault] = [
        ProviderFault("429", .retry()), ProviderFault("5xx", .retry()),
        ProviderFault("404", .suppress("gone")), ProviderFault("410", .suppress("gone")),
        ProviderFault("401", .pause(.account)), ProviderFault("403", .pause(.account)),
    ]

    package func made(for account: ProviderAccount, _ effects: Effects) throws -> [String: String] {
        if account.hasSecret(Self.keyName) { return [:] }
        let subject = account.values["subject"] ?? ""
        // RFC 8292 §2.1: how the push service reaches whoever sends.
        guard subject.hasPrefix("mailto:") || subject.hasPrefix("https://") else {
            throw ProviderError.badField("subject")
        }
        return [Self.keyName: Base64URL.text(try P256Pair.make(effects).secret)]
    }

    private static func pair(_ account: ProviderAccess) -> P256Pair? {
        Base64URL.bytes(account[keyName]).flatMap(P256Pair.init(secret:))
    }

    /// What browsers subscribe with; nil: it was never set up. Throws: `SealError`, `StorageError`.
    package static func applicationKey(_ platform: Platform) async throws -> String? {
        let provider = WebPush()
        let account = try await platform.store.read { try ProviderAccount.load(provider, $0) }
        guard account.isEnabled else { return nil }
        return pair(try account.opened(provider, platform.seal)).map { Base64URL.text($0.point) }
    }

    package func address(_ text: String, country: String) -> String? {
        Int64(Whitespace.trim(text)).map { String($0) }
    }

    // MARK: Sending

    package func send(_ message: OutgoingMessage, _ line: ProviderLine) async -> MessageOutcome {
        guard let pair = Self.pair(line.account) else { return .closed(reason: "not_set_up", detail: "no key") }
        let targets: [PushTarget]
        do {
            targets = try await line.platform.store.read { try PushSubscriptions.of(message.profileID, $0) }
        } catch {
            return .retry(reason: "store", detail: String("\(error)".prefix(200)))
        }
        guard !targets.isEmpty else { return .bounced(reason: "gone", detail: "", suppresses: false) }
        guard let payload = PushPayload(message).bytes else {
            return .bounced(reason: "too_long", detail: "\(WebPushMessage.plainBytesMax)", suppresses: false)
        }
        var outcomes: [MessageOutcome] = []
        for target in targets { outcomes.append(await push(payload, message, to: target, pair, line)) }
        return Self.best(outcomes)
    }

    private func push(
        _ payload: [UInt8], _ message: OutgoingMessage, to target: PushTarget, _ pair: P256Pair, _ line: ProviderLine
    ) async -> MessageOutcome {
        let effects = line.platform.effects
        guard let address = OutgoingAddress(target.endpoint), let ours = P256Pair(secret: effects.randomBytes(32)),
            let body = WebPushMessage.sealed(payload, for: target, from: ours, salt: effects.randomBytes(16)),
            let authorization = WebPushMessage.authorization(
                to: address, subject: line.account["subject"], pair, at: line.now)
        else { return await forget(target, "keys that are none", line) }
        let options = message.content?.options ?? [:]
        let ttl = options["ttl"].flatMap { Int64($0) } ?? Self.ttlSecondsUsual
        let urgency = options["urgency"].flatMap { Self.urgencies.contains($0) ? $0 : nil } ?? "normal"
        var headers = [
            ProviderCall.Header("TTL", String(min(max(ttl, 0), Self.ttlSecondsMax))),
            ProviderCall.Header("Urgency", urgency), ProviderCall.Header("Content-Encoding", "aes128gcm"),
            ProviderCall.Header("Content-Type", "application/octet-stream"),
            ProviderCall.Header("Authorization", authorization),
        ]
        if let topic = options["topic"], !topic.isEmpty {
            headers.append(ProviderCall.Header("Topic", Self.topic(topic)))
        }
        let answer = await line.send(ProviderCall("POST", target.endpoint, headers: headers, body: body))
        guard case .answered(let status, let answered, _) = answer else { return answer.outcome() }
        switch status {
        case 200..<300: return .sent(providerID: answered["location"] ?? "")
        case 404, 410: return await forget(target, answer.words, line)
        case 401, 403: return .closed(reason: "not_let_in", detail: answer.words, .account)
        case 413: return .bounced(reason: "too_long", detail: answer.words, suppresses: false)
        // Pushed twice it is shown once: the browser replaces what has the same tag.
        case 429, 500...:
            return .retry(
                reason: "deferred", detail: answer.words,
                after: answered["retry-after"].flatMap(ProviderAnswer.milliseconds))
        default: return .bounced(reason: "refused", detail: answer.words, suppresses: false)
        }
    }

    private func forget(_ target: PushTarget, _ words: String, _ line: ProviderLine) async -> MessageOutcome {
        do {
            _ = try await line.platform.store.write { try PushSubscriptions.remove(target.endpoint, $0) }
            return .bounced(reason: "gone", detail: words, suppresses: false)
        } catch {
            return .retry(reason: "store", detail: String("\(error)".prefix(200)))
        }
    }

    /// What became of the message over all browsers: taken somewhere, else not known, else again, else refused.
    static func best(_ outcomes: [MessageOutcome]) -> MessageOutcome {
        let rank = { (outcome: MessageOutcome) -> Int in
            switch outcome {
            case .sent, .delivered: 0
            case .unknown: 1
            case .closed: 2
            case .retry: 3
            case .bounced: 4
            }
        }
        return outcomes.min { rank($0) < rank($1) } ?? .bounced(reason: "gone", detail: "", suppresses: false)
    }

    /// At most 32 signs of base64url (RFC 8030 §5.4); a longer word by its hash.
    static func topic(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy {
            $0 >= 48 && $0 <= 57 || $0 >= 65 && $0 <= 90 || $0 >= 97 && $0 <= 122 || $0 == 45 || $0 == 95
        }
        if isPlain, word.utf8.count <= 32 { return word }
        return String(Base64URL.text(Digest.sha256Bytes(Array(word.utf8))).prefix(32))
    }

    // MARK: The account

    package func check(_ line: ProviderLine) async throws -> ProviderCheck {
        guard let pair = Self.pair(line.account) else { throw ProviderError.notSetUp }
        let count = try await line.platform.store.read { try PushSubscriptions.count($0) }
        return ProviderCheck([
            ProviderCheck.Fact("browsers", String(count)),
            ProviderCheck.Fact("application_key", Base64URL.text(pair.point)),
        ])
    }

    package func snippet(_ account: ProviderAccess, address: String) -> String? {
        guard Self.pair(account) != nil else { return nil }
        return """
            <script src="\(address)/t/push.js" data-key="WRITE_KEY" data-worker="/push-worker.js" async></script>
            <button onclick="perennialPush.subscribe()">…</button>

            /push-worker.js:
            self.perennialPush = { host: "\(address)", key: "WRITE_KEY" };
            importScripts("\(address)/t/push-worker.js");
            """
    }
}

/// What the worker in the browser is told, as JSON.
struct PushPayload {
    let message: OutgoingMessage
    private static let cut = "…"

    init(_ message: OutgoingMessage) {
        self.message = message
    }

    /// Words that do not fit are cut; nil when it is too long without any.
    var bytes: [UInt8]? {
        let whole = json(message.text)
        if whole.count <= WebPushMessage.plainBytesMax { return whole }
        var (low, high) = (0, message.text.count)
        var best: [UInt8]?
        while low <= high {
            let middle = (low + high) / 2
            let tried = json(String(message.text.prefix(middle)) + Self.cut)
            if tried.count <= WebPushMessage.plainBytesMax {
                best = tried
                low = middle + 1
            } else {
                high = middle - 1
            }
        }
        return best
    }

    private func json(_ text: String) -> [UInt8] {
        let options = message.content?.options ?? [:]
        let values: [String: String] = [
            "title": message.subject, "body": text, "url": message.link, "icon": options["icon"] ?? "",
            "image": options["image"] ?? "", "tag": "m\(message.id)", "shown": message.shownURL,
        ]
        return JSONValue.object(values.filter { !$0.value.isEmpty }.mapValues { .string($0) }).utf8Text()
    }
}
