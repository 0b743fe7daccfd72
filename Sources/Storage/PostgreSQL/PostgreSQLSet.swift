import CPostgreSQL

/// One statement over arrays that does what many runs of another do, for the kinds of statement where that is the same.
///
/// A run by itself costs the server 10 to 16 µs, whatever it does; a row of an array costs half of that and less.
/// Rows are read, locked and inserted in the order of the runs.
struct PostgreSQLSet {
    /// With `?` for each array.
    let text: String
    /// What the elements are, by placeholder of the single run; nil where every run has `NULL`, which is in the text.
    let types: [Oid?]
    private let counting: Counting

    /// How many rows each run changed.
    private enum Counting {
        case one
        /// One where its row came back, else none.
        case byRow
        /// As often as its number came back.
        case byNumber
    }

    /// Fewer runs than this are sent one by one.
    static let runsMin = 16
    private static let alias = "argument_rows"
    private static let ordinal = "run_number"

    /// A query: its rows, each behind the number of its run (from 1). Nil where the runs do not share types.
    init?(query statement: String, _ rows: [[SQLValue]]) {
        let words = statement.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        guard words.first == "SELECT", !statement.contains("LIMIT ?"), !statement.contains("OFFSET ?"),
            let types = Self.types(rows), !types.contains(nil)
        else { return nil }
        self.types = types
        counting = .one
        let single = PostgreSQLPlaceholders.replace(statement) { "\(Self.alias).p\($0)" }.text
        text = """
            SELECT \(Self.alias).\(Self.ordinal), single.* \
            FROM \(Self.arguments(types)) WITH ORDINALITY AS \(Self.alias)(\(Self.names(types)), \(Self.ordinal)), \
            LATERAL (\(single)) AS single
            """
    }

    /// An `INSERT … VALUES (…)` of placeholders and plain constants, alone, with `ON CONFLICT … DO NOTHING`, or with
    /// `ON CONFLICT (…) DO UPDATE` where no two runs have the same key; or a change (see `PostgreSQLChange`).
    init?(change statement: String, _ rows: [[SQLValue]]) {
        guard let types = Self.types(rows) else { return nil }
        if let parts = Parts(statement) {
            self.init(insert: parts, types, rows)
        } else if let change = PostgreSQLChange(statement, types, rows) {
            self.init(change, types)
        } else {
            return nil
        }
    }

    private init?(insert parts: Parts, _ types: [Oid?], _ rows: [[SQLValue]]) {
        guard parts.items.count(where: { $0 == "?" }) == types.count else { return nil }
        self.types = types
        let tuple = PostgreSQLPlaceholders.replace(parts.items.joined(separator: ", ")) {
            types[$0 - 1] == nil ? "NULL" : "\(Self.alias).p\($0)"
        }.text
        var text = """
            \(parts.head) SELECT \(tuple) FROM \(Self.arguments(types)) AS \(Self.alias)(\(Self.names(types)))
            """
        let placed = zip(parts.columns, parts.items).filter { $0.1 == "?" }.map(\.0)
        if let key = parts.updatedKey {
            // The server refuses to update one row twice in a statement.
            let places = key.compactMap(placed.firstIndex)
            guard key.allSatisfy(parts.columns.contains), Self.differ(rows, at: places) else { return nil }
            text += " \(parts.tail)"
            counting = .one
        } else if !parts.tail.isEmpty {
            // Which runs found their row taken is told by the rows that come back, so they must come back as they went.
            let comparable = [PostgreSQLType.integer8, PostgreSQLType.text]
            guard types.allSatisfy({ $0.map(comparable.contains) ?? true }) else { return nil }
            let count = Self.tellingColumns(rows) ?? placed.count
            text += " \(parts.tail) RETURNING \(placed.prefix(count).joined(separator: ", "))"
            counting = .byRow
        } else {
            counting = .one
        }
        self.text = text
    }

    private init(_ change: PostgreSQLChange, _ types: [Oid?]) {
        self.types = types
        counting = .byNumber
        let number = { (text: String, first: Int) in
            PostgreSQLPlaceholders.replace(text) {
                types[first + $0 - 1] == nil ? "NULL" : "\(Self.alias).p\(first + $0)"
            }
        }
        let head = number(change.head, 0)
        text = """
            \(head.text) \(change.joining) \(Self.arguments(types)) \
            WITH ORDINALITY AS \(Self.alias)(\(Self.names(types)), \(Self.ordinal)) \
            WHERE \(number(change.condition, head.count).text) RETURNING \(Self.alias).\(Self.ordinal)
            """
    }

    /// How many of the first columns are enough to tell every run from the others; nil where none of the first few are.
    private static func tellingColumns(_ rows: [[SQLValue]]) -> Int? {
        (1...3).first { count in count < rows[0].count && differ(rows, at: Array(0..<count)) }
    }

    /// Whether no two runs have the same values in these places, which must not be null. Text that differs in spelling
    /// only, or is not stored as it is, counts as the same.
    static func differ(_ rows: [[SQLValue]], at places: [Int]) -> Bool {
        guard !places.isEmpty else { return false }
        var seen = Set<[SQLValue]>(minimumCapacity: rows.count)
        return rows.allSatisfy { row in
            let key = places.map { row[$0] }
            let isPlain = key.allSatisfy { value in
                if case .text(let text) = value { !text.utf8.contains(0) } else { value != .null }
            }
            return isPlain && seen.insert(key).inserted
        }
    }

