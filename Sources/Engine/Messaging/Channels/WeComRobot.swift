import Storage

/// A robot in a group of the brand's own people at WeCom (群机器人): what is written to a customer's account of this channel
/// stands in the group, for staff to read.
package struct WeComRobot: MessageProvider {
    package let name = "wecom_robot"
    package let channel = WeComRobot.channelName
    package let baseURL = WeCom.address
    package let fields = [ProviderField("robot_key", .secret)]
    package let receives = false
    /// A robot can only speak: whether it can is what a trial shows.
    package let checks = false

    static let channelName = "wecom_robot"
    /// Every message goes to the one group.
    private static let group = "group"
    private static let perMinute: Int64 = 20
    private static let bytesMax = 2_048

    package init() {}

    package static func channel(_ catalog: ProviderCatalog) -> ProviderChannel {
        // It reaches the staff, not the person.
        ProviderChannel(channelName, needsConsent: false, perDomainMinute: perMinute, catalog) { _, _ in group }
    }

    package let faults: [ProviderFault] = [
        ProviderFault("-1", .retry()), ProviderFault("45009", .retry(.minutes(1))),
        ProviderFault("93000", .pause(.account)), ProviderFault("93004", .pause(.account)),
        ProviderFault("45002", .refuse("too_long")),
    ]

    package func address(_ text: String, country: String) -> String? { Self.group }

    package func send(_ message: OutgoingMessage, _ line: ProviderLine) async -> MessageOutcome {
        guard message.text.utf8.count <= Self.bytesMax else {
            return .bounced(
                reason: "too_long", detail: "\(message.text.utf8.count) > \(Self.bytesMax) bytes", suppresses: false)
        }
        let key = OutgoingRequest.encoded(line.account["robot_key"])
        let answer = await line.send(
            ProviderCall(
                "POST", "\(line.account.baseURL)/cgi-bin/webhook/send?key=\(key)",
                json: ["msgtype": "text", "text": ["content": .string(message.text)]]))
        guard answer.status == 200, let code = answer.json?["errcode"]?.intValue else { return answer.outcome() }
        if code == 0 { return .sent(providerID: "") }
        let words = answer.json?["errmsg"]?.stringValue ?? ""
        return faults.outcome(of: String(code), detail: "\(code) \(words)", at: line.now)
    }

    /// Throws: `ProviderError.notOffered`.
    package func check(_ line: ProviderLine) async throws -> ProviderCheck { throw ProviderError.notOffered }
}
