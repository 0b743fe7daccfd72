import Engine

/// Turns one event of the tracker protocol into an event, or says what is wrong with it.
struct SnowplowItem {
    let moment: CollectMoment
    let lines: SnowplowOrderLines

    func events(_ item: JSONValue) throws(ItemFlaw) -> [IncomingEvent] {
        guard let type = item["e"]?.word else { throw ItemFlaw(.missingField, "“e”, the type of event, is missing.") }
        let entities = try SnowplowEntities(item)
        var event = IncomingEvent(
            kind: .track, name: "", messageID: item["eid"]?.word ?? "", identities: Self.claims(item, entities),
            time: try time(item), receivedAt: moment.receivedAt, context: Self.context(item, entities).text)
        var properties: [String: JSONValue]
        switch type {
        case "pv":
            (event.kind, event.name) = (.page, "Page Viewed")
            properties = Self.members(item, [("title", "page")])
        case "pp":
            event.name = "Page Pinged"
            properties = Self.members(
                item,
                [
                    ("scroll_x_min", "pp_mix"), ("scroll_x_max", "pp_max"), ("scroll_y_min", "pp_miy"),
                    ("scroll_y_max", "pp_may"),
                ])
        case "se": (event.name, properties) = try structured(item)
        case "ue": (event.kind, event.name, properties) = try described(item, entities)
        case "tr": (event.name, properties) = order(item)
        case "ti":
            let id = item["ti_id"]?.word ?? ""
            if lines.isTaken(order: id) { return [] }
            event.name = "Product Ordered"
            properties = SnowplowOrderLines.line(item).objectValue ?? [:]
            properties["order_id"] = .string(id)
        default:
            throw ItemFlaw(
                .unknownEventType, "“\(type.prefix(40))” is no type of this dialect: pv, pp, se, ue, tr, ti.")
        }
        if !entities.rest.isEmpty { properties["entities"] = .object(entities.rest) }
        event.properties = JSONValue.object(properties).text()
        return [event]
    }

    // MARK: Types

    private func structured(_ item: JSONValue) throws(ItemFlaw) -> (String, [String: JSONValue]) {
        guard let action = item["se_ac"]?.word else {
            throw ItemFlaw(.missingField, "“se_ac”, the action of a structured event, is missing.")
        }
        let properties = Self.members(
            item, [("category", "se_ca"), ("label", "se_la"), ("property", "se_pr"), ("value", "se_va")])
        return (CommerceWords.name(of: action) ?? action, properties)
    }

    /// A self-describing event: named by its schema.
    private func described(
        _ item: JSONValue, _ entities: SnowplowEntities
    ) throws(ItemFlaw) -> (EventKind, String, [String: JSONValue]) {
        guard let wrapper = try SnowplowEntities.json(item, plain: "ue_pr", encoded: "ue_px"),
            let inner = wrapper["data"], let schema = inner["schema"]?.stringValue.flatMap(SnowplowSchema.init)
        else { throw ItemFlaw(.missingField, "“ue_pr” or “ue_px” must hold a self-describing event.") }
        guard let data = inner["data"]?.objectValue else {
            throw ItemFlaw(.wrongType, "The data of a self-describing event must be an object.")
        }
        if schema.vendor == "com.snowplowanalytics.snowplow.ecommerce" {
            let shop = entities.commerce(action: data)
            if let shop { return (.track, shop.name, shop.properties) }
        }
        switch schema.name {
        case "screen_view": return (.screen, "Screen Viewed", data)
        case "link_click": return (.track, "Link Clicked", data)
        case "submit_form": return (.track, "Form Submitted", data)
        case "site_search": return (.track, "Products Searched", data)
        default: break
        }
        let standard = CommerceWords.standard(schema.name, data, id: item["eid"]?.word ?? "")
        return (.track, standard.name, standard.properties)
    }

    private func order(_ item: JSONValue) -> (String, [String: JSONValue]) {
        var properties = Self.members(
            item,
            [
                ("order_id", "tr_id"), ("store", "tr_af"), ("total", "tr_tt"), ("tax", "tr_tx"), ("shipping", "tr_sh"),
                ("currency", "tr_cu"),
            ])
        for name in ["total", "tax", "shipping"] { properties[name] = properties[name]?.numeric }
        let products = lines.of(order: item["tr_id"]?.word ?? "")
        if !products.isEmpty { properties["products"] = .array(products) }
        return (CommerceWords.orderCompleted, properties)
    }

    private static func members(_ item: JSONValue, _ names: [(String, String)]) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        for (name, field) in names {
            guard let value = item[field], value != .null, value != "" else { continue }
            members[name] = field.hasPrefix("pp_") || field == "se_va" ? value.numeric : value
        }
        return members
    }

    // MARK: Frame

    /// `ttm` is the true time, told; `dtm` the device's, corrected by `stm`, when it was sent.
    private func time(_ item: JSONValue) throws(ItemFlaw) -> Timestamp {
        if let told = try ItemTime.read(item["ttm"], "ttm", moment) { return told }
        return ClockCorrection.time(
            original: try ItemTime.read(item["dtm"], "dtm", moment),
            sentAt: ItemTime.believed(item["stm"], moment), receivedAt: moment.receivedAt)
    }

    private static func claims(_ item: JSONValue, _ entities: SnowplowEntities) -> [IdentityClaim] {
        var claims: [IdentityClaim] = []
        for (kind, value) in [
            ("user_id", item["uid"]?.word), ("anonymous_id", item["duid"]?.word),
            ("device_id", entities.session?["userId"]?.word), ("cookie_id", (item["tnuid"] ?? item["nuid"])?.word),
        ] {
            if let value { claims.append(IdentityClaim(kind: kind, value: value)) }
        }
        return claims
    }

    private static func context(_ item: JSONValue, _ entities: SnowplowEntities) -> ContextWords {
        var context = ContextWords()
        context.setPage(url: item["url"]?.word)
        for (group, name, field) in [
            ("page", "title", "page"), ("page", "referrer", "refr"), ("", "ip", "ip"), ("", "userAgent", "ua"),
            ("", "locale", "lang"), ("", "timezone", "tz"), ("", "sessionId", "sid"), ("library", "version", "tv"),
            ("app", "platform", "p"),
        ] { context.set(group, name, item[field]) }
        context.set("library", "name", "snowplow")
        if let size = item["res"]?.word?.split(separator: "x"), size.count == 2 {
            context.set("screen", "width", Int64(size[0]).map { .integer($0) })
            context.set("screen", "height", Int64(size[1]).map { .integer($0) })
        }
        if let mobile = entities.mobile {
            for (group, name, field) in [
                ("os", "name", "osType"), ("os", "version", "osVersion"),
                ("device", "manufacturer", "deviceManufacturer"),
                ("device", "model", "deviceModel"), ("network", "carrier", "carrier"),
            ] { context.set(group, name, mobile[field]) }
        }
        if item["sid"] == nil { context.set("", "sessionId", entities.session?["sessionId"]) }
        return context
    }
}