    /// How many rows each run changed, from the rows that came back: a part of `rows`, in their order.
    func changes(of rows: ArraySlice<[SQLValue]>, _ back: [SQLRow]) throws -> [Int] {
        switch counting {
        case .one: return Array(repeating: 1, count: rows.count)
        case .byNumber:
            var changes = Array(repeating: 0, count: rows.count)
            for row in back { changes[Int(try row.int(0)) - 1] += 1 }
            return changes
        case .byRow: break
        }
        var next = back.startIndex
        let changes = rows.map { row in
            guard next < back.endIndex, zip(back[next].values, row).allSatisfy(Self.isSame) else { return 0 }
            next += 1
            return 1
        }
        guard next == back.endIndex else {
            throw StorageError.statement(code: "set", message: "rows came back that were not sent", sql: text)
        }
        return changes
    }

    /// Text is compared byte by byte, as the server does, and as it is stored.
    private static func isSame(_ back: SQLValue, _ sent: SQLValue) -> Bool {
        guard case .text(let back) = back, case .text(let sent) = sent else { return back == sent }
        return StorableText.withBytes(sent) { back.utf8.elementsEqual($0) }
    }

    /// One type a column, nil for a column of `NULL`s. Nil when the rows are few, uneven or of several types.
    private static func types(_ rows: [[SQLValue]]) -> [Oid?]? {
        guard rows.count >= runsMin, let width = rows.first?.count, width > 0 else { return nil }
        var types = [Oid?](repeating: nil, count: width)
        for row in rows {
            guard row.count == width else { return nil }
            for (index, value) in row.enumerated() where value != .null {
                let type = PostgreSQLType.of(value)
                guard types[index] == nil || types[index] == type else { return nil }
                types[index] = type
            }
        }
        return types.contains { $0 != nil } ? types : nil
    }

    private static func arguments(_ types: [Oid?]) -> String {
        "unnest(" + types.compactMap(\.self).map { "?::\(PostgreSQLType.name($0))[]" }.joined(separator: ", ") + ")"
    }

    private static func names(_ types: [Oid?]) -> String {
        types.indices.filter { types[$0] != nil }.map { "p\($0 + 1)" }.joined(separator: ", ")
    }

    /// The pieces of an `INSERT INTO … (columns) VALUES (items) tail`.
    private struct Parts {
        var head: Substring
        var columns: [String]
        var items: [String]
        var tail: String
        /// The columns of `ON CONFLICT (…) DO UPDATE`.
        var updatedKey: [String]?

        init?(_ statement: String) {
            guard statement.drop(while: \.isWhitespace).hasPrefix("INSERT INTO "),
                let values = statement.firstRange(of: "VALUES ("), let opening = statement.firstIndex(of: "("),
                opening < values.lowerBound,
                let closing = statement[..<values.lowerBound].lastIndex(of: ")"),
                let end = statement[values.upperBound...].firstIndex(of: ")")
            else { return nil }
            head = statement[..<values.lowerBound]
            columns = Self.list(statement[statement.index(after: opening)..<closing])
            items = Self.list(statement[values.upperBound..<end])
            tail = statement[statement.index(after: end)...].split(whereSeparator: \.isWhitespace)
                .joined(separator: " ")
            let isPlain = items.allSatisfy { item in !item.contains { "(,".contains($0) } }
            updatedKey = Self.updatedKey(tail)
            let isKnown =
                tail.isEmpty || tail.hasPrefix("ON CONFLICT") && (tail.hasSuffix("DO NOTHING") || updatedKey != nil)
            guard isPlain, isKnown, columns.count == items.count, !tail.contains("?") else { return nil }
        }

        private static func updatedKey(_ tail: String) -> [String]? {
            let start = "ON CONFLICT ("
            guard tail.hasPrefix(start), let closing = tail.firstIndex(of: ")"),
                tail[closing...].hasPrefix(") DO UPDATE SET "),
                !["SELECT", "WHERE", "RETURNING"].contains(where: { tail.contains($0) })
            else { return nil }
            return list(tail.dropFirst(start.count)[..<closing])
        }

        private static func list(_ text: Substring) -> [String] {
            text.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            }
        }
    }
}

extension PostgreSQLLink {
    private static let setRowsMax = 4_000
    private static let setBytesMax = 8_000_000

    /// Runs a set over all rows in chunks and hands each chunk's rows and answer to `receive`.
    func run(
        _ set: PostgreSQLSet, _ rows: [[SQLValue]], _ receive: (ArraySlice<[SQLValue]>, [SQLRow]) throws -> Void
    ) throws {
        try checkHealthy()
        let statement = try self.statement(set.text)
        var next = rows.startIndex
        while next < rows.endIndex {
            let chunk = rows[next..<end(of: rows, from: next)]
            let name = try nameOfOnlyVariant(of: statement)
            parameters.load(chunk, set.types)
            let pointer = parameters.send { count, values, lengths, formats in
                PQexecPrepared(connection, name, count, values, lengths, formats, 0)
            }
            try receive(chunk, try checked(pointer, statement.text).rows())
            next = chunk.endIndex
        }
    }

    private func end(of rows: [[SQLValue]], from start: Int) -> Int {
        var bytes = 0
        var end = start
        while end < rows.endIndex, end - start < Self.setRowsMax, bytes < Self.setBytesMax {
            bytes += rows[end].reduce(0) { $0 + Self.byteCount(of: $1) }
            end += 1
        }
        return end
    }

    private static func byteCount(of value: SQLValue) -> Int {
        switch value {
        case .text(let text): text.utf8.count
        case .blob(let blob): blob.count
        default: 8
        }
    }
}
