/// Prepared statements of one connection by their text, bounded: the least recently used ones make room.
struct StatementCache<Statement> {
    private struct Entry {
        var statement: Statement
        var usedAt: UInt64
    }

    private let limit: Int
    private var entries: [String: Entry] = [:]
    private var uses: UInt64 = 0

    init(limit: Int) {
        precondition(limit > 0, "a statement cache holds at least one statement")
        self.limit = limit
    }

    mutating func find(_ text: String) -> Statement? {
        guard let index = entries.index(forKey: text) else { return nil }
        uses += 1
        entries.values[index].usedAt = uses
        return entries.values[index].statement
    }

    /// Adds a statement and returns those that had to go, a quarter of the cache at a time.
    mutating func insert(_ text: String, _ statement: Statement) -> [Statement] {
        uses += 1
        var evicted: [Statement] = []
        if entries.count >= limit {
            let oldest = entries.sorted { $0.value.usedAt < $1.value.usedAt }.prefix(max(1, limit / 4))
            for (key, entry) in oldest {
                entries[key] = nil
                evicted.append(entry.statement)
            }
        }
        entries[text] = Entry(statement: statement, usedAt: uses)
        return evicted
    }

    mutating func removeAll() -> [Statement] {
        defer { entries.removeAll() }
        return entries.values.map(\.statement)
    }
}
