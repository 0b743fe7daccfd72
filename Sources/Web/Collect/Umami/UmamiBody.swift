import Engine

/// What Umami's tracker sends, as a pure function of the bytes and of who sends: `{"type":…,"payload":{…}}`.
/// Source: requests captured from Umami's tracker (2026-05-14).
enum UmamiBody {
    static let dialect = "umami"

    /// Throws: `JSONError`, `ItemFlaw` for a body that is no object.
    static func read(_ json: [UInt8], session: String, _ moment: CollectMoment) throws -> CollectedBatch {
        try json.withUnsafeBufferPointer { buffer in
            var gathering = ItemGathering(dialect: dialect, moment: moment)
            var keys: [String?] = []
            var scanner = JSONScanner(buffer)
            try gathering.takeAll(&scanner) { item throws(ItemFlaw) in
                keys.append(item["payload"]?["website"]?.word)
                return [try event(item, session, moment)]
            }
            try scanner.finish()
            gathering.note(keys: keys)
            return gathering.batch
        }
    }

    private static func event(
        _ item: JSONValue, _ session: String, _ moment: CollectMoment
    ) throws(ItemFlaw) -> IncomingEvent {
        guard let payload = item["payload"], payload.objectValue != nil else {
            throw ItemFlaw(.missingField, "“payload”, an object, is missing.")
        }
        let data = payload["data"] ?? [:]
        guard let members = data == .null ? [:] : data.objectValue else {
            throw ItemFlaw(.wrongType, "“data” must be an object.")
        }
        var event = IncomingEvent(
            kind: .page, name: "Page Viewed", messageID: "", identities: claims(payload, session),
            time: try ItemTime.read(payload["timestamp"], "timestamp", moment) ?? moment.receivedAt,
            receivedAt: moment.receivedAt, context: context(payload, session).text)
        switch item["type"]?.stringValue {
        case "identify":
            (event.kind, event.name) = (.identify, "Identify")
            event.traits = JSONValue.object(members).text()
        case "event":
            guard let name = payload["name"]?.word else {
                var properties = members
                properties["title"] = payload["title"]
                event.properties = JSONValue.object(properties).text()
                break
            }
            let standard = CommerceWords.standard(name, members, id: "")
            (event.kind, event.name) = (.track, standard.name)
            event.properties = JSONValue.object(standard.properties).text()
        case let other:
            throw ItemFlaw(
                .unknownEventType, "“\(other?.prefix(40) ?? "")” is no type of this dialect: event, identify.")
        }
        return event
    }

    private static func claims(_ payload: JSONValue, _ session: String) -> [IdentityClaim] {
        var claims: [IdentityClaim] = []
        if let user = payload["id"]?.word { claims.append(IdentityClaim(kind: "user_id", value: user)) }
        if !session.isEmpty { claims.append(IdentityClaim(kind: "anonymous_id", value: session)) }
        return claims
    }

    private static func context(_ payload: JSONValue, _ session: String) -> ContextWords {
        var context = ContextWords()
        context.setPage(url: payload["url"]?.word)
        for (group, name, field) in [
            ("page", "title", "title"), ("page", "referrer", "referrer"), ("page", "host", "hostname"),
            ("", "locale", "language"), ("", "userAgent", "userAgent"), ("", "ip", "ip"), ("page", "tag", "tag"),
        ] { context.set(group, name, payload[field]) }
        if let size = payload["screen"]?.word?.split(separator: "x"), size.count == 2 {
            context.set("screen", "width", Int64(size[0]).map { .integer($0) })
            context.set("screen", "height", Int64(size[1]).map { .integer($0) })
        }
        context.set("", "sessionId", session)
        context.set("library", "name", "umami")
        return context
    }
}
