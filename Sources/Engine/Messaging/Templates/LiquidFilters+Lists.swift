extension LiquidFilters {
    private static func items(_ value: JSONValue) -> [JSONValue] {
        switch value {
        case .array(let items): items
        case .null: []
        default: [value]
        }
    }

    /// Numbers before texts, each in their order; what cannot be compared comes last.
    private static func precedes(_ left: JSONValue, _ right: JSONValue, foldsCase: Bool = false) -> Bool {
        if let a = left.doubleValue, let b = right.doubleValue { return a < b }
        if let a = left.stringValue, let b = right.stringValue {
            return foldsCase ? a.lowercased() < b.lowercased() : a < b
        }
        return rank(left) < rank(right)
    }

    private static func rank(_ value: JSONValue) -> Int {
        if value.doubleValue != nil { return 0 }
        return value.stringValue == nil ? 2 : 1
    }

    private static func sorted(_ value: JSONValue, _ call: Call, foldsCase: Bool) -> JSONValue {
        let key = call.arguments.isEmpty ? nil : call.text(0)
        let found = items(value).enumerated().sorted { left, right in
            let a = key.map { left.element[$0] ?? .null } ?? left.element
            let b = key.map { right.element[$0] ?? .null } ?? right.element
            if precedes(a, b, foldsCase: foldsCase) { return true }
            return !precedes(b, a, foldsCase: foldsCase) && left.offset < right.offset
        }
        return .array(found.map(\.element))
    }

    static let lists: [String: Filter] = [
        "split": { value, call, _ in
            let (text, separator) = (LiquidRenderer.text(value), call.text(0))
            if text.isEmpty { return [] }
            if separator.isEmpty { return .array(text.map { .string(String($0)) }) }
            var parts = text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
            while parts.last == "" { parts.removeLast() }
            return .array(parts.map { .string($0) })
        },
        "join": { value, call, _ in
            let separator = call.arguments.isEmpty ? " " : call.text(0)
            return .string(items(value).map(LiquidRenderer.text).joined(separator: separator))
        },
        "first": { value, _, _ in
            if case .string(let text) = value { return .string(String(text.prefix(1))) }
            return items(value).first ?? .null
        },
        "last": { value, _, _ in
            if case .string(let text) = value { return .string(String(text.suffix(1))) }
            return items(value).last ?? .null
        },
        "size": { value, _, _ in
            switch value {
            case .array(let items): JSONValue(items.count)
            case .object(let members): JSONValue(members.count)
            case .string(let text): JSONValue(text.count)
            default: .integer(0)
            }
        },
        "reverse": { value, _, _ in .array(items(value).reversed()) },
        "sort": { value, call, _ in sorted(value, call, foldsCase: false) },
        "sort_natural": { value, call, _ in sorted(value, call, foldsCase: true) },
        "uniq": { value, _, _ in
            var seen = Set<JSONValue>()
            return .array(items(value).filter { seen.insert($0).inserted })
        },
        "compact": { value, _, _ in .array(items(value).filter { $0 != .null }) },
        "concat": { value, call, _ in
            guard case .array(let more)? = call.arguments.first else { throw call.bad() }
            return .array(items(value) + more)
        },
        "map": { value, call, _ in .array(items(value).map { $0[call.text(0)] ?? .null }) },
        "where": { value, call, _ in
            .array(
                items(value).filter { item in
                    let found = item[call.text(0)] ?? .null
                    return call.arguments.count > 1 ? found == call.arguments[1] : LiquidRenderer.isTrue(found)
                })
        },
        "slice": { value, call, _ in
            guard !call.arguments.isEmpty else { throw call.bad() }
            let elements: [JSONValue]
            if case .array(let items) = value {
                elements = items
            } else {
                elements = LiquidRenderer.text(value).map { .string(String($0)) }
            }
            let (from, count) = (call.integer(0), max(0, call.integer(1, or: 1)))
            let start = from < 0 ? from + Int64(elements.count) : from
            var part: [JSONValue] = []
            if start >= 0, start < elements.count {
                part = Array(elements[Int(start)...].prefix(Int(min(count, Int64(elements.count)))))
            }
            if case .array = value { return .array(part) }
            return .string(part.map(LiquidRenderer.text).joined())
        },
    ]
}
