import Storage

/// What the demo brand writes: letters in both languages, to be looked at, and notes for the inbox, which are sent.
enum DemoTemplates {
    enum Note: String, CaseIterable {
        case spring = "春茶上市（站内信）"
        case birthday = "生日祝福（站内信）"
        case review = "邀请评价（站内信）"
        case refill = "补货提醒（站内信）"
    }

    private static let home = "https://www.shanlantea.example"

    /// Those that are not there yet, in force. Returns the ids of the notes. Throws: `TemplateError`, `StorageError`.
    static func install(
        by actor: String, _ effects: Effects, _ connection: any SQLConnection
    ) throws -> [Note: Int64] {
        let known = try MessageTemplates.list(connection)
        var ids: [Note: Int64] = [:]
        for draft in letters + Note.allCases.map(note) {
            let id: Int64
            if let before = known.first(where: { $0.name == draft.name }) {
                id = before.id
            } else {
                id = try MessageTemplates.create(draft, by: actor, effects, connection).id
                _ = try MessageTemplates.publish(id, by: actor, at: effects.now(), connection)
            }
            if let note = Note(rawValue: draft.name) { ids[note] = id }
        }
        return ids
    }

    // MARK: Notes

    private static func note(_ note: Note) -> MessageTemplate.Draft {
        let (topic, variants): (String, [TemplateContent.Variant]) =
            switch note {
            case .spring:
                (
                    "news",
                    [
                        inbox(
                            "A", "{{ person.first_name | default: '茶友' }}，明前茶到了", "今年第一批明前龙井与白毫银针已上架，会员先品。", "/new"),
                        inbox("B", "第一口春天", "明前茶只采半个月。给自己留一罐，也给想见的人带一罐。", "/new"),
                    ]
                )
            case .birthday:
                (
                    "",
                    [
                        inbox(
                            "A", "生日快乐，{{ person.first_name | default: '茶友' }}",
                            "送你一份生日茶点{% if points.available > 0 %}，你的账户里已有 {{ points.available }} 分{% endif %}。",
                            "/club")
                    ]
                )
            case .review:
                ("", [inbox("A", "这泡茶，还合口味吗？", "说说你的感受，下一位茶友会感谢你。评价后送 30 茶点。", "/club")])
            case .refill:
                ("offers", [inbox("A", "茶罐该续上了", "距上一次下单已近一个月。常喝的那款，我们替你留着。", "/oolong")])
            }
        return MessageTemplate.Draft(
            name: note.rawValue, channel: "inbox", topic: topic, content: TemplateContent(variants: variants))
    }

    private static func inbox(
        _ name: String, _ title: String, _ text: String, _ path: String
    ) -> TemplateContent.Variant {
        TemplateContent.Variant(name: name, subject: title, body: text, link: home + path)
    }

    // MARK: Letters

    private static var letters: [MessageTemplate.Draft] {
        [
            letter(
                "春茶上市（邮件）", "news", "明前茶到了", "今年第一批，会员先品",
                [
                    EmailBlock(.heading, text: "{{ person.first_name | default: '茶友' }}，春天到了"),
                    EmailBlock(.text, text: "今年雨水匀，采得比往年晚五天，香气也更足。**明前龙井**与**白毫银针**今日上架。"),
                    EmailBlock(
                        .columns,
                        columns: [
                            [EmailBlock(.product, text: "白毫银针 30g", url: home + "/white", value: "¥168")],
                            [EmailBlock(.product, text: "凤凰单丛 鸭屎香 80g", url: home + "/oolong", value: "¥118")],
                        ]),
                    EmailBlock(.coupon, text: "为你留的优惠"),
                    EmailBlock(.points, text: "可用茶点", when: "points.available > 0"),
                    EmailBlock(.button, text: "去看看", url: home + "/new"), EmailBlock(.divider),
                    EmailBlock(.footer, text: "山岚茶事 · 杭州市西湖区龙井路 1 号"),
                ]),
            letter(
                "Spring harvest (email)", "news", "The first tea of spring is here", "This year's first harvest",
                [
                    EmailBlock(
                        .heading, text: "{{ person.first_name | default: 'Dear friend of tea' }}, spring is here"),
                    EmailBlock(
                        .text,
                        text:
                            "Picked five days later than last year, after even rain. **Longjing** and **Silver Needle** are in."
                    ),
                    EmailBlock(.product, text: "Silver Needle, 30 g", url: home + "/white", value: "¥168"),
                    EmailBlock(.coupon, text: "Kept for you"),
                    EmailBlock(.points, text: "Your tea points", when: "points.available > 0"),
                    EmailBlock(.button, text: "Have a look", url: home + "/new"), EmailBlock(.divider),
                    EmailBlock(.footer, text: "Shanlan Tea · 1 Longjing Road, Hangzhou"),
                ]),
            letter(
                "会员月报（邮件）", "", "你的茶点与等级", "本月小结",
                [
                    EmailBlock(.heading, text: "{{ person.first_name | default: '会员' }}的山岚会"),
                    EmailBlock(.tier, text: "当前等级"), EmailBlock(.points, text: "可用茶点"),
                    EmailBlock(
                        .text, text: "{{ points.expiring }} 茶点将在 {{ points.expires_on | date: '%Y-%m-%d' }} 过期。",
                        when: "points.expiring > 0"),
                    EmailBlock(.button, text: "兑换", url: home + "/club"),
                    EmailBlock(.footer, text: "山岚茶事 · 杭州市西湖区龙井路 1 号"),
                ]),
            letter(
                "Order confirmation (email)", "", "Thank you for your order", "",
                [
                    EmailBlock(.heading, text: "Thank you, {{ person.first_name | default: 'friend of tea' }}"),
                    EmailBlock(.text, text: "Your order {{ event.order_id }} leaves our house tomorrow."),
                    EmailBlock(.button, text: "See the order", url: home + "/orders"),
                ], isTransactional: true),
        ]
    }

    private static func letter(
        _ name: String, _ topic: String, _ subject: String, _ preheader: String, _ blocks: [EmailBlock],
        isTransactional: Bool = false
    ) -> MessageTemplate.Draft {
        MessageTemplate.Draft(
            name: name, channel: "email", topic: topic, isTransactional: isTransactional,
            content: TemplateContent(variants: [
                TemplateContent.Variant(subject: subject, preheader: preheader, blocks: blocks)
            ]))
    }
}
