import Engine

/// Turns one Mixpanel item into events, or says what is wrong with it.
struct MixpanelItem {
    let moment: CollectMoment

    // MARK: Events

    func tracked(_ item: JSONValue) throws(ItemFlaw) -> [IncomingEvent] {
        guard let name = item["event"]?.word else {
            throw ItemFlaw(.missingField, "“event”, the name of what happened, is missing.")
        }
        guard let properties = (item["properties"] ?? [:]).objectValue else {
            throw ItemFlaw(.wrongType, "“properties” must be an object.")
        }
        guard properties.count <= EventLimits.properties else {
            throw ItemFlaw(.tooLarge, "“properties” has at most \(EventLimits.properties) members.")
        }
        let id = properties["$insert_id"]?.word ?? ""
        var (own, context) = Self.presets.sort(properties)
        context.setPage(url: properties["$current_url"]?.stringValue ?? properties["current_url"]?.stringValue)
        if own["$referring_domain"] == "$direct" { own["$referring_domain"] = nil }
        var event = IncomingEvent(
            kind: .track, name: name, messageID: id, identities: MixpanelIdentities.claims(name, properties),
            time: try ItemTime.read(properties["time"], "time", moment) ?? moment.receivedAt,
            receivedAt: moment.receivedAt, context: context.text)
        switch name {
        case "$identify", "$create_alias", "$merge": (event.kind, event.name) = (.alias, "Alias")
        case "$mp_web_page_view", "mp_page_view", "Page View": (event.kind, event.name) = (.page, "Page Viewed")
        case "$mp_click": event.name = "Element Clicked"
        case "$mp_submit": event.name = "Form Submitted"
        default:
            let standard = CommerceWords.standard(name, own, id: id)
            (event.name, own) = (standard.name, standard.properties)
        }
        event.properties = JSONValue.object(own).text()
        return [event]
    }

    // MARK: People

    /// The operations of a profile update, each an event of its own.
    func engaged(_ item: JSONValue) throws(ItemFlaw) -> [IncomingEvent] {
        guard let distinct = item["$distinct_id"]?.word else {
            throw ItemFlaw(.noIdentity, "“$distinct_id” is missing.")
        }
        let time = try ItemTime.read(item["$time"], "$time", moment) ?? moment.receivedAt
        var base = IncomingEvent(
            kind: .identify, name: "Identify", messageID: "",
            identities: MixpanelIdentities.claims("", ["distinct_id": .string(distinct)]), time: time,
            receivedAt: moment.receivedAt)
        var context = ContextWords()
        if let address = item["$ip"]?.stringValue, address != "0" { context.set("", "ip", address) }
        base.context = context.text
        var events: [IncomingEvent] = []
        for (operation, meaning) in Self.operations {
            guard let value = item[operation] else { continue }
            events += try change(base, operation, meaning, value)
        }
        guard !events.isEmpty else {
            throw ItemFlaw(
                .unknownEventType,
                "None of " + Self.operations.map(\.name).joined(separator: ", ")
                    + " is there: nothing says what to change.")
        }
        return events
    }

    private static let operations: [(name: String, meaning: TraitOperation)] = [
        ("$set", .set), ("$set_once", .setOnce), ("$add", .increment), ("$append", .append), ("$union", .append),
        ("$unset", .unset), ("$delete", .delete),
    ]

    private func change(
        _ base: IncomingEvent, _ operation: String, _ meaning: TraitOperation, _ value: JSONValue
    ) throws(ItemFlaw) -> [IncomingEvent] {
        var event = base
        event.traitOperation = meaning
        switch meaning {
        case .delete: return [event]
        case .unset:
            let names = (value.arrayValue ?? [value]).compactMap(\.stringValue)
            let members = Dictionary(names.map { ($0, JSONValue.null) }) { first, _ in first }
            event.traits = JSONValue.object(members).withoutDollars.text()
            return [event]
        default: break
        }
        guard var members = value.objectValue else { throw ItemFlaw(.wrongType, "“\(operation)” must be an object.") }
        guard operation == "$append", let charge = members.removeValue(forKey: "$transactions") else {
            event.traits = value.withoutDollars.text()
            return [event]
        }
        var events = [try order(base, charge)]
        if !members.isEmpty {
            event.traits = JSONValue.object(members).withoutDollars.text()
            events.append(event)
        }
        return events
    }

    /// `track_charge`: Mixpanel's revenue, which knows no order numbers.
    private func order(_ base: IncomingEvent, _ charge: JSONValue) throws(ItemFlaw) -> IncomingEvent {
        guard let amount = charge["$amount"], amount.amount != nil else {
            throw ItemFlaw(.wrongType, "“$transactions” needs “$amount”, a number.")
        }
        var event = base
        (event.kind, event.name) = (.track, amount.amount ?? 0 < 0 ? "Charge Returned" : CommerceWords.orderCompleted)
        event.time = try ItemTime.read(charge["$time"], "$time", moment) ?? base.time
        var properties = charge.withoutDollars.objectValue ?? [:]
        properties["amount"] = nil
        properties["time"] = nil
        properties["total"] = amount
        let who = base.identities.map(\.value).joined(separator: "|")
        if properties["order_id"] == nil {
            properties["order_id"] = .string("charge-\(who)-\(event.time.milliseconds)")
        }
        event.properties = JSONValue.object(properties).text()
        return event
    }

    private static let presets = PresetWords(
        places: PresetWords.campaign.merging([
            "$current_url": "page.url", "current_url": "page.url", "current_page_title": "page.title",
            "current_url_path": "page.path", "current_url_search": "page.search", "$referrer": "page.referrer",
            "mp_lib": "library.name", "$lib_version": "library.version", "$os": "os.name", "$os_version": "os.version",
            "$browser": "browser.name", "$browser_version": "browser.version", "$device": "device.type",
            "$model": "device.model", "$manufacturer": "device.manufacturer", "$brand": "device.brand",
            "$screen_width": "screen.width", "$screen_height": "screen.height", "$carrier": "network.carrier",
            "$wifi": "network.wifi", "$app_version_string": "app.version", "$user_agent": "userAgent",
            "ip": "ip", "$ip": "ip", "$city": "location.city", "$region": "location.region",
            "mp_country_code": "location.country", "$insert_id": "", "token": "", "time": "", "distinct_id": "",
            "$user_id": "", "$device_id": "", "$identified_id": "", "$anon_id": "", "$anon_distinct_id": "",
            "$distinct_ids": "", "alias": "", "$had_persisted_distinct_id": "", "mp_sent_by_lib_version": "",
            "$mp_api_endpoint": "", "$mp_api_timestamp_ms": "", "mp_processing_time_ms": "",
            "current_domain": "", "current_url_protocol": "",
        ]) { first, _ in first })
}
