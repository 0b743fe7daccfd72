/// Writes moments as events, with the disorder that real clients bring: numbers as text, broken telephone numbers,
/// identities nobody knows, values that mean nobody.
struct DemoWriter {
    private var writer = JSONObjectWriter()
    private let seedText: String
    private static let zoneDays: Int64 = 86_400_000

    init(seed: UInt64) {
        seedText = String(seed, radix: 36)
    }

    mutating func event(_ moment: DemoMoment, _ person: DemoPerson) -> IncomingEvent {
        var random = SplitMix64(seed: moment.draw ^ UInt64(moment.act.rawValue))
        var event = IncomingEvent(
            kind: .track, name: name(moment.act),
            messageID: "demo-\(seedText)-\(person.number)-\(moment.number)",
            identities: identities(moment, person, &random), time: Timestamp(milliseconds: moment.time),
            receivedAt: Timestamp(milliseconds: moment.received))
        switch moment.act {
        case .page: page(&event, moment, &random)
        case .list, .search, .article, .share, .scan, .cart: event.properties = small(moment, person, &random)
        case .product, .review: event.properties = product(moment, person, &random)
        case .checkout, .order, .refund, .cancel: event.properties = order(moment, person, &random)
        case .identify, .profile:
            event.kind = .identify
            event.traits = traits(moment, person, &random)
        case .consent: event.properties = consent(person, &random)
        case .session, .seen, .click, .dwell, .code: DemoTracked.fill(&event, moment)
        }
        return event
    }

    private func name(_ act: DemoMoment.Act) -> String {
        switch act {
        case .page, .seen: "Page Viewed"
        case .list: "Product List Viewed"
        case .product: "Product Viewed"
        case .search: "Products Searched"
        case .cart: "Product Added"
        case .checkout: "Checkout Started"
        case .order: "Order Completed"
        case .refund: "Order Refunded"
        case .cancel: "Order Cancelled"
        case .identify, .profile: "Identify"
        case .consent: "Consent Changed"
        case .article: "Article Read"
        case .scan: "Store Code Scanned"
        case .review: "Product Reviewed"
        case .share: "Product Shared"
        case .session: "Session Started"
        case .click: "Element Clicked"
        case .dwell: "Page Dwelt"
        case .code: "Channel Code Scanned"
        }
    }

    private func identities(
        _ moment: DemoMoment, _ person: DemoPerson, _ random: inout SplitMix64
    ) -> [IdentityClaim] {
        var claims: [IdentityClaim] = []
        func claim(_ kind: String, _ value: String) { claims.append(IdentityClaim(kind: kind, value: value)) }
        switch moment.source {
        case .pos:
            if random.chance(0.7) { claim("member_id", person.memberID) }
            if claims.isEmpty || moment.act == .identify { claim("phone", person.phone) }
            if moment.act == .identify { claims.insert(IdentityClaim(kind: "user_id", value: person.userID), at: 0) }
            return claims
        case .wechat:
            if moment.isKnown { claim("user_id", person.userID) }
            if moment.act == .identify { claim("wechat_unionid", person.unionID) }
            claim("wechat_openid", person.openID)
        case .codes:
            // The cookie that the tracker on the site knows too.
            claim("anonymous_id", person.anonymousID(.web, device: Int(moment.device)))
            return claims
        case .web, .app:
            if moment.isKnown {
                claim("user_id", person.userID)
            } else if random.chance(0.01) {
                // A client that fills in a word for nobody.
                claim("user_id", random.pick(["null", "0", "undefined"]))
            }
            claim("anonymous_id", person.anonymousID(moment.source, device: Int(moment.device)))
            if moment.source == .app, moment.act == .identify {
                claim("device_id", "A-" + person.anonymousID(.app, device: Int(moment.device)))
            }
        }
        if moment.act == .identify || moment.act == .profile {
            if random.chance(0.86) { claim("phone", person.phone) }
            if person.hasEmail { claim("email", person.email) }
            if random.chance(0.02) { claim("weibo_uid", String(random.whole(1_000_000...9_999_999))) }
        }
        return claims
    }

    // MARK: Pages

    private mutating func page(_ event: inout IncomingEvent, _ moment: DemoMoment, _ random: inout SplitMix64) {
        let places: [(String, String)] = [
            ("/", "首页"), ("/new", "新品"), ("/oolong", "乌龙茶"), ("/puer", "普洱"), ("/white", "白茶"), ("/black", "红茶"),
            ("/flower", "花茶"), ("/teaware", "茶具"), ("/gift", "礼盒"), ("/story", "山岚故事"), ("/club", "会员中心"),
        ]
        let (path, title) = places[random.whole(0...places.count - 1)]
        event.kind = moment.source == .web ? .page : .screen
        if moment.source != .web { event.name = "Screen Viewed" }
        writer.begin()
        writer.string("path", path)
        writer.string("title", title)
        event.properties = writer.end()
        guard moment.source == .web || random.chance(0.3) else { return }
        event.context = context(path, moment, &random)
    }

