import Engine

/// Turns one hit of Matomo's tracking API into events, or says what is wrong with it.
struct MatomoItem {
    let moment: CollectMoment

    func events(_ item: JSONValue) throws(ItemFlaw) -> [IncomingEvent] {
        guard item["rec"]?.word == "1" else {
            throw ItemFlaw(.missingField, "“rec=1” is missing: without it Matomo records nothing.")
        }
        var event = IncomingEvent(
            kind: .track, name: "", messageID: "", identities: Self.claims(item),
            time: try time(item), receivedAt: moment.receivedAt, context: Self.context(item).text)
        let what = try happened(item)
        (event.kind, event.name) = (what.kind, what.name)
        var properties = what.properties
        for (name, value) in item.objectValue ?? [:] where Self.isDimension(name) { properties[name] = value }
        event.properties = JSONValue.object(properties).text()
        guard what.kind == .page, let product = MatomoProduct(item) else { return [event] }
        var viewed = event
        (viewed.kind, viewed.name, viewed.properties) = (.track, product.eventName, product.properties.text())
        return [event, viewed]
    }

    private typealias Fact = (kind: EventKind, name: String, properties: [String: JSONValue])

    /// A hit says one thing, told by the parameters that are there.
    private func happened(_ item: JSONValue) throws(ItemFlaw) -> Fact {
        if item["idgoal"]?.word == "0" { return try order(item) }
        if let goal = item["idgoal"]?.word {
            return (.track, "Goal Reached", members(item, [("goal_id", "idgoal"), ("revenue", "revenue")]).with(goal))
        }
        if let action = item["e_a"]?.word {
            let properties = members(item, [("category", "e_c"), ("action", "e_a"), ("name", "e_n"), ("value", "e_v")])
            return (.track, CommerceWords.name(of: action) ?? action, properties)
        }
        if item["search"]?.word != nil {
            let properties = members(
                item, [("query", "search"), ("category", "search_cat"), ("results", "search_count")])
            return (.track, "Products Searched", properties)
        }
        if item["download"]?.word != nil { return (.track, "File Downloaded", members(item, [("url", "download")])) }
        if item["link"]?.word != nil { return (.track, "Link Clicked", members(item, [("url", "link")])) }
        if item["c_n"]?.word != nil {
            let properties = members(
                item, [("name", "c_n"), ("piece", "c_p"), ("target", "c_t"), ("interaction", "c_i")])
            return (.track, item["c_i"]?.word == nil ? "Content Viewed" : "Content Clicked", properties)
        }
        if item["ping"]?.word == "1" { return (.track, "Page Pinged", [:]) }
        guard item["url"]?.word != nil || item["action_name"]?.word != nil else {
            throw ItemFlaw(.missingField, "Nothing says what happened: “url”, “action_name” or “e_a” is missing.")
        }
        return (.page, "Page Viewed", members(item, [("title", "action_name")]))
    }

    /// With an order id an order, without one the cart as it stands.
    private func order(_ item: JSONValue) throws(ItemFlaw) -> Fact {
        var properties = members(
            item,
            [
                ("order_id", "ec_id"), ("total", "revenue"), ("subtotal", "ec_st"), ("tax", "ec_tx"),
                ("shipping", "ec_sh"), ("discount", "ec_dt"),
            ])
        if let text = item["ec_items"]?.stringValue, !text.isEmpty {
            let items: JSONValue
            do throws(JSONError) {
                items = try JSONValue(parsing: text, maximumDepth: EventLimits.depth)
            } catch {
                throw ItemFlaw(.malformedJSON, "“ec_items” must be a JSON array: \(error)")
            }
            guard let rows = items.arrayValue else {
                throw ItemFlaw(.wrongType, "“ec_items” must be an array of [sku, name, category, price, quantity].")
            }
            properties["products"] = .array(rows.map(Self.product))
        }
        let isOrder = properties["order_id"] != nil
        return (.track, isOrder ? CommerceWords.orderCompleted : "Cart Updated", properties)
    }

