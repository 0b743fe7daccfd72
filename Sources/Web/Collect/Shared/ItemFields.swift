import Engine

/// Reading one item's members, forgiving about numbers in place of texts and the other way round.
extension JSONValue {
    /// A text, or a number as text; nil for anything else and for empty texts.
    var word: String? {
        switch self {
        case .string(let text): return text.isEmpty ? nil : text
        case .integer(let value): return String(value)
        case .number(let value): return Int64(exactly: value).map { String($0) } ?? String(value)
        default: return nil
        }
    }

    /// A number, or a text that is one.
    var amount: Double? {
        doubleValue ?? stringValue.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
    }

    /// A number when the text is one, else the value itself: forms know texts only.
    var numeric: JSONValue {
        guard case .string(let text) = self else { return self }
        if let whole = Int64(text) { return .integer(whole) }
        guard let number = Double(text), number.isFinite, text.utf8.allSatisfy({ $0 < 0x3A }) else { return self }
        return .number(number)
    }
}

enum ItemTime {
    private static let secondsLimit = 100_000_000_000.0

    /// Seconds or milliseconds since 1970, told apart by size, or ISO 8601. Throws: `ItemFlaw`.
    static func read(_ value: JSONValue?, _ field: String, _ moment: CollectMoment) throws(ItemFlaw) -> Timestamp? {
        guard let value, value != .null, value != "" else { return nil }
        if let number = value.amount {
            let milliseconds = abs(number) < secondsLimit ? number * 1_000 : number
            guard let whole = Int64(exactly: milliseconds.rounded()) else {
                throw ItemFlaw(.timeOutOfRange, "“\(field)” is no time since 1970.")
            }
            return Timestamp(milliseconds: whole)
        }
        if let text = value.stringValue, let time = Timestamp(iso8601: text, zone: moment.settings.zone) { return time }
        throw ItemFlaw(.wrongType, "“\(field)” must be a time like 2026-11-22T17:01:47.562Z, or seconds since 1970.")
    }

    /// As `read`, but nil for what cannot be read: an event is not refused for the time of its request.
    static func believed(_ value: JSONValue?, _ moment: CollectMoment) -> Timestamp? {
        do throws(ItemFlaw) { return try read(value, "", moment) } catch { return nil }
    }
}
