import Engine

/// The members of one Sensors item as slices of the bytes.
struct SensorsItem {
    var range = 0..<0
    var type, event, time, distinctID, originalID, loginID, anonymousID: JSONSlice?
    var properties, lib, identities, flushTime, trackID, token, project: JSONSlice?
    var itemType, itemID: JSONSlice?
    var depth = 1
    var hasNUL = false
    var flaw: JSONError?

    /// Reads the object up next. Throws: only for a broken structure.
    static func read(_ scanner: inout JSONScanner) throws(JSONError) -> SensorsItem {
        var item = SensorsItem()
        _ = scanner.peek()
        let start = scanner.position
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let value = try scanner.value()
            if item.flaw == nil { item.flaw = key.flaw ?? value.flaw }
            if key.hasNUL || value.hasNUL { item.hasNUL = true }
            item.depth = max(item.depth, value.depth + 1)
            if value.kind != .null { item.take(scanner, key, value) }
        }
        item.range = start..<scanner.position
        return item
    }

    private mutating func take(_ scanner: JSONScanner, _ key: JSONSlice, _ value: JSONSlice) {
        if scanner.matches(key, "type") { type = value }
        if scanner.matches(key, "event") { event = value }
        if scanner.matches(key, "time") { time = value }
        if scanner.matches(key, "distinct_id") { distinctID = value }
        if scanner.matches(key, "original_id") { originalID = value }
        if scanner.matches(key, "login_id") { loginID = value }
        if scanner.matches(key, "anonymous_id") { anonymousID = value }
        if scanner.matches(key, "properties") { properties = value }
        if scanner.matches(key, "lib") { lib = value }
        if scanner.matches(key, "identities") { identities = value }
        if scanner.matches(key, "_flush_time") { flushTime = value }
        if scanner.matches(key, "_track_id") { trackID = value }
        if scanner.matches(key, "token") { token = value }
        if scanner.matches(key, "item_type") { itemType = value }
        if scanner.matches(key, "item_id") { itemID = value }
        if scanner.matches(key, "project") { project = value }
    }
}
