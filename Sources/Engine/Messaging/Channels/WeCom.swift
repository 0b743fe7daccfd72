import Storage

/// WeCom (企业微信): words of welcome to new customers, and messages that employees send to theirs.
///
/// A message to customers is a task: WeCom shows it to each employee, who sends it with one tap. Messages of one content are
/// gathered into one task (`WeComChannel`), and what employees did is asked for afterwards (`WeComTasks`).
package struct WeCom: MessageProvider {
    package let name = WeCom.providerName
    package let channel = WeCom.channelName
    package let baseURL = WeCom.address
    package let fields = [
        ProviderField("corp_id"), ProviderField("contact_secret", .secret),
        ProviderField("callback_token", .secret, required: false),
        ProviderField("encoding_aes_key", .secret, required: false, bytes: WeChatCipher.encodingKeyBytes),
        ProviderField("welcome_text", .lines, required: false, bytesMax: WeComContent.textBytesMax),
        ProviderField("welcome_title", required: false, bytesMax: WeComContent.titleBytesMax),
        ProviderField("welcome_url", required: false, bytesMax: WeComContent.linkBytesMax),
    ]

    static let providerName = "wecom"
    static let channelName = "wecom"
    static let address = "https://qyapi.weixin.qq.com"
    static let identity = "wecom_external_id"
    private let tokens = TokenCache()

    package init() {}

    package let faults: [ProviderFault] = [
        ProviderFault("-1", .retry()), ProviderFault("45009", .retry(.minutes(1))),
        ProviderFault("45033", .retry(.minutes(1))),
        ProviderFault("40001", .pause(.account)), ProviderFault("40014", .pause(.account)),
        ProviderFault("42001", .pause(.account)), ProviderFault("40013", .pause(.account)),
        ProviderFault("48002", .pause(.account)), ProviderFault("60011", .pause(.account)),
        ProviderFault("60020", .pause(.account)), ProviderFault("301002", .pause(.account)),
        ProviderFault("84061", .suppress("not_a_contact")), ProviderFault("40096", .suppress("not_a_contact")),
        ProviderFault("41048", .refuse("month_full")), ProviderFault("41051", .refuse("taken")),
    ]

    func api(_ line: ProviderLine) -> WeChatAPI {
        let account = line.account
        let (corpID, secret) = (account["corp_id"], account["contact_secret"])
        let query =
            "corpid=\(OutgoingRequest.encoded(corpID))&corpsecret=\(OutgoingRequest.encoded(secret))"
        return WeChatAPI(
            line: line, tokens: tokens,
            account: Digest.sha256(Array("\(account.baseURL) \(corpID) \(secret)".utf8)),
            tokenCall: { _ in ProviderCall("GET", "\(account.baseURL)/cgi-bin/gettoken?\(query)") }, faults: faults)
    }

    /// A card has a title and an address; without a title the address stands among the words.
    package func validate(_ values: [String: String]) throws {
        let (text, link) = (values["welcome_text"] ?? "", values["welcome_url"] ?? "")
        let hasTitle = values["welcome_title"]?.isEmpty == false
        if link.isEmpty {
            if hasTitle { throw ProviderError.missingBeside("welcome_url", other: "welcome_title") }
            return
        }
        guard link.wholeMatch(of: /https?:\/\/\S+/) != nil else { throw ProviderError.badField("welcome_url") }
        let bytes = WeComContent.words(text, link: hasTitle ? "" : link).utf8.count
        guard bytes <= WeComContent.textBytesMax else {
            throw ProviderError.tooLong("welcome_text", bytes: bytes, most: WeComContent.textBytesMax)
        }
    }

    /// A trial: a task for the employees of one customer.
    package func send(_ message: OutgoingMessage, _ line: ProviderLine) async -> MessageOutcome {
        let api = api(line)
        let body: JSONValue
        do { body = try WeComContent(message).body(to: [message.address]) } catch let flaw as WeComContent.Flaw {
            return .bounced(reason: flaw.reason, detail: flaw.detail, suppresses: false)
        } catch {
            return .bounced(reason: "refused", detail: String("\(error)".prefix(200)), suppresses: false)
        }
        return api.outcome(await api.call(Self.taskPath, json: body)) { $0["msgid"]?.stringValue ?? "" }
    }

    static let taskPath = "/cgi-bin/externalcontact/add_msg_template"

    package func check(_ line: ProviderLine) async throws -> ProviderCheck {
        let found = try await api(line).asked("/cgi-bin/externalcontact/get_follow_user_list", method: "GET")
        return ProviderCheck([.init("employees", String(found["follow_user"]?.arrayValue?.count ?? 0))])
    }

    package func receive(_ call: ReceivedCall, _ line: ProviderLine) async throws -> ReceivedNews {
        let account = line.account
        let envelope = WeChatEnvelope(
            token: account["callback_token"], encodingKey: account["encoding_aes_key"], receiver: account["corp_id"])
        // WeCom encrypts everything: what comes in the clear is not its.
        guard call.query["msg_signature"] != nil else { throw ProviderError.forged }
        if call.method == "GET" {
            return ReceivedNews(contentType: "text/plain", answer: try envelope.echo(call, at: line.now))
        }
        let xml = try envelope.open(call, at: line.now)
        guard let change = try WeComChange(xml, at: line.now) else {
            return ReceivedNews(contentType: "text/plain", answer: "success")
        }
        let hasWelcome = ["welcome_text", "welcome_url"].contains { !account[$0].isEmpty }
        try await line.platform.store.write { try change.keep(welcomes: hasWelcome, $0) }
        return ReceivedNews(
            events: [change.event(corpID: account["corp_id"], at: line.now)], contentType: "text/plain",
            answer: "success")
    }
}

