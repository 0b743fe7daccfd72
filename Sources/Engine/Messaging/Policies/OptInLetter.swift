import Storage

/// The letter that asks an address to confirm.
enum OptInLetter {
    /// What the link is called in templates.
    static let name = "confirm_url"

    /// The template that may ask: the one given, or one that is made and published now.
    /// Throws: `MessageError.badPolicy` where the one given cannot, `TemplateError`, `StorageError`.
    static func template(
        _ id: Int64, by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Int64 {
        guard id != 0 else { return try make(by: actor, effects, connection) }
        let refusal = MessageError.badPolicy(field: "confirmation_template")
        do {
            let template = try MessageTemplates.get(id, connection)
            guard template.channel == OptIns.channel, template.isTransactional, template.version > 0,
                try StoredDocument.text(
                    MessageTemplates.content(id, version: template.version, connection)
                ).contains(name)
            else { throw refusal }
            return id
        } catch TemplateError.notFound {
            throw refusal
        }
    }

    private static func make(
        by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> Int64 {
        let draft = MessageTemplate.Draft(
            name: "请确认订阅 / Please confirm", channel: OptIns.channel, isTransactional: true, content: content)
        let made = try MessageTemplates.create(draft, by: actor, effects, connection)
        return try MessageTemplates.publish(made.id, by: actor, at: effects.now(), connection).id
    }

    /// In the person's language.
    private static var content: TemplateContent {
        func either(_ chinese: String, _ english: String) -> String {
            "{% if person.language == 'zh-Hans' %}\(chinese){% else %}\(english){% endif %}"
        }
        return TemplateContent(variants: [
            TemplateContent.Variant(
                subject: either("请确认订阅 {{ brand.name }}", "Please confirm that {{ brand.name }} may write to you"),
                blocks: [
                    EmailBlock(.heading, text: either("再点一下就好", "One more click")),
                    EmailBlock(
                        .text,
                        text: either(
                            "有人用这个邮箱订阅了 {{ brand.name }} 的邮件。如果是您，请确认；如果不是，无需理会，您不会再收到邮件。",
                            "Somebody asked {{ brand.name }} to write to this address. If it was you, please confirm. "
                                + "If not, do nothing: nothing else will come.")),
                    EmailBlock(.button, text: either("确认订阅", "Confirm"), url: "{{ \(name) }}"),
                ])
        ])
    }
}
