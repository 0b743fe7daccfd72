extension ProfileState {
    /// Reads the document. Throws: `JSONError`, `ProfileError.unreadableState` when it is no object.
    package init(parsing text: String) throws {
        guard text.utf8.count > 2 else { return }
        guard case .object(let members) = try JSONValue(parsing: text) else { throw ProfileError.unreadableState }
        if case .object(let entries)? = members["t"] {
            traits = entries.mapValues(TraitEntry.init)
        }
        if case .object(let channels)? = members["c"] {
            consent = channels.compactMapValues(Consent.init)
        }
        if case .object(let counts)? = members["n"] {
            identityCounts = counts.compactMapValues { $0.intValue.map(Int.init) }
        }
    }

    /// What the document says of consent; the rest of it is passed over. Throws: `JSONError`,
    /// `ProfileError.unreadableState` when it is no object.
    static func consent(parsing text: String) throws -> [String: Consent] {
        guard text.utf8.count > 2 else { return [:] }
        var text = text
        return try text.withUTF8 { bytes in
            var scanner = JSONScanner(bytes)
            guard scanner.peek() == .object else { throw ProfileError.unreadableState }
            var consent: [String: Consent] = [:]
            try scanner.enterObject()
            while let key = try scanner.nextKey() {
                let slice = try scanner.value()
                guard scanner.matches(key, "c") else { continue }
                let channels = try JSONValue(parsing: UnsafeBufferPointer(rebasing: bytes[slice.range]))
                consent = channels.objectValue?.compactMapValues(Consent.init) ?? [:]
            }
            try scanner.finish()
            return consent
        }
    }

    /// The document, keys sorted, so that equal states have equal text.
    package func text() -> String {
        var members: [String: JSONValue] = [:]
        if !traits.isEmpty { members["t"] = .object(traits.mapValues(\.json)) }
        if !consent.isEmpty { members["c"] = .object(consent.mapValues(\.json)) }
        if !identityCounts.isEmpty {
            members["n"] = .object(identityCounts.mapValues { .integer(Int64($0)) })
        }
        return JSONValue.object(members).text()
    }
}

extension TraitEntry {
    fileprivate init(_ json: JSONValue) {
        if let pair = json["v"]?.arrayValue, pair.count == 2 {
            base = Stamped(value: pair[1], ms: pair[0].intValue ?? 0)
        } else if let ms = json["d"]?.intValue {
            base = Stamped(value: nil, ms: ms)
        }
        if let pair = json["o"]?.arrayValue, pair.count == 2 {
            once = Stamped(value: pair[1], ms: pair[0].intValue ?? 0)
        }
        increments = TraitEntry.pairs(json["i"]).map { Increment(amount: $0.1, ms: $0.0) }
        total = TraitEntry.pairs(json["s"]).first.map { Increment(amount: $0.1, ms: $0.0) }
        appended = TraitEntry.pairs(json["l"]).map { Stamped(value: $0.1, ms: $0.0) }
    }

    private static func pairs(_ json: JSONValue?) -> [(Int64, JSONValue)] {
        (json?.arrayValue ?? []).compactMap { pair in
            guard let ms = pair[0]?.intValue, let value = pair[1] else { return nil }
            return (ms, value)
        }
    }

    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [:]
        if let base {
            if let value = base.value {
                members["v"] = .array([.integer(base.ms), value])
            } else {
                members["d"] = .integer(base.ms)
            }
        }
        if let once, let value = once.value { members["o"] = .array([.integer(once.ms), value]) }
        if !increments.isEmpty {
            members["i"] = .array(increments.map { .array([.integer($0.ms), $0.amount]) })
        }
        if let total { members["s"] = .array([.array([.integer(total.ms), total.amount])]) }
        if !appended.isEmpty {
            members["l"] = .array(appended.map { .array([.integer($0.ms), $0.value ?? .null]) })
        }
        return .object(members)
    }
}

extension Consent {
    fileprivate init?(_ json: JSONValue) {
        guard let isGranted = json["v"]?.boolValue, let ms = json["a"]?.intValue else { return nil }
        self.init(isGranted: isGranted, ms: ms, source: json["s"]?.stringValue ?? "")
    }

    fileprivate var json: JSONValue {
        .object(["v": .bool(isGranted), "a": .integer(ms), "s": .string(source)])
    }
}