    private mutating func context(_ path: String, _ moment: DemoMoment, _ random: inout SplitMix64) -> String {
        let referrers = [
            "https://www.baidu.com/", "https://www.xiaohongshu.com/", "https://www.zhihu.com/", "https://weibo.com/",
            "",
            "", "",
        ]
        let campaigns: [(String, String, String)] = [
            ("wechat", "article", "春茶上市"), ("douyin", "video", "直播间"), ("xiaohongshu", "note", "冷泡茶"),
            ("sms", "message", "老客回访"), ("baidu", "cpc", "品牌词"),
        ]
        let host = moment.source == .web ? "https://www.shanlantea.example" : "https://h5.shanlantea.example"
        let referrer = random.pick(referrers)
        let campaign = random.chance(0.24) ? random.pick(campaigns) : nil
        var text = "{\"page\":{\"url\":\"\(host)\(path)\""
        if !referrer.isEmpty { text += ",\"referrer\":\"\(referrer)\"" }
        text += "}"
        if let (source, medium, name) = campaign {
            text += ",\"campaign\":{\"source\":\"\(source)\",\"medium\":\"\(medium)\",\"name\":\"\(name)\"}"
        }
        return text + "}"
    }

    // MARK: Looking and choosing

    private mutating func small(
        _ moment: DemoMoment, _ person: DemoPerson, _ random: inout SplitMix64
    ) -> String {
        writer.begin()
        switch moment.act {
        case .list:
            writer.string("category", random.chance(0.5) ? person.category : random.pick(DemoProduct.categories))
        case .search:
            writer.string("query", random.pick(["正山小种", "礼盒", "白茶", "小青柑", "冷泡", "盖碗", "送长辈", "茉莉", "铁观音"]))
            writer.integer("results", Int64(random.whole(0...24)))
        case .article:
            writer.string("title", random.pick(["怎样泡好一壶岩茶", "白茶能放几年", "春茶与秋茶", "认识六大茶类", "茶席上的器物"]))
            writer.integer("seconds", Int64(10 + random.exponential(mean: 80)))
        case .scan:
            writer.string("store", person.place.stores.first ?? "门店")
            writer.string("placement", random.pick(["收银台", "门口海报", "茶席"]))
        default:
            let product = DemoProduct.all[random.index(cumulative: DemoProduct.cumulative)]
            describe(product)
            if moment.act == .share { writer.string("channel", random.pick(["朋友圈", "好友", "微信群"])) }
        }
        return writer.end()
    }

    private mutating func product(
        _ moment: DemoMoment, _ person: DemoPerson, _ random: inout SplitMix64
    ) -> String {
        writer.begin()
        if moment.act == .review {
            let order = demoOrder(moment, person)
            if let line = order.lines.first { describe(line.product) }
            writer.string("order_id", order.id)
            writer.integer("rating", Int64(random.index(cumulative: [2, 5, 12, 40, 100]) + 1))
        } else {
            describe(DemoProduct.all[random.index(cumulative: DemoProduct.cumulative)])
        }
        return writer.end()
    }

    private mutating func describe(_ product: DemoProduct) {
        writer.string("sku", product.sku)
        writer.string("name", product.name)
        writer.string("category", product.category)
        writer.amount("price", DemoWriter.yuan(product.price))
    }

    // MARK: Orders

    private func demoOrder(_ moment: DemoMoment, _ person: DemoPerson) -> DemoOrder {
        DemoOrder(
            draw: moment.draw, person: person, day: Int((moment.time + DemoLife.zoneMilliseconds) / Self.zoneDays),
            source: moment.source)
    }

