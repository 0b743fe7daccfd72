import Engine
import Storage

/// Fills both stores of a fresh data folder with a base of a given size, as the processor and the archiver would have
/// left it, in bulk.
struct BaseWriter {
    let platform: Platform
    let size: BaseSize
    let end: Int64

    /// People of one transaction and of one load of the analytics store.
    private static let batch: Int64 = 20_000
    /// The log keeps the newest events.
    private static let logTail: Int64 = 20_000
    /// Events are made month by month, each into one or two partitions.
    private static let months: Int64 = 24
    private static let monthSeconds: Int64 = 30 * 86_400

    func run(progress: (Double, String) -> Void) async throws {
        try await makeSources()
        for start in stride(from: Int64(1), through: size.people, by: Int(Self.batch)) {
            let people = (start..<min(start + Self.batch, size.people + 1)).map {
                BasePerson($0, end: end, ordersTimes: size.ordersTimes)
            }
            try await write(people)
            progress(Double(start) / Double(size.people) / 2, "\(start) people")
        }
        for month in 0..<Self.months {
            try await platform.analytics.execute(
                """
                INSERT INTO events (position, profile_id, name, kind, ts, ts_ms, received_ts, source_id, message_id,
                    anonymous_id, url, referrer, campaign_source, campaign_medium, campaign_name, properties, context, d,
                    prop_names, prop_texts, prop_numbers)
                \(events(month))
                """)
            try await platform.analytics.execute(
                """
                INSERT INTO timeline SELECT position, profile_id, name, kind, ts_ms, received_ts, source_id, message_id,
                    url, properties, context FROM (\(events(month)))
                """)
            progress(0.5 + Double(month + 1) / Double(2 * Self.months), "\(month + 1) months of events")
        }
        try await platform.analytics.execute("OPTIMIZE TABLE {data orders} FINAL")
        try await finishLog()
    }

    private func makeSources() async throws {
        let kinds = [("Web", "web"), ("App", "app"), ("WeChat", "wechat"), ("Till", "pos")]
        _ = try await platform.store.write { connection in
            try connection.executeMany(
                "INSERT INTO sources (id, name, kind, created_ms) VALUES (?, ?, ?, ?)",
                kinds.enumerated().map {
                    [.integer(Int64($0 + 1)), .text($1.0), .text($1.1), .integer(end - 720 * BasePerson.dayMS)]
                })
        }
    }

    private func write(_ people: [BasePerson]) async throws {
        _ = try await platform.store.write { connection in
            try connection.executeMany(
                """
                INSERT INTO profiles (id, created_ms, first_seen_ms, last_seen_ms, identified, identified_ms,
                    display_name, source_id, event_count, order_count, net_spend, first_order_ms, last_order_ms, stage,
                    stage_since_ms, rfm_r, rfm_f, rfm_m, rfm_class, state, merged_into, version)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
                """, people.map(Self.profile))
            try connection.executeMany(
                """
                INSERT INTO identities (kind, value, profile_id, source_id, first_seen_ms, evidence, verified)
                VALUES (?, ?, ?, ?, ?, 1, 0)
                """,
                people.flatMap { person in
                    person.identities.map {
                        [
                            .text($0.kind), .text($0.value), .integer($0.owner), .integer(person.sourceID),
                            .integer(person.firstSeenMS),
                        ]
                    }
                })
            try connection.executeMany(
                """
                INSERT INTO orders (order_id, profile_id, source_id, status, ordered_ms, currency, gross, refunded, net,
                    net_workspace, line_count, quantity, store, channel, updated_ms, position, state)
                VALUES (?, ?, ?, 'completed', ?, 'CNY', ?, 0, ?, ?, 1, 1, 'Hangzhou', 'web', ?, 1, ?)
                """, people.flatMap { person in person.orders.map { Self.order($0, of: person) } })
        }
        for block in BaseBlocks.all(of: people) where block.count > 0 {
            try await platform.analytics.insert(block, token: "base-\(people[0].number)-\(block.table)")
        }
    }

    private static func profile(_ person: BasePerson) -> [SQLValue] {
        let scores: [SQLValue] =
            person.rfmClass.map { code in
                code.map { .integer($0 == "1" ? 4 : 2) }
            } ?? [.integer(0), .integer(0), .integer(0)]
        return [
            .integer(person.number), .integer(person.firstSeenMS), .integer(person.firstSeenMS),
            .integer(person.lastSeenMS), person.isIdentified.sqlValue,
            (person.isIdentified ? person.firstSeenMS : nil).sqlValue, person.name.sqlValue, .integer(person.sourceID),
            .integer(person.eventCount), .integer(Int64(person.orders.count)), .integer(person.netSpend),
            (person.orders.first?.timeMS).sqlValue, (person.orders.last?.timeMS).sqlValue, person.stage.sqlValue,
            person.stage.map { _ in person.lastSeenMS }.sqlValue,
        ] + scores + [
            person.rfmClass.sqlValue, .text(person.state), (person.isMerged ? person.number - 1 : nil).sqlValue,
        ]
    }

