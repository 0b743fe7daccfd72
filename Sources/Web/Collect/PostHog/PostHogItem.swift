import Engine

/// Turns one PostHog event into events, or says what is wrong with it.
struct PostHogItem {
    let moment: CollectMoment
    let sentAt: Timestamp?

    func events(_ item: JSONValue) throws(ItemFlaw) -> [IncomingEvent] {
        guard let name = item["event"]?.word else {
            throw ItemFlaw(.missingField, "“event”, the name of what happened, is missing.")
        }
        let properties = try object(item["properties"], "properties")
        // Old SDKs write `$set` beside the properties, new ones among them.
        let set = try object(item["$set"] ?? properties["$set"], "$set")
        let setOnce = try object(item["$set_once"] ?? properties["$set_once"], "$set_once")
        guard let distinct = (item["distinct_id"] ?? properties["distinct_id"] ?? properties["$distinct_id"])?.word
        else { throw ItemFlaw(.noIdentity, "“distinct_id” is missing.") }
        let id = (item["uuid"] ?? properties["$insert_id"])?.word ?? ""
        var event = IncomingEvent(
            kind: .track, name: name, messageID: id,
            identities: PostHogIdentities.claims(name, distinct, properties), time: try time(item),
            receivedAt: moment.receivedAt)
        let (own, context) = Self.sorted(properties, session: item["session_id"])
        event.context = context.text
        try fill(&event, name, own, id, isWeb: properties["$lib"] == "web")
        let unset = properties["$unset"] ?? item["$unset"]
        return spread(event, set: set, setOnce: setOnce, unset: unset?.arrayValue ?? [])
    }

    private func fill(
        _ event: inout IncomingEvent, _ name: String, _ own: [String: JSONValue], _ id: String, isWeb: Bool
    ) throws(ItemFlaw) {
        event.properties = JSONValue.object(own).text()
        switch name {
        case "$pageview": (event.kind, event.name) = (.page, "Page Viewed")
        case "$screen": (event.kind, event.name) = (.screen, "Screen Viewed")
        case "$pageleave": event.name = "Page Left"
        case "$autocapture": event.name = own["$event_type"] == "submit" ? "Form Submitted" : "Element Clicked"
        case "$identify", "$set", "$set_once", "$unset": (event.kind, event.name) = (.identify, "Identify")
        case "$create_alias", "$merge_dangerously": (event.kind, event.name) = (.alias, "Alias")
        case "$groupidentify":
            guard isWeb else {
                throw ItemFlaw(
                    .unknownEventType, "“$groupidentify” is about a group, not a person, and is not collected.")
            }
            (event.kind, event.name) = (.group, "Group")
            let group: JSONValue = [
                "group_id": own["$group_key"] ?? .null, "group_type": own["$group_type"] ?? .null,
                "traits": own["$group_set"] ?? .object([:]),
            ]
            event.properties = group.text()
        default:
            let standard = CommerceWords.standard(name, own, id: id)
            event.name = standard.name
            event.properties = JSONValue.object(standard.properties).text()
        }
    }

    /// One event for each way in which it changes traits; the first also carries what happened.
    private func spread(
        _ event: IncomingEvent, set: [String: JSONValue], setOnce: [String: JSONValue], unset: [JSONValue]
    ) -> [IncomingEvent] {
        var changes: [(TraitOperation, JSONValue)] = []
        if !set.isEmpty { changes.append((.set, JSONValue.object(set).withoutDollars)) }
        if !setOnce.isEmpty { changes.append((.setOnce, JSONValue.object(setOnce).withoutDollars)) }
        let names = unset.compactMap(\.stringValue)
        if !names.isEmpty {
            let members = names.map { ($0.hasPrefix("$") ? String($0.dropFirst()) : $0, JSONValue.null) }
            changes.append((.unset, .object(Dictionary(members) { first, _ in first })))
        }
        var events = [event]
        for (index, change) in changes.enumerated() {
            if index > 0 {
                var further = event
                (further.kind, further.name, further.properties) = (.identify, "Identify", "{}")
                events.append(further)
            }
            events[events.count - 1].traits = change.1.text()
            events[events.count - 1].traitOperation = change.0
        }
        return events
    }

    /// `offset` is how many milliseconds before sending it happened, in place of a time.
    private func time(_ item: JSONValue) throws(ItemFlaw) -> Timestamp {
        if item["timestamp"] == nil, let offset = item["offset"]?.amount {
            guard let whole = Int64(exactly: offset.rounded()), whole >= 0, whole < moment.receivedAt.milliseconds
            else { throw ItemFlaw(.timeOutOfRange, "“offset” is no number of milliseconds since 1970.") }
            return moment.receivedAt.adding(milliseconds: -whole)
        }
        return ClockCorrection.time(
            original: try ItemTime.read(item["timestamp"], "timestamp", moment), sentAt: sentAt,
            receivedAt: moment.receivedAt)
    }

    private func object(_ value: JSONValue?, _ field: String) throws(ItemFlaw) -> [String: JSONValue] {
        guard let value, value != .null else { return [:] }
        guard let members = value.objectValue else { throw ItemFlaw(.wrongType, "“\(field)” must be an object.") }
        guard members.count <= EventLimits.properties else {
            throw ItemFlaw(.tooLarge, "“\(field)” has at most \(EventLimits.properties) members.")
        }
        return members
    }

    private static func sorted(
        _ properties: [String: JSONValue], session: JSONValue?
    ) -> (own: [String: JSONValue], context: ContextWords) {
        let url = properties["$current_url"]?.stringValue
        var told = properties
        if told["$referrer"] == "$direct" { told["$referrer"] = nil }
        var (own, context) = presets.sort(told)
        own["$referring_domain"] = nil
        context.setPage(url: url)
        context.set("", "sessionId", session)
        return (own, context)
    }

    private static let presets = PresetWords(
        places: PresetWords.campaign.merging([
            "$current_url": "page.url", "$pathname": "page.path", "$referrer": "page.referrer", "$title": "page.title",
            "$lib": "library.name", "$lib_version": "library.version", "$os": "os.name", "$os_version": "os.version",
            "$browser": "browser.name", "$browser_version": "browser.version", "$device_type": "device.type",
            "$device_id": "device.id", "$device_manufacturer": "device.manufacturer", "$device_model": "device.model",
            "$device_name": "device.name", "$screen_width": "screen.width", "$screen_height": "screen.height",
            "$viewport_width": "screen.innerWidth", "$viewport_height": "screen.innerHeight",
            "$raw_user_agent": "userAgent", "$user_agent": "userAgent", "$ip": "ip", "$session_id": "sessionId",
            "$app_version": "app.version", "$app_name": "app.name", "$app_build": "app.build",
            "$app_namespace": "app.namespace", "$timezone": "timezone", "$locale": "locale",
            "$browser_language": "locale",
            "token": "", "distinct_id": "", "$distinct_id": "", "$insert_id": "", "$time": "", "$set": "",
            "$set_once": "", "$unset": "", "$anon_distinct_id": "", "alias": "", "$user_id": "", "$is_identified": "",
            "$process_person_profile": "", "$window_id": "", "$pageview_id": "", "$sent_at": "", "$is_server": "",
            "$geoip_disable": "", "$python_runtime": "", "$python_version": "", "$os_distro": "", "$host": "",
            "$lib_custom_api_host": "", "$configured_session_timeout_ms": "",
        ]) { first, _ in first })
}