    private static func product(_ row: JSONValue) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for (place, name) in ["sku", "name", "category", "price", "quantity"].enumerated() {
            guard let value = row[place], value != .null, value != "" else { continue }
            members[name] = value.arrayValue?.first ?? (place > 2 ? value.numeric : value)
        }
        members["product_id"] = members["sku"]
        return .object(members)
    }

    private func members(_ item: JSONValue, _ names: [(String, String)]) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        for (name, field) in names {
            guard let value = item[field], value != .null, value != "" else { continue }
            members[name] = Self.numbers.contains(field) ? value.numeric : value
        }
        return members
    }

    private static let numbers: Set<String> = [
        "revenue", "ec_st", "ec_tx", "ec_sh", "ec_dt", "e_v", "search_count",
    ]

    private static func isDimension(_ name: String) -> Bool {
        name.hasPrefix("dimension") && name.utf8.dropFirst("dimension".utf8.count).allSatisfy { $0 >= 48 && $0 <= 57 }
    }

    // MARK: Frame

    /// `cdt` is when it happened: seconds, or `2026-11-22 10:00:00` in UTC.
    private func time(_ item: JSONValue) throws(ItemFlaw) -> Timestamp {
        guard let value = item["cdt"], value != "" else { return moment.receivedAt }
        var utc = moment
        utc.settings.zone = .utc
        return try ItemTime.read(value, "cdt", utc) ?? moment.receivedAt
    }

    private static func claims(_ item: JSONValue) -> [IdentityClaim] {
        var claims: [IdentityClaim] = []
        if let user = item["uid"]?.word { claims.append(IdentityClaim(kind: "user_id", value: user)) }
        if let visitor = (item["cid"] ?? item["_id"] ?? item["id"])?.word {
            claims.append(IdentityClaim(kind: "anonymous_id", value: visitor))
        }
        return claims
    }

    private static func context(_ item: JSONValue) -> ContextWords {
        var context = ContextWords()
        // Matomo's own campaign names stand behind those of the address.
        context.set("campaign", "name", item["_rcn"])
        context.set("campaign", "term", item["_rck"])
        context.setPage(url: item["url"]?.word)
        for (group, name, field) in [
            ("page", "title", "action_name"), ("page", "referrer", "urlref"), ("", "userAgent", "ua"),
            ("", "locale", "lang"), ("", "ip", "cip"), ("", "pageViewId", "pv_id"),
        ] { context.set(group, name, item[field]) }
        context.set("library", "name", "matomo")
        if let size = item["res"]?.word?.split(separator: "x"), size.count == 2 {
            context.set("screen", "width", Int64(size[0]).map { .integer($0) })
            context.set("screen", "height", Int64(size[1]).map { .integer($0) })
        }
        return context
    }
}

extension [String: JSONValue] {
    fileprivate func with(_ goal: String) -> [String: JSONValue] {
        var members = self
        members["goal_id"] = .string(goal)
        return members
    }
}

/// The product or category that a page view shows: `_pks`, `_pkn`, `_pkc`, `_pkp`, of their own or as custom variables.
struct MatomoProduct {
    private var fields: [String: JSONValue] = [:]

    init?(_ item: JSONValue) {
        for name in Self.names.keys { if let value = item[name], value != "" { fields[name] = value.numeric } }
        for bag in ["cvar", "_cvar"] {
            guard let text = item[bag]?.stringValue, text.contains("_pk") else { continue }
            // Custom variables that cannot be read say nothing about a product; the page view stands.
            let variables = Result { try JSONValue(parsing: text, maximumDepth: EventLimits.depth) }
            guard case .success(let tree) = variables else { continue }
            for pair in tree.objectValue?.values.map({ $0 }) ?? [] {
                guard let name = pair[0]?.stringValue, Self.names[name] != nil, let value = pair[1] else { continue }
                fields[name] = value.numeric
            }
        }
        if fields.isEmpty { return nil }
    }

    private static let names = ["_pks": "sku", "_pkn": "name", "_pkc": "category", "_pkp": "price"]

    var eventName: String {
        fields["_pks"] == nil && fields["_pkn"] == nil ? "Product List Viewed" : "Product Viewed"
    }

    var properties: JSONValue {
        var members: [String: JSONValue] = [:]
        for (field, name) in Self.names { if let value = fields[field] { members[name] = value } }
        members["sku"] = members["sku"].map { $0.word.map { .string($0) } ?? $0 }
        members["product_id"] = members["sku"]
        return .object(members)
    }
}
