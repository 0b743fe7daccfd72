import Engine

/// Turns one Sensors item into an event, or says what is wrong with it.
/// Source: Sensors Analytics, "数据格式"; the items that their SDKs were seen to send.
struct SensorsReader {
    static let dialect = "sensors"

    let scanner: JSONScanner
    let moment: CollectMoment

    func event(_ item: SensorsItem) -> Result<IncomingEvent, RejectedItem.Refusal> {
        do throws(ItemFlaw) {
            return .success(try checked(item))
        } catch {
            return .failure(error.refusal(raw: scanner.copy(item.range), messageID: nil, dialect: Self.dialect))
        }
    }

    private func checked(_ item: SensorsItem) throws(ItemFlaw) -> IncomingEvent {
        try checkWhole(item)
        guard let type = try text(item.type, "type") else { throw ItemFlaw(.missingField, "“type” is missing.") }
        var event: IncomingEvent
        switch type {
        case "track": event = try track(item)
        case "track_signup": event = try signUp(item)
        case "track_id_bind": event = try bind(item)
        case "track_id_unbind": event = try unbind(item)
        case let profile where profile.hasPrefix("profile_"): event = try profileChange(item, type)
        case "item_set": return try itemChange(item, "Item Set")
        case "item_delete": return try itemChange(item, "Item Deleted")
        default: throw ItemFlaw(.unknownEventType, "“\(type)” is no type of this dialect.")
        }
        guard !event.identities.isEmpty else { throw ItemFlaw(.noIdentity, "“distinct_id” is missing.") }
        event.messageID = contentID(item)
        return try believed(event)
    }

    private func believed(_ event: IncomingEvent) throws(ItemFlaw) -> IncomingEvent {
        guard ClockCorrection.isBelievable(event.time, receivedAt: moment.receivedAt) else {
            throw ItemFlaw(
                .timeOutOfRange,
                "The time is before 1970 or more than \(EventLimits.futureHours) hours ahead of the server's clock.")
        }
        return event
    }

    private func checkWhole(_ item: SensorsItem) throws(ItemFlaw) {
        if let flaw = item.flaw { throw ItemFlaw(flaw) }
        if item.hasNUL { throw ItemFlaw(.badEncoding, "A string holds the character U+0000.") }
        if item.range.count > EventLimits.eventBytes {
            throw ItemFlaw(.tooLarge, "An event has at most \(EventLimits.eventBytes) bytes.")
        }
        if item.depth > EventLimits.depth {
            throw ItemFlaw(.tooDeep, "An event is nested at most \(EventLimits.depth) deep.")
        }
        if let properties = item.properties {
            guard properties.kind == .object else { throw ItemFlaw(.wrongType, "“properties” must be an object.") }
            guard properties.count <= EventLimits.properties else {
                throw ItemFlaw(.tooLarge, "“properties” has at most \(EventLimits.properties) members.")
            }
        }
    }

    // MARK: One type each

    private func track(_ item: SensorsItem) throws(ItemFlaw) -> IncomingEvent {
        guard let name = try text(item.event, "event", max: CollectLimits.nameCharacters) else {
            throw ItemFlaw(.missingField, "“event”, the name of what happened, is missing.")
        }
        let rule = moment.settings.sensorsMapping.rule(for: name)
        let properties = SensorsProperties(scanner, item.properties, renaming: rule?.properties ?? [:])
        var event = try base(item, properties, kind: .track, name: rule?.to ?? name)
        switch name {
        case "$pageview": (event.kind, event.name) = (.page, "Page Viewed")
        case "$AppViewScreen", "$MPViewScreen": (event.kind, event.name) = (.screen, "Screen Viewed")
        default: break
        }
        event.properties = properties.properties
        return event
    }

    /// Binds the anonymous id to the login id.
    private func signUp(_ item: SensorsItem) throws(ItemFlaw) -> IncomingEvent {
        guard let user = try text(item.distinctID, "distinct_id"),
            let original = try text(item.originalID, "original_id")
        else { throw ItemFlaw(.missingField, "“track_signup” needs “distinct_id” and “original_id”.") }
        let properties = SensorsProperties(scanner, item.properties)
        var event = try base(item, properties, kind: .alias, name: "Alias")
        event.identities = [
            IdentityClaim(kind: "user_id", value: user), IdentityClaim(kind: "anonymous_id", value: original),
        ]
        event.properties = properties.properties
        return event
    }