    private mutating func order(
        _ moment: DemoMoment, _ person: DemoPerson, _ random: inout SplitMix64
    ) -> String {
        let order = demoOrder(moment, person)
        writer.begin()
        if moment.act != .checkout { writer.string("order_id", order.id) }
        switch moment.act {
        case .refund: refund(order, &random)
        case .cancel: writer.string("reason", random.pick(["不想要了", "地址填错", "重复下单"]))
        default:
            if moment.act == .order, random.chance(0.004) {
                // A till that writes money as people do.
                writer.string("revenue", "¥" + DemoWriter.yuan(order.revenue).text)
            } else {
                writer.amount("revenue", DemoWriter.yuan(order.revenue))
            }
            writer.amount("total", DemoWriter.yuan(order.revenue + order.shipping))
            if order.shipping > 0 { writer.amount("shipping", DemoWriter.yuan(order.shipping)) }
            if order.discount > 0 { writer.amount("discount", DemoWriter.yuan(order.discount)) }
            writer.string("coupon", order.coupon ?? "")
            writer.string("currency", "CNY")
            writer.string("store", order.store ?? "")
            writer.string("channel", moment.source.channel)
            writer.raw("products", DemoWriter.products(order.lines))
        }
        return writer.end()
    }

    /// All of it, or one line of it at its share of the discount.
    private mutating func refund(_ order: DemoOrder, _ random: inout SplitMix64) {
        writer.string("refund_id", order.id + "-R1")
        if order.lines.count > 1, random.chance(0.65) {
            let line = order.lines[random.whole(0...order.lines.count - 1)]
            let sum = order.revenue + order.discount
            let share = sum > 0 ? line.amount * order.revenue / sum : 0
            writer.amount("refund_amount", DemoWriter.yuan(share))
            writer.raw("products", DemoWriter.products([line]))
        } else {
            writer.amount("refund_amount", DemoWriter.yuan(order.revenue))
        }
        writer.string("currency", "CNY")
        writer.string("reason", random.pick(["口味不合", "包装破损", "买多了", "七天无理由"]))
    }

    private static func products(_ lines: [DemoOrder.Line]) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        var writer = JSONObjectWriter()
        for line in lines {
            writer.begin()
            writer.string("sku", line.product.sku)
            writer.string("name", line.product.name)
            writer.string("category", line.product.category)
            writer.amount("price", yuan(line.product.price))
            writer.integer("quantity", Int64(line.quantity))
            if bytes.count > 1 { bytes.append(ASCII.comma) }
            bytes.append(contentsOf: writer.end().utf8)
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }

    private static func yuan(_ fen: Int) -> ExactAmount {
        ExactAmount(units: Int128(fen) * 1_000_000)
    }

    // MARK: People

    private mutating func traits(
        _ moment: DemoMoment, _ person: DemoPerson, _ random: inout SplitMix64
    ) -> String {
        writer.begin()
        if moment.act == .profile {
            writer.string("favourite_tea", random.chance(0.7) ? person.category : random.pick(DemoProduct.categories))
            if random.chance(0.4) {
                writer.string("drinks", random.pick(["清晨", "午后", "饭后", "待客"]))
            }
            return writer.end()
        }
        writer.string("name", person.name)
        writer.string("gender", person.isFemale ? "女" : "男")
        writer.string("city", person.place.city)
        writer.string("province", person.place.province)
        writer.string("register_channel", moment.source.channel)
        if random.chance(0.62) { writer.string("birthday", birthday(person)) }
        switch random.unit() {
        case ..<0.012: writer.string("phone", random.pick(["无", "1380013", "123456789012345", "139 xxxx"]))
        case ..<0.9: writer.string("phone", person.phone)
        default: break
        }
        // WeChat and the till vouch for the number.
        if moment.source == .wechat || moment.source == .pos { writer.raw("phone_verified", "true".utf8) }
        if person.hasEmail { writer.string("email", person.email) }
        if random.chance(0.3) { writer.string("favourite_tea", person.category) }
        if random.chance(0.01) {
            writer.string("age", "三十多")
        } else if random.chance(0.2) {
            writer.integer("age", Int64(2026 - person.birthYear))
        }
        writer.raw("sms_consent", (person.wantsMessages ? "true" : "false").utf8)
        return writer.end()
    }

    private func birthday(_ person: DemoPerson) -> String {
        let first = CivilDate(year: person.birthYear, month: 1, day: 1).dayNumber
        return LocalCalendar.text(ofDay: Int64(first + person.birthDay))
    }

    private mutating func consent(_ person: DemoPerson, _ random: inout SplitMix64) -> String {
        writer.begin()
        writer.string("channel", random.pick(["sms", "wechat", "email", "push"]))
        writer.raw("granted", (random.chance(person.wantsMessages ? 0.85 : 0.2) ? "true" : "false").utf8)
        return writer.end()
    }
}

extension DemoSource {
    /// The word in orders.
    var channel: String {
        switch self {
        case .web, .codes: "web"
        case .app: "app"
        case .wechat: "wechat"
        case .pos: "store"
        }
    }
}
