import Engine

extension EventReader {
    /// Who acted, the strongest claim first: it decides the order in which one person's events are applied.
    func identities(_ fields: EventFields, _ kind: EventKind) throws(ItemFlaw) -> [IdentityClaim] {
        var claims: [IdentityClaim] = []
        if kind == .unbind {
            // Only what is named on purpose is unlinked, not who says so.
            if let slice = fields.identities { try appendNative(slice, to: &claims) }
            return claims
        }
        if let id = try identity(fields.userID, "userId") { claims.append(IdentityClaim(kind: "user_id", value: id)) }
        if isNative, let slice = fields.identities { try appendNative(slice, to: &claims) }
        if let id = try identity(fields.anonymousID, "anonymousId") {
            claims.append(IdentityClaim(kind: "anonymous_id", value: id))
        }
        if kind == .alias {
            guard let previous = try identity(fields.previousID, "previousId") else {
                if isNative, claims.count > 1 { return claims }
                throw ItemFlaw(.missingField, "An alias needs “previousId”.")
            }
            let claim = IdentityClaim(kind: "anonymous_id", value: previous)
            if !claims.contains(claim) { claims.append(claim) }
        }
        return claims
    }

    private func appendNative(_ slice: JSONSlice, to claims: inout [IdentityClaim]) throws(ItemFlaw) {
        guard slice.kind == .object else { throw ItemFlaw(.wrongType, "“identities” must be an object.") }
        guard slice.count <= CollectLimits.identities else {
            throw ItemFlaw(.tooLarge, "An event has at most \(CollectLimits.identities) identities.")
        }
        for (kind, value) in JSONMembers.slices(of: scanner.bytes, slice.range) {
            guard value.kind != .null else { continue }
            let name = scanner.string(kind) ?? ""
            guard let text = try identity(value, "identities.\(name)"), !name.isEmpty else { continue }
            let claim = IdentityClaim(kind: name, value: text)
            if !claims.contains(claim) { claims.append(claim) }
        }
    }

    /// The text of an identity; nil when it is missing or empty. SDKs also send numbers.
    func identity(_ slice: JSONSlice?, _ field: String) throws(ItemFlaw) -> String? {
        guard let slice else { return nil }
        guard let text = slice.kind == .number ? scanner.raw(slice) : scanner.string(slice) else {
            throw ItemFlaw(.wrongType, "“\(field)” must be a string.")
        }
        guard
            text.utf8.count <= CollectLimits.identityCharacters
                || text.unicodeScalars.count <= CollectLimits.identityCharacters
        else { throw ItemFlaw(.tooLarge, "“\(field)” has at most \(CollectLimits.identityCharacters) characters.") }
        return text.isEmpty ? nil : text
    }

    /// A string field; nil when it is missing or empty.
    func text(_ slice: JSONSlice?, _ field: String, max: Int = CollectLimits.identityCharacters) throws(ItemFlaw)
        -> String?
    {
        guard let slice else { return nil }
        guard let text = slice.kind == .number ? scanner.raw(slice) : scanner.string(slice) else {
            throw ItemFlaw(.wrongType, "“\(field)” must be a string.")
        }
        guard text.utf8.count <= max || text.unicodeScalars.count <= max else {
            throw ItemFlaw(.tooLarge, "“\(field)” has at most \(max) characters.")
        }
        return text.isEmpty ? nil : text
    }

    /// An object field as the text it was written in; nil when it is missing.
    func object(_ slice: JSONSlice?, _ field: String) throws(ItemFlaw) -> String? {
        guard let slice else { return nil }
        guard slice.kind == .object else { throw ItemFlaw(.wrongType, "“\(field)” must be an object.") }
        guard slice.count <= EventLimits.properties else {
            throw ItemFlaw(.tooLarge, "“\(field)” has at most \(EventLimits.properties) members.")
        }
        return scanner.raw(slice)
    }

    /// As `time`, but nil for what cannot be read: a batch is not refused for its `sentAt`.
    func believedTime(_ slice: JSONSlice) -> Timestamp? {
        do throws(ItemFlaw) { return try time(slice, "sentAt") } catch { return nil }
    }

    /// ISO 8601, or milliseconds since 1970; nil when it is missing.
    func time(_ slice: JSONSlice?, _ field: String) throws(ItemFlaw) -> Timestamp? {
        guard let slice else { return nil }
        switch slice.kind {
        case .number:
            guard let milliseconds = scanner.integer(slice) else {
                throw ItemFlaw(.timeOutOfRange, "“\(field)” must be whole milliseconds since 1970.")
            }
            return Timestamp(milliseconds: milliseconds)
        case .string:
            if !slice.hasEscapes {
                let inner = slice.range.lowerBound + 1..<slice.range.upperBound - 1
                let bytes = UnsafeBufferPointer(rebasing: scanner.bytes[inner])
                if let time = Timestamp(iso8601: bytes, zone: moment.settings.zone) { return time }
            }
            throw ItemFlaw(.wrongType, "“\(field)” must be a time like 2026-11-22T17:01:47.562Z.")
        default:
            throw ItemFlaw(.wrongType, "“\(field)” must be a time like 2026-11-22T17:01:47.562Z.")
        }
    }
}
