extension AnalyticsColumn {
    /// Appends the values of a column of the same kind.
    mutating func append(_ other: AnalyticsColumn) {
        switch (self, other) {
        case (.int64(let values), .int64(let more)): self = .int64(values + more)
        case (.uint64(let values), .uint64(let more)): self = .uint64(values + more)
        case (.float64(let values), .float64(let more)): self = .float64(values + more)
        case (.string(let values), .string(let more)): self = .string(values + more)
        case (.strings(let values), .strings(let more)): self = .strings(values + more)
        case (.int64s(let values), .int64s(let more)): self = .int64s(values + more)
        case (.float64s(let values), .float64s(let more)): self = .float64s(values + more)
        default: preconditionFailure("blocks of one answer have the same columns")
        }
    }

    /// Cuts flat items into lists that end at `ends`. Throws: `StorageError.unexpectedValue` for lists of lists.
    func split(_ ends: [Int]) throws -> AnalyticsColumn {
        func lists<T>(_ items: [T]) -> [[T]] {
            var start = 0
            return ends.map { end in
                defer { start = end }
                return Array(items[start..<end])
            }
        }
        switch self {
        case .int64(let items): return .int64s(lists(items))
        case .uint64(let items): return .int64s(lists(items.map { Int64(bitPattern: $0) }))
        case .float64(let items): return .float64s(lists(items))
        case .string(let items): return .strings(lists(items))
        default:
            throw StorageError.unexpectedValue(column: 0, expected: "a flat array", found: "an array of arrays")
        }
    }
}
