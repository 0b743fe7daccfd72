import CCrypto
import Engine

/// Turns the fields of one event into an `IncomingEvent`, or says what is wrong with it.
struct EventReader {
    let scanner: JSONScanner
    let moment: CollectMoment
    /// `segment`, `segment:track`, `native`: what the quarantine calls the raw bytes.
    let dialect: String
    /// The call that the address of the request names, for events without a `type`.
    var impliedKind: EventKind?
    /// `identities` and `traitOperation` are understood.
    var isNative = false

    /// The event with its time as the client told it (nil when it told none), before correction.
    struct Draft {
        var event: IncomingEvent
        var original: Timestamp?
        var sentAt: Timestamp?
        var range: Range<Int>
    }

    func draft(_ fields: EventFields) -> Result<Draft, RejectedItem.Refusal> {
        do throws(ItemFlaw) {
            return .success(try checked(fields))
        } catch {
            return .failure(refusal(error, fields))
        }
    }

    /// Gives a draft its time. `sentAt` is the batch's.
    func finish(_ draft: Draft, sentAt: Timestamp?) -> Result<IncomingEvent, RejectedItem.Refusal> {
        var event = draft.event
        event.time = ClockCorrection.time(
            original: draft.original, sentAt: draft.sentAt ?? sentAt, receivedAt: moment.receivedAt)
        guard ClockCorrection.isBelievable(event.time, receivedAt: moment.receivedAt) else {
            let flaw = ItemFlaw(
                .timeOutOfRange,
                "The time is before 1970 or more than \(EventLimits.futureHours) hours ahead of the server's clock.")
            return .failure(
                flaw.refusal(raw: scanner.copy(draft.range), messageID: event.messageID, dialect: dialect))
        }
        return .success(event)
    }

    /// The refusal of something that is no object at all.
    func refusal(notAnObject slice: JSONSlice) -> RejectedItem.Refusal {
        ItemFlaw(.wrongType, "An event must be a JSON object.")
            .refusal(raw: scanner.copy(slice.range), messageID: nil, dialect: dialect)
    }

    func refusal(_ flaw: ItemFlaw, _ fields: EventFields) -> RejectedItem.Refusal {
        let isReadable = fields.flaw == nil && !fields.hasNUL
        let messageID = isReadable ? fields.messageID.flatMap { scanner.string($0) } : nil
        return flaw.refusal(raw: scanner.copy(fields.range), messageID: messageID, dialect: dialect)
    }

    // MARK: Inside

    private func checked(_ fields: EventFields) throws(ItemFlaw) -> Draft {
        try checkWhole(fields)
        let kind = try kind(fields)
        var event = IncomingEvent(
            kind: kind, name: try name(fields, kind), messageID: try messageID(fields),
            identities: try identities(fields, kind), time: moment.receivedAt, receivedAt: moment.receivedAt)
        guard !event.identities.isEmpty else {
            throw ItemFlaw(.noIdentity, nobody(kind))
        }
        if let context = try object(fields.context, "context") { event.context = context }
        try fill(&event, fields)
        return Draft(
            event: event, original: try time(fields.originalTimestamp ?? fields.timestamp, "timestamp"),
            sentAt: try time(fields.sentAt, "sentAt"), range: fields.range)
    }

    private func nobody(_ kind: EventKind) -> String {
        guard kind != .unbind else { return "Say in “identities” what is to be unlinked." }
        return "Say who acted: userId or anonymousId\(isNative ? ", or identities" : "")."
    }

    private func checkWhole(_ fields: EventFields) throws(ItemFlaw) {
        if let flaw = fields.flaw { throw ItemFlaw(flaw) }
        if fields.hasNUL { throw ItemFlaw(.badEncoding, "A string holds the character U+0000.") }
        if fields.range.count > EventLimits.eventBytes {
            throw ItemFlaw(.tooLarge, "An event has at most \(EventLimits.eventBytes) bytes.")
        }
        if fields.depth > EventLimits.depth {
            throw ItemFlaw(.tooDeep, "An event is nested at most \(EventLimits.depth) deep.")
        }
    }