    private func bind(_ item: SensorsItem) throws(ItemFlaw) -> IncomingEvent {
        let properties = SensorsProperties(scanner, item.properties)
        var event = try base(item, properties, kind: .alias, name: "Alias")
        event.properties = properties.properties
        return event
    }

    /// Unlinks what `identities` names; who sends it (`distinct_id`, `login_id`) stays who they are.
    private func unbind(_ item: SensorsItem) throws(ItemFlaw) -> IncomingEvent {
        guard item.identities != nil else {
            throw ItemFlaw(.missingField, "“track_id_unbind” needs “identities”: what is to be unlinked.")
        }
        var named = item
        (named.distinctID, named.loginID, named.anonymousID) = (nil, nil, nil)
        let properties = SensorsProperties(scanner, item.properties)
        var event = try base(named, properties, kind: .unbind, name: "Identity Unbound")
        event.properties = properties.properties
        return event
    }

    /// A thing (a book, a dish) was described or dropped: an event of nobody, kept in the log and in analytics.
    private func itemChange(_ item: SensorsItem, _ name: String) throws(ItemFlaw) -> IncomingEvent {
        guard let type = try text(item.itemType, "item_type"), let id = try text(item.itemID, "item_id") else {
            throw ItemFlaw(.missingField, "An item needs “item_type” and “item_id”.")
        }
        let properties = SensorsProperties(scanner, item.properties)
        let event = IncomingEvent(
            kind: .track, name: name, messageID: contentID(item), identities: [], time: try time(item, properties),
            receivedAt: moment.receivedAt,
            properties: JSONMembers.prepend([("item_type", type), ("item_id", id)], to: properties.properties),
            context: properties.context())
        return try believed(event)
    }

    private func profileChange(_ item: SensorsItem, _ type: String) throws(ItemFlaw) -> IncomingEvent {
        guard let operation = TraitOperation(rawValue: String(type.dropFirst("profile_".count))) else {
            throw ItemFlaw(.unknownEventType, "“\(type)” is no type of this dialect.")
        }
        let properties = SensorsProperties(scanner, item.properties)
        var event = try base(item, properties, kind: .identify, name: "Identify")
        event.traitOperation = operation
        event.traits = properties.traits
        return event
    }

    private func base(
        _ item: SensorsItem, _ properties: SensorsProperties, kind: EventKind, name: String
    ) throws(ItemFlaw) -> IncomingEvent {
        IncomingEvent(
            kind: kind, name: name, messageID: "",
            identities: try SensorsIdentities.claims(item, isLoginID: properties.isLoginID, self),
            time: try time(item, properties), receivedAt: moment.receivedAt, context: properties.context())
    }

    // MARK: Fields

    /// `_flush_time`, where the Web SDK sends it, is the client's clock at sending.
    private func time(_ item: SensorsItem, _ properties: SensorsProperties) throws(ItemFlaw) -> Timestamp {
        let fields = EventReader(scanner: scanner, moment: moment, dialect: Self.dialect)
        return ClockCorrection.time(
            original: try fields.time(properties.time ?? item.time, "time"),
            sentAt: item.flushTime.flatMap { fields.believedTime($0) }, receivedAt: moment.receivedAt)
    }

    func text(_ slice: JSONSlice?, _ field: String, max: Int = CollectLimits.identityCharacters) throws(ItemFlaw)
        -> String?
    {
        try EventReader(scanner: scanner, moment: moment, dialect: Self.dialect).text(slice, field, max: max)
    }

    /// The SDKs send no message id. A repeated request differs in `_flush_time` only, so that is left out.
    private func contentID(_ item: SensorsItem) -> String {
        var bytes: [UInt8] = []
        for slice in [
            item.type, item.event, item.time, item.distinctID, item.originalID, item.trackID, item.identities,
            item.properties,
        ] {
            if let slice { bytes += scanner.bytes[slice.range] }
            bytes.append(0)
        }
        for case let slice? in [item.itemType, item.itemID] { bytes += scanner.bytes[slice.range] + [0] }
        return bytes.withUnsafeBufferPointer { ContentID.of($0, 0..<$0.count) }
    }
}
