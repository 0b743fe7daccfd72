import Engine

/// Gathers what the items of one request become, for dialects whose items are small trees.
///
/// A dialect gives a function that makes events of one item: several when the item says several things (an order that
/// also changes traits), none when there is nothing to keep. What every item must be (well-formed, small, somebody's,
/// of a believable time) is checked here once.
struct ItemGathering {
    typealias Read = (JSONValue) throws(ItemFlaw) -> [IncomingEvent]

    let dialect: String
    let moment: CollectMoment
    private(set) var batch = CollectedBatch()
    private var seen: [String: Int] = [:]

    init(dialect: String, moment: CollectMoment) {
        self.dialect = dialect
        self.moment = moment
    }

    /// The object up next, or every element of the array up next. Throws: `JSONError`, `ItemFlaw` for neither.
    mutating func takeAll(_ scanner: inout JSONScanner, _ read: Read) throws {
        guard scanner.peek() == .array else {
            guard scanner.peek() == .object else {
                let slice = try scanner.value()
                throw slice.flaw.map { ItemFlaw($0) } ?? ItemFlaw(.wrongType, "Send an object or an array of objects.")
            }
            try takeOne(&scanner, read)
            return
        }
        try scanner.enterArray()
        while try scanner.nextElement() {
            guard batch.count < EventLimits.batchEvents else {
                throw ItemFlaw(.tooLarge, "A request has at most \(EventLimits.batchEvents) events.")
            }
            try takeOne(&scanner, read)
        }
    }

    /// Whatever is up next as one item. Throws: `JSONError` for a broken structure only.
    mutating func takeOne(_ scanner: inout JSONScanner, _ read: Read) throws {
        let slice = try scanner.value()
        let raw = scanner.copy(slice.range)
        do throws(ItemFlaw) {
            let tree = try Self.tree(slice, raw)
            add(try checked(read(tree), raw))
        } catch {
            refuse(error, raw: raw)
        }
    }

    /// An item that did not come as JSON, with the bytes it came as.
    mutating func take(_ item: JSONValue, raw: [UInt8], _ read: Read) {
        do throws(ItemFlaw) {
            guard raw.count <= EventLimits.eventBytes else {
                throw ItemFlaw(.tooLarge, "An event has at most \(EventLimits.eventBytes) bytes.")
            }
            add(try checked(read(item), raw))
        } catch {
            refuse(error, raw: raw)
        }
    }

    mutating func refuse(_ flaw: ItemFlaw, raw: [UInt8]) {
        batch.add(.failure(flaw.refusal(raw: raw, messageID: nil, dialect: dialect)))
    }

    mutating func note(keys: [String?]) {
        for case let key? in keys where !key.isEmpty && batch.keys.count < Self.keysMax && !batch.keys.contains(key) {
            batch.keys.append(key)
        }
    }

    /// Different write keys of one request that are tried.
    private static let keysMax = 4

    // MARK: Inside

    private mutating func add(_ events: [IncomingEvent]) {
        batch.events += events
        batch.count += 1
    }

    private static func tree(_ slice: JSONSlice, _ raw: [UInt8]) throws(ItemFlaw) -> JSONValue {
        if let flaw = slice.flaw { throw ItemFlaw(flaw) }
        guard slice.kind == .object else { throw ItemFlaw(.wrongType, "An item must be a JSON object.") }
        if slice.hasNUL { throw ItemFlaw(.badEncoding, "A string holds the character U+0000.") }
        if raw.count > EventLimits.eventBytes {
            throw ItemFlaw(.tooLarge, "An event has at most \(EventLimits.eventBytes) bytes.")
        }
        if slice.depth > EventLimits.depth {
            throw ItemFlaw(.tooDeep, "An event is nested at most \(EventLimits.depth) deep.")
        }
        do throws(JSONError) {
            return try JSONValue(parsing: raw)
        } catch {
            throw ItemFlaw(error)
        }
    }

    private mutating func checked(
        _ events: [IncomingEvent], _ raw: [UInt8]
    ) throws(ItemFlaw) -> [IncomingEvent] {
        var checked: [IncomingEvent] = []
        for (index, event) in events.enumerated() {
            var event = event
            guard !event.identities.isEmpty else { throw ItemFlaw(.noIdentity, "The item does not say who acted.") }
            for claim in event.identities where claim.value.unicodeScalars.count > CollectLimits.identityCharacters {
                throw ItemFlaw(
                    .tooLarge, "An identity has at most \(CollectLimits.identityCharacters) characters.")
            }
            guard !event.name.isEmpty else { throw ItemFlaw(.missingField, "The name of what happened is missing.") }
            guard event.name.unicodeScalars.count <= CollectLimits.nameCharacters else {
                throw ItemFlaw(.tooLarge, "The name has at most \(CollectLimits.nameCharacters) characters.")
            }
            guard ClockCorrection.isBelievable(event.time, receivedAt: moment.receivedAt) else {
                throw ItemFlaw(
                    .timeOutOfRange,
                    "The time is before 1970 or more than \(EventLimits.futureHours) hours ahead "
                        + "of the server's clock.")
            }
            event.messageID = try messageID(event.messageID, raw, index)
            checked.append(event)
        }
        return checked
    }

    /// The client's id with the place among the events of the item, or one made from the bytes.
    private mutating func messageID(_ given: String, _ raw: [UInt8], _ index: Int) throws(ItemFlaw) -> String {
        let suffix = index == 0 ? "" : ".\(index + 1)"
        guard given.isEmpty else {
            guard given.unicodeScalars.count + suffix.count <= EventLimits.messageIDCharacters else {
                throw ItemFlaw(
                    .messageIDTooLong, "A message id has at most \(EventLimits.messageIDCharacters) characters.")
            }
            return given + suffix
        }
        let made = raw.withUnsafeBufferPointer { ContentID.of($0, 0..<$0.count) } + suffix
        // The same item twice in one request is two events.
        let count = (seen[made] ?? 0) + 1
        seen[made] = count
        return count > 1 ? "\(made)-\(count)" : made
    }
}
