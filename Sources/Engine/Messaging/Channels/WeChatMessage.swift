/// One message to a follower of an official account, in the form of its kind.
struct WeChatMessage: Sendable {
    enum Kind: String, Sendable {
        case template, subscription
        /// Customer service (客服消息): within 48 hours after the person wrote.
        case service

        var path: String {
            switch self {
            case .template: "/cgi-bin/message/template/send"
            case .subscription: "/cgi-bin/message/subscribe/bizsend"
            case .service: "/cgi-bin/message/custom/send"
            }
        }
    }

    /// Why this one message cannot be sent as it is; the template may serve others well.
    struct Flaw: Error, Equatable {
        var reason: String
        var detail: String
    }

    let path: String
    let json: JSONValue

    private static let textBytesMax = 2_048

    /// Throws: `Flaw`.
    init(_ message: OutgoingMessage, kind: Kind) throws {
        path = kind.path
        switch kind {
        case .template: json = try Self.template(message)
        case .subscription: json = try Self.subscription(message)
        case .service: json = try Self.service(message)
        }
    }

    private static func template(_ message: OutgoingMessage) throws -> JSONValue {
        guard let content = message.content else { throw Flaw(reason: "not_set_up", detail: "no template") }
        var body: [String: JSONValue] = [
            "touser": .string(message.address), "template_id": .string(content.code),
            // WeChat sends one message for one of these to one person, should the same call reach it twice.
            "client_msg_id": .string(String(message.id)), "data": try data(content),
        ]
        if !message.link.isEmpty { body["url"] = .string(message.link) }
        if let program = miniProgram(content) { body["miniprogram"] = program }
        return .object(body)
    }

    private static func subscription(_ message: OutgoingMessage) throws -> JSONValue {
        guard let content = message.content else { throw Flaw(reason: "not_set_up", detail: "no template") }
        var body: [String: JSONValue] = [
            "touser": .string(message.address), "template_id": .string(content.code), "data": try data(content),
        ]
        if !message.link.isEmpty { body["page"] = .string(message.link) }
        if let program = miniProgram(content) { body["miniprogram"] = program }
        return .object(body)
    }

    private static func miniProgram(_ content: ProviderTemplate) -> JSONValue? {
        let (app, path) = (content.options["mini_app_id"] ?? "", content.options["mini_path"] ?? "")
        return app.isEmpty ? nil : ["appid": .string(app), "pagepath": .string(path)]
    }

    /// With a title and a link it is a card, else words.
    private static func service(_ message: OutgoingMessage) throws -> JSONValue {
        guard message.text.utf8.count <= textBytesMax else {
            throw Flaw(reason: "too_long", detail: "\(message.text.utf8.count) > \(textBytesMax) bytes")
        }
        guard !message.subject.isEmpty, !message.link.isEmpty else {
            let text = message.link.isEmpty ? message.text : "\(message.text)\n\(message.link)"
            return ["touser": .string(message.address), "msgtype": "text", "text": ["content": .string(text)]]
        }
        var article: [String: JSONValue] = [
            "title": .string(message.subject), "description": .string(message.text), "url": .string(message.link),
        ]
        if let image = message.content?.options["image"], !image.isEmpty { article["picurl"] = .string(image) }
        return [
            "touser": .string(message.address), "msgtype": "news", "news": ["articles": .array([.object(article)])],
        ]
    }

    // MARK: Values

    private static func data(_ content: ProviderTemplate) throws -> JSONValue {
        var data: [String: JSONValue] = [:]
        for parameter in content.parameters {
            try check(parameter)
            data[parameter.name] = ["value": .string(parameter.value)]
        }
        return .object(data)
    }

    /// What WeChat refuses with 47003, by the kind that a place's name begins with ("订阅消息参数值内容限制说明"): refused
    /// here, one person's long name does not stop the template for all.
    private static let lengths: [(kind: String, most: Int)] = [
        ("character_string", 32), ("phone_number", 17), ("car_number", 8), ("thing", 20), ("number", 32),
        ("letter", 32), ("symbol", 5), ("phrase", 5), ("name", 20),
    ]

    private static func check(_ parameter: ProviderTemplate.Parameter) throws {
        let kind = String(parameter.name.prefix { !$0.isNumber })
        guard !parameter.value.isEmpty else {
            throw Flaw(reason: "bad_value", detail: "\(parameter.name) is empty")
        }
        guard kind != parameter.name, let bound = lengths.first(where: { $0.kind == kind }),
            parameter.value.count > bound.most
        else { return }
        let detail = "\(parameter.name): \(parameter.value.count) characters, at most \(bound.most)"
        throw Flaw(reason: "bad_value", detail: detail)
    }
}
