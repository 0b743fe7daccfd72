import Engine

/// What Snowplow's trackers send, as a pure function of the bytes: `payload_data` by POST, one event by query.
/// Source: requests captured from snowplow-tracker 1.1.0 (Python); Snowplow, "Tracker protocol".
enum SnowplowBody {
    static let dialect = "snowplow"

    /// `{"schema":…,"data":[…]}`, a single item, or a list of them. Throws: `JSONError`, `ItemFlaw` for anything else.
    static func read(_ json: [UInt8], _ moment: CollectMoment) throws -> CollectedBatch {
        try json.withUnsafeBufferPointer { buffer in
            var gathering = ItemGathering(dialect: dialect, moment: moment)
            var keys: [String?] = []
            let lines = SnowplowOrderLines(in: try items(buffer))
            var scanner = JSONScanner(buffer, at: try start(buffer))
            try gathering.takeAll(&scanner) { item throws(ItemFlaw) in
                keys.append(item["aid"]?.word)
                return try SnowplowItem(moment: moment, lines: lines).events(item)
            }
            gathering.note(keys: keys)
            return gathering.batch
        }
    }

    /// One event in the query of `GET /i`.
    static func read(query: [UInt8], _ moment: CollectMoment) throws(ItemFlaw) -> CollectedBatch {
        var gathering = ItemGathering(dialect: dialect, moment: moment)
        let item = try FormFields(query).item()
        gathering.note(keys: [item["aid"]?.word])
        gathering.take(item, raw: query) { item throws(ItemFlaw) in
            try SnowplowItem(moment: moment, lines: SnowplowOrderLines(in: [])).events(item)
        }
        return gathering.batch
    }

    /// Where the items begin. Throws: `JSONError`, `ItemFlaw` for an envelope without them.
    private static func start(_ buffer: UnsafeBufferPointer<UInt8>) throws -> Int {
        var scanner = JSONScanner(buffer)
        guard scanner.peek() == .object else {
            _ = try scanner.value()
            try scanner.finish()
            return 0
        }
        var found: Int?
        var isItem = false
        try scanner.enterObject()
        while let key = try scanner.nextKey() {
            let value = try scanner.value()
            if scanner.matches(key, "data"), value.kind == .array { found = value.range.lowerBound }
            if scanner.matches(key, "e") { isItem = true }
        }
        try scanner.finish()
        if let found { return found }
        guard isItem else { throw ItemFlaw(.missingField, "“data”, an array of events, is missing.") }
        return 0
    }

    private static func items(_ buffer: UnsafeBufferPointer<UInt8>) throws -> [JSONValue] {
        guard buffer.contains(where: { $0 == UInt8(ascii: "t") }) else { return [] }
        do {
            let tree = try JSONValue(parsing: buffer)
            return tree["data"]?.arrayValue ?? tree.arrayValue ?? []
        } catch {
            // A flawed item is told apart when it is read.
            return []
        }
    }
}

/// The lines of orders (`ti`) that came in the same request as their order (`tr`).
struct SnowplowOrderLines {
    private var lines: [String: [JSONValue]] = [:]
    private var orders: Set<String> = []

    init(in items: [JSONValue]) {
        for item in items {
            if item["e"] == "tr", let id = item["tr_id"]?.word { orders.insert(id) }
            if item["e"] == "ti", let id = item["ti_id"]?.word { lines[id, default: []].append(Self.line(item)) }
        }
    }

    func of(order id: String) -> [JSONValue] { lines[id] ?? [] }

    /// Whether the line stands in its order and needs no event of its own.
    func isTaken(order id: String) -> Bool { orders.contains(id) }

    static func line(_ item: JSONValue) -> JSONValue {
        var members: [String: JSONValue] = [:]
        for (name, field) in [
            ("sku", "ti_sk"), ("product_id", "ti_sk"), ("name", "ti_nm"), ("category", "ti_ca"), ("price", "ti_pr"),
            ("quantity", "ti_qu"),
        ] {
            guard let value = item[field], value != .null, value != "" else { continue }
            members[name] = name == "price" || name == "quantity" ? value.numeric : value
        }
        return .object(members)
    }
}