/// What a task or a welcome says: words, and a card that leads somewhere.
struct WeComContent: Sendable {
    struct Flaw: Error, Equatable {
        var reason: String
        var detail: String
    }

    private var members: [String: JSONValue] = [:]

    /// Bounds of `send_welcome_msg` and `add_msg_template`.
    static let textBytesMax = 4_000
    static let titleBytesMax = 128
    static let linkBytesMax = 2_048

    init(text: String, title: String, link: String, image: String = "", sender: String = "") throws {
        // A card needs a title; without one the address stands among the words.
        let isCard = !link.isEmpty && !title.isEmpty
        let words = Self.words(text, link: isCard ? "" : link)
        guard words.utf8.count <= Self.textBytesMax else {
            throw Flaw(reason: "too_long", detail: "\(words.utf8.count) > \(Self.textBytesMax) bytes")
        }
        guard title.utf8.count <= Self.titleBytesMax else {
            throw Flaw(reason: "too_long", detail: "title: \(title.utf8.count) > \(Self.titleBytesMax) bytes")
        }
        if !words.isEmpty { members["text"] = ["content": .string(words)] }
        if isCard {
            var card: [String: JSONValue] = ["title": .string(title), "url": .string(link)]
            if !image.isEmpty { card["picurl"] = .string(image) }
            members["attachments"] = [["msgtype": "link", "link": .object(card)]]
        }
        if !sender.isEmpty { members["sender"] = .string(sender) }
    }

    /// Words with an address that has no card below them.
    static func words(_ text: String, link: String) -> String {
        [text, link].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// Throws: `Flaw`.
    init(_ message: OutgoingMessage) throws {
        let options = message.content?.options ?? [:]
        try self.init(
            text: message.text, title: message.subject, link: message.link, image: options["image"] ?? "",
            sender: options["sender"] ?? "")
    }

    init(stored text: String) throws {
        members = try JSONValue(parsing: text).objectValue ?? [:]
    }

    var text: String { JSONValue.object(members).text() }

    /// Of `add_msg_template`.
    func body(to people: [String]) -> JSONValue {
        var body = members
        body["chat_type"] = "single"
        body["external_userid"] = .array(people.map { .string($0) })
        return .object(body)
    }

    /// Of `send_welcome_msg`.
    func welcome(code: String) -> JSONValue {
        var body = members
        body["welcome_code"] = .string(code)
        return .object(body)
    }
}