    private static func order(_ order: BasePerson.Order, of person: BasePerson) -> [SQLValue] {
        let units = "\(order.net / 100).\(order.net % 100 < 10 ? "0" : "")\(order.net % 100)"
        let state = """
            {"a":[{"at":\(order.timeMS),"cur":"CNY","m":"\(order.id)","p":[{"id":"SKU-7","n":"正岩肉桂","pr":"\(units)",\
            "q":"1"}],"rev":"\(units)"}],"s":\(person.sourceID),"t":\(order.timeMS)}
            """
        return [
            .text(order.id), .integer(person.number), .integer(person.sourceID), .integer(order.timeMS),
            .integer(order.net), .integer(order.net), .integer(order.net), .integer(order.timeMS), .text(state),
        ]
    }

    /// One month of events. The first few people have a part of each month, the others a skewed share.
    private func events(_ month: Int64) -> AnalyticsSQL {
        let count = size.events / Self.months
        let heavy = BaseSize.heavyPeople * BaseSize.heavyEvents / Self.months
        let start = month * count
        let from = end / 1000 - (Self.months - month) * Self.monthSeconds
        return """
            SELECT number + 1 AS position,
                if(number < \(start + heavy), number % \(BaseSize.heavyPeople) + 1,
                    intHash64(number) % (1 + intHash64(number + 1) % \(size.people)) + 1) AS profile_id,
                arrayElement(['Page Viewed', 'Product Viewed', 'Product Viewed', 'Products Searched', 'Product Added',
                    'Cart Viewed', 'Identify', 'Stage Changed', 'Page Viewed', 'Page Viewed', 'Article Read',
                    'Order Completed'], pick) AS name,
                arrayElement(['page', 'track', 'track', 'track', 'track', 'track', 'identify', 'system', 'page', 'page',
                    'track', 'track'], pick) AS kind,
                toDateTime(intDiv(ts_ms, 1000)) AS ts,
                toInt64(\(from * 1000) + intHash64(number + 5) % \(Self.monthSeconds * 1000)) AS ts_ms,
                ts AS received_ts, number % 4 + 1 AS source_id, concat('m-', toString(number)) AS message_id,
                hex(intHash64(number + 9)) AS anonymous_id,
                concat('https://tea.example.com/p/', toString(number % 500)) AS url,
                'https://www.example.org/' AS referrer, '' AS campaign_source, '' AS campaign_medium,
                '' AS campaign_name,
                concat('{"product_id":"SKU-', toString(number % 500), '","name":"Longjing Green Tea No. ',
                    toString(number % 500), '","category":"Green tea","price":', toString(90 + number % 60),
                    '.5,"quantity":1,"currency":"CNY"}') AS properties,
                '{"library":{"name":"analytics-python","version":"2.4.0"},"locale":"zh-CN"}' AS context,
                toDate(ts, 'Asia/Shanghai') AS d,
                ['category', 'currency', 'name', 'price', 'product_id', 'quantity'] AS prop_names,
                ['green tea', 'cny', concat('longjing green tea no. ', toString(number % 500)),
                    concat(toString(90 + number % 60), '.5'), concat('sku-', toString(number % 500)), '1'] AS prop_texts,
                [\(CriteriaValue.noNumber), \(CriteriaValue.noNumber), \(CriteriaValue.noNumber),
                    toInt64((90 + number % 60) * \(CriteriaValue.scale) + \(CriteriaValue.scale / 2)),
                    \(CriteriaValue.noNumber), toInt64(\(CriteriaValue.scale))] AS prop_numbers
            FROM (SELECT number, toUInt64(1 + intHash32(number) % 12) AS pick FROM numbers(\(start), \(count)))
            """
    }

    /// The newest rows of the log, and both consumers past them.
    private func finishLog() async throws {
        let last = size.events / Self.months * Self.months
        let first = max(1, last - Self.logTail + 1)
        _ = try await platform.store.write { connection in
            try connection.executeMany(
                """
                INSERT INTO event_log (position, shard, source_id, message_id, kind, name, time_ms, received_ms,
                    identities, properties, traits, trait_operation, context)
                VALUES (?, 0, 1, ?, 'track', 'Product Viewed', ?, ?, '', '{}', '{}', 'set', '{}')
                """,
                (first...last).map { [.integer($0), .text("m-\($0 - 1)"), .integer(end), .integer(end)] })
            try connection.executeMany(
                "INSERT INTO event_outcomes (position, profile_id, outcome) VALUES (?, ?, 'stored')",
                (first...last).map { [.integer($0), .integer($0 % size.people + 1)] })
            let consumers = (0..<EventLog.shards).map { ("processor", $0) } + [("archiver", 0)]
            try connection.executeMany(
                """
                INSERT INTO log_consumers (consumer, shard, position, planned, owner, fence, lease_expires_ms)
                VALUES (?, ?, ?, ?, '', 0, 0)
                """, consumers.map { [.text($0.0), .integer($0.1), .integer(last), .integer(last)] })
        }
    }
}
