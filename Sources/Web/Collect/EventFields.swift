import Engine

/// The members of one event in Segment's names (and the native ones), as slices of the bytes: nothing is copied yet.
struct EventFields {
    /// The event's own bytes.
    var range = 0..<0
    var type, event, name, category: JSONSlice?
    var userID, anonymousID, previousID, groupID, messageID: JSONSlice?
    var timestamp, originalTimestamp, sentAt: JSONSlice?
    var properties, traits, context, identities, traitOperation, writeKey: JSONSlice?
    var depth = 1
    var hasNUL = false
    var flaw: JSONError?

    /// Reads the object up next. Throws: only for a broken structure.
    static func read(_ scanner: inout JSONScanner) throws(JSONError) -> EventFields {
        var fields = EventFields()
        _ = scanner.peek()
        let start = scanner.position
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let value = try scanner.value()
            fields.note(key, value)
            // `null` is what SDKs write for “not set”.
            if value.kind != .null { fields.take(scanner, key, value) }
        }
        fields.range = start..<scanner.position
        return fields
    }

    private mutating func note(_ key: JSONSlice, _ value: JSONSlice) {
        if flaw == nil { flaw = key.flaw ?? value.flaw }
        if key.hasNUL || value.hasNUL { hasNUL = true }
        depth = max(depth, value.depth + 1)
    }

    private mutating func take(_ scanner: JSONScanner, _ key: JSONSlice, _ value: JSONSlice) {
        switch key.range.count - 2 {
        case 4:
            if scanner.matches(key, "type") { type = value }
            if scanner.matches(key, "name") { name = value }
            if scanner.matches(key, "time") { timestamp = value }
        case 5: if scanner.matches(key, "event") { event = value }
        case 6:
            if scanner.matches(key, "userId") { userID = value }
            if scanner.matches(key, "traits") { traits = value }
            if scanner.matches(key, "sentAt") { sentAt = value }
        case 7:
            if scanner.matches(key, "context") { context = value }
            if scanner.matches(key, "groupId") { groupID = value }
            if scanner.matches(key, "user_id") { userID = value }
            if scanner.matches(key, "sent_at") { sentAt = value }
        case 8:
            if scanner.matches(key, "category") { category = value }
            if scanner.matches(key, "writeKey") { writeKey = value }
            if scanner.matches(key, "group_id") { groupID = value }
        case 9:
            if scanner.matches(key, "messageId") { messageID = value }
            if scanner.matches(key, "timestamp") { timestamp = value }
        default: takeLong(scanner, key, value)
        }
    }

    private mutating func takeLong(_ scanner: JSONScanner, _ key: JSONSlice, _ value: JSONSlice) {
        switch key.range.count - 2 {
        case 10:
            if scanner.matches(key, "properties") { properties = value }
            if scanner.matches(key, "previousId") { previousID = value }
            if scanner.matches(key, "message_id") { messageID = value }
            if scanner.matches(key, "identities") { identities = value }
        case 11:
            if scanner.matches(key, "anonymousId") { anonymousID = value }
            if scanner.matches(key, "previous_id") { previousID = value }
        case 12: if scanner.matches(key, "anonymous_id") { anonymousID = value }
        case 14: if scanner.matches(key, "traitOperation") { traitOperation = value }
        case 15: if scanner.matches(key, "trait_operation") { traitOperation = value }
        case 17: if scanner.matches(key, "originalTimestamp") { originalTimestamp = value }
        case 18: if scanner.matches(key, "original_timestamp") { originalTimestamp = value }
        default: break
        }
    }
}
