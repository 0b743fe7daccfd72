import Storage

/// How the demo brand divides its people: segments, tags, a score, a dashboard, saved reports, the codes that hang in its
/// stores, and the machines that were counted apart. What follows from definitions is filled by the server's own jobs.
/// Doing it again adds nothing.
package enum DemoAudience {
    private static let actor = "demo"
    private static let guests = 60

    private static let segments: [(name: String, words: String, criteria: String)] = [
        (
            "高价值将流失", "消费满 1,000 元、正在远离的老客，最值得挽回。",
            """
            {"kind":"all","of":[{"kind":"stage","values":["decline","churn"]},
             {"kind":"order_figure","figure":"spend","is":"at_least","value":1000}]}
            """
        ),
        (
            "加购未买", "近 7 天加过购物车，却没有下单。",
            """
            {"kind":"all","of":[
             {"kind":"did","event":{"names":["Product Added"]},"within":{"last_days":7}},
             {"kind":"did","event":{"names":["Order Completed"]},"compare":{"is":"exactly","value":0},
              "within":{"last_days":7}}]}
            """
        ),
        (
            "半月内生日", "今天起 14 天内过生日的会员。",
            #"{"kind":"trait","name":"birthday","is":"anniversary_in_days","days":14}"#
        ),
        (
            "老茶客", "180 天内买过至少 3 次。",
            #"{"kind":"orders","figure":"count","compare":{"is":"at_least","value":3},"within":{"last_days":180}}"#
        ),
        (
            "看了就买", "看过商品后 24 小时内下单，30 天内发生过。",
            """
            {"kind":"sequence","steps":[{"names":["Product Viewed"]},{"names":["Order Completed"]}],"in":{"hours":24},
             "within":{"last_days":30}}
            """
        ),
        (
            "有券未用", "手里还有没用的优惠券。",
            #"{"kind":"coupons","is":"at_least","value":1}"#
        ),
    ]

    private static let score = """
        {"version":1,"half_life_days":30,
         "groups":[{"name":"browsing","cap_per_day":10,"cap":60}],
         "grades":{"a":80,"b":50,"c":20},"thresholds":[{"name":"热","at":80}],
         "rules":[
          {"id":"order","name":"下单","kind":"order","points":30},
          {"id":"checkout","name":"开始结算","kind":"event","event":{"names":["Checkout Started"]},"points":8},
          {"id":"cart","name":"加购","kind":"event","event":{"names":["Product Added"]},"points":5,"group":"browsing"},
          {"id":"view","name":"看商品","kind":"event","event":{"names":["Product Viewed"]},"points":1,"group":"browsing"},
          {"id":"refund","name":"退货","kind":"event","event":{"names":["Order Refunded"]},"points":-10},
          {"id":"known","name":"留了生日","kind":"condition","where":{"kind":"trait","name":"birthday","is":"set"},
           "points":10,"dimension":"fit"}]}
        """

    private static let panels = [
        DashboardPanel(title: "访客", panel: "trend", query: "days=30&report=traffic", width: 2),
        DashboardPanel(title: "来源", panel: "sources", query: "days=30&report=traffic", width: 1),
        DashboardPanel(title: "从看到买", panel: "steps", query: "days=30&report=funnel", width: 1),
        DashboardPanel(title: "销售", panel: "trend", query: "days=90&report=purchases", width: 2),
        DashboardPanel(title: "回头", panel: "matrix", query: "days=84&report=retention", width: 3),
    ]

    /// Throws: `SegmentError`, `TagError`, `ScoreError`, `DashboardError`, `ViewError`, `ChannelCodeError`,
    /// `StorageError`.
    package static func load(_ platform: Platform) async throws {
        let effects = platform.effects
        try await platform.store.write { connection in
            guard try Segments.list(connection).isEmpty, try Tags.list(connection).isEmpty else { return }
            for segment in segments {
                let draft = SegmentDraft(
                    name: segment.name, description: segment.words, criteria: wrapped(segment.criteria))
                _ = try Segments.create(draft, effects: effects, connection)
            }
            try tags(effects, connection)
            _ = try ScoreModels.create(
                ScoreDraft(name: "购买意向", description: "最近做了什么，离下单有多近。", definition: score), effects: effects,
                connection)
            _ = try Dashboards.create(
                name: "每周经营", isShared: true,
                DashboardLayout(panels: panels, digest: DigestSchedule(cadence: .weekly)), by: 0, connection, effects)
            try codes(effects, connection)
            try DemoReports.install(connection, effects)
            let site = try Sources.find(name: DemoSource.web.name, connection)?.id
            try DemoMachines.load(
                source: try site ?? ChannelCodes.source(connection, effects), until: effects.now(), connection)
        }
    }

    /// They were put up before anybody came by one.
    private static func codes(_ effects: Effects, _ connection: any SQLConnection) throws {
        let day = effects.now().adding(days: -Int(DemoVisits.days) - 1)
        let past = Effects(
            now: { day }, newID: effects.newID, randomBytes: effects.randomBytes)
        try ChannelTargets.allow(DemoCode.host, by: actor, connection, at: day)
        for code in DemoCode.all {
            let draft = ChannelCodes.Draft(
                name: code.name, kind: code.kind, owner: code.owner, target: DemoCode.target, code: code.code,
                campaign: code.campaign)
            _ = try ChannelCodes.create(draft, by: actor, connection, past)
        }
    }

    /// A tree: what people drink as an exclusive group of rules, and guests of honour by hand.
    private static func tags(_ effects: Effects, _ connection: any SQLConnection) throws {
        let taste = try Tags.create(
            TagDraft(name: "口味", description: "最常喝的茶", colour: .green, isExclusive: true), effects: effects, connection)
        for (tea, colour) in [("乌龙", TagColour.teal), ("普洱", .red), ("白茶", .grey)] {
            let rule = #"{"kind":"trait","name":"favourite_tea","is":"equals","values":["\#(tea)"]}"#
            let draft = TagDraft(name: tea, parentID: taste.id, colour: colour, kind: .rule, criteria: wrapped(rule))
            _ = try Tags.create(draft, effects: effects, connection)
        }
        let guest = try Tags.create(
            TagDraft(name: "品鉴会嘉宾", description: "受邀参加过线下品鉴会", colour: .purple), effects: effects, connection)
        let people = try connection.query(
            """
            SELECT id FROM profiles WHERE merged_into IS NULL AND deleted_ms IS NULL AND order_count > 4
            ORDER BY order_count DESC, id LIMIT \(guests)
            """
        ).map { try $0.int(0) }
        _ = try Tags.give(guest.id, to: people, TagCause(.hand, actor), effects: effects, connection)
    }

    private static func wrapped(_ criteria: String) -> String { #"{"version":1,"where":\#(criteria)}"# }
}
