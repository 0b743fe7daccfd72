/// An event written in the form that `POST /api/v1/events` takes, so that what was set aside can be replayed.
enum NativeEventText {
    static func encode(_ event: IncomingEvent) -> String {
        var identities: [String] = []
        for claim in event.identities {
            identities.append("\(JSONText.quoted(claim.kind)):\(JSONText.quoted(claim.value))")
        }
        let members = [
            "\"type\":\(JSONText.quoted(event.kind.rawValue))",
            "\"event\":\(JSONText.quoted(event.name))",
            "\"messageId\":\(JSONText.quoted(event.messageID))",
            "\"identities\":{\(identities.joined(separator: ","))}",
            "\"timestamp\":\(event.time.milliseconds)",
            "\"properties\":\(event.properties)",
            "\"traits\":\(event.traits)",
            "\"traitOperation\":\(JSONText.quoted(event.traitOperation.rawValue))",
            "\"context\":\(event.context)",
        ]
        return "{\(members.joined(separator: ","))}"
    }
}