    private func kind(_ fields: EventFields) throws(ItemFlaw) -> EventKind {
        guard let slice = fields.type else {
            guard let impliedKind else { throw ItemFlaw(.missingField, "“type” is missing.") }
            return impliedKind
        }
        guard let word = scanner.string(slice) else { throw ItemFlaw(.wrongType, "“type” must be a string.") }
        guard let kind = EventKind(rawValue: word), kind != .system, kind != .unbind || isNative else {
            throw ItemFlaw(
                .unknownEventType,
                "“type” must be track, identify, page, screen, group or alias\(isNative ? ", or unbind" : "").")
        }
        return kind
    }

    private func name(_ fields: EventFields, _ kind: EventKind) throws(ItemFlaw) -> String {
        switch kind {
        case .page: return "Page Viewed"
        case .screen: return "Screen Viewed"
        case .identify: return "Identify"
        case .group: return "Group"
        case .alias: return "Alias"
        case .unbind: return "Identity Unbound"
        case .track, .system:
            let slice = fields.event ?? (isNative ? fields.name : nil)
            guard let name = try text(slice, "event", max: CollectLimits.nameCharacters) else {
                throw ItemFlaw(.missingField, "“event”, the name of what happened, is missing.")
            }
            return name
        }
    }

    private func messageID(_ fields: EventFields) throws(ItemFlaw) -> String {
        guard let slice = fields.messageID else { return ContentID.of(scanner.bytes, fields.range) }
        let id = slice.kind == .number ? scanner.raw(slice) : scanner.string(slice)
        guard let id else { throw ItemFlaw(.wrongType, "“messageId” must be a string.") }
        guard !id.isEmpty else { return ContentID.of(scanner.bytes, fields.range) }
        guard
            id.utf8.count <= EventLimits.messageIDCharacters
                || id.unicodeScalars.count <= EventLimits.messageIDCharacters
        else {
            throw ItemFlaw(
                .messageIDTooLong, "“messageId” has at most \(EventLimits.messageIDCharacters) characters.")
        }
        return id
    }

    private func fill(_ event: inout IncomingEvent, _ fields: EventFields) throws(ItemFlaw) {
        let properties = try object(fields.properties, "properties")
        let traits = try object(fields.traits, "traits")
        switch event.kind {
        case .page, .screen:
            let titles = (try text(fields.name, "name"), try text(fields.category, "category"))
            event.properties = JSONMembers.prepend(
                [("name", titles.0), ("category", titles.1)], to: properties ?? "{}")
        case .group:
            // Traits of a group are not traits of the person.
            let id = try text(fields.groupID, "groupId")
            event.properties = JSONMembers.prepend(
                [("group_id", id)], raw: [("traits", traits)], to: properties ?? "{}")
        case .identify:
            if let properties { event.properties = properties }
            event.traits = try personTraits(traits, fields)
            try setOperation(&event, fields)
        default:
            if let properties { event.properties = properties }
            if isNative, let traits {
                event.traits = traits
                try setOperation(&event, fields)
            }
        }
    }

    /// RudderStack's SDKs put the traits of `identify` into `context.traits`.
    private func personTraits(_ traits: String?, _ fields: EventFields) throws(ItemFlaw) -> String {
        if let traits, fields.traits?.count ?? 0 > 0 { return traits }
        guard let context = fields.context else { return traits ?? "{}" }
        return JSONMembers.object("traits", in: scanner.bytes, context.range) ?? traits ?? "{}"
    }

    private func setOperation(_ event: inout IncomingEvent, _ fields: EventFields) throws(ItemFlaw) {
        guard isNative, let slice = fields.traitOperation else { return }
        guard let operation = scanner.string(slice).flatMap(TraitOperation.init(rawValue:)) else {
            throw ItemFlaw(
                .wrongType,
                "“traitOperation” must be one of " + TraitOperation.allCases.map(\.rawValue).joined(separator: ", "))
        }
        event.traitOperation = operation
    }
}

/// The bounds of single fields.
enum CollectLimits {
    static let nameCharacters = 200
    static let identityCharacters = 255
    static let identities = 20
}
