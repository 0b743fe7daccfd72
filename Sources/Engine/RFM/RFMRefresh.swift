import Science
import Storage

/// Computes RFM anew and writes scores and classes to the profiles that changed, in bounded transactions.
package enum RFMRefresh {
    package static let kind = "refresh_rfm"
    package static let eventName = "RFM Class Changed"

    package static let handler = JobHandler(kind: kind, schedule: .daily(hour: 3, minute: 40)) { context in
        let platform = context.platform
        let (settings, currency) = try await platform.store.read { connection in
            (try RFMSettings.load(connection), try Workspace.load(connection).currency)
        }
        try await context.report(JobProgress(unit: "people", phase: "scoring"))
        let result = try await RFM.compute(platform, settings: settings)
        let report = RFMReport(result, currency: currency)
        let card = try await context.write { connection in
            try connection.lock("rfm_models")
            let version = (try RFMCard.newest(connection)?.version ?? 0) + 1
            let card = RFMCard(version: version, created: platform.effects.now(), report: report)
            try card.save(connection)
            return card
        }
        var writer = RFMWriter(result: result, card: card, effects: platform.effects)
        while true {
            let current = writer
            let next = try await context.write { connection in
                var writer = current
                let more = try writer.writeBatch(connection)
                try context.report(
                    JobProgress(done: Int64(writer.seen), unit: "people", phase: "writing"), in: connection)
                return (writer, more)
            }
            writer = next.0
            if !next.1 { break }
        }
        return try StoredDocument.text(["version": card.version, "changed": Int64(writer.changed)])
    }
}

/// Walks the profiles in the order of their ids beside the computed customers, which have the same order.
struct RFMWriter: Sendable {
    let result: RFMResult
    var card: RFMCard
    let effects: Effects
    /// The profile that was looked at last, and how many were looked at and written.
    private(set) var lastID: Int64 = 0
    private(set) var seen = 0
    private(set) var changed = 0

    static let batchPeople = 2_000

    init(result: RFMResult, card: RFMCard, effects: Effects) {
        self.result = result
        self.card = card
        self.effects = effects
    }

    /// One transaction's worth. Returns false when every profile has been looked at.
    mutating func writeBatch(_ connection: any SQLConnection) throws -> Bool {
        let rows = try connection.query(
            """
            SELECT id, rfm_r, rfm_f, rfm_m, rfm_class FROM profiles WHERE id > \(lastID) AND \(raw: Profile.isUnmerged)
            AND deleted_ms IS NULL ORDER BY id LIMIT \(Self.batchPeople)\(raw: connection.dialect.forUpdate)
            """)
        guard let last = rows.last else { return false }
        let now = effects.now()
        var updates: [[SQLValue]] = []
        var events: [SystemEvent] = []
        for row in rows {
            let id = try row.int(0)
            let before = Scored(
                recency: try row.int(1), frequency: try row.int(2), monetary: try row.int(3),
                code: try row.textOrNil(4))
            let after = scored(id)
            guard before != after else { continue }
            updates.append([
                .integer(after.recency), .integer(after.frequency), .integer(after.monetary), after.code.sqlValue,
                .integer(id),
            ])
            guard before.code != after.code else { continue }
            card.count(from: before.code, to: after.code)
            events.append(
                SystemEvent(
                    name: RFMRefresh.eventName, profileID: id, time: now,
                    properties: try StoredDocument.text(
                        ClassChanged(before: before, after: after, version: card.version))))
        }
        try connection.executeMany(
            "UPDATE profiles SET rfm_r = ?, rfm_f = ?, rfm_m = ?, rfm_class = ?, version = version + 1 WHERE id = ?",
            updates)
        try card.save(connection)
        events += try SegmentReview.review(Set(events.map(\.profileID)), at: now, connection)
        try SystemEventLog.append(events, now: now, effects: effects, to: connection)
        lastID = try last.int(0)
        seen += rows.count
        changed += updates.count
        return true
    }

    private func scored(_ id: Int64) -> Scored {
        let row = result.customers.ids.partitioningIndex(from: id)
        guard row < result.customers.count, result.customers.ids[row] == id else { return Scored() }
        let scores = result.scores(row: row)
        return Scored(
            recency: Int64(scores.recency), frequency: Int64(scores.frequency), monetary: Int64(scores.monetary),
            code: result.code(row: row))
    }
}

/// The RFM columns of a profile.
private struct Scored: Equatable {
    var recency: Int64 = 0
    var frequency: Int64 = 0
    var monetary: Int64 = 0
    var code: String?
}

/// The properties of `RFM Class Changed`.
private struct ClassChanged: Encodable {
    var from: String?
    var to: String?
    var recency: Int64
    var frequency: Int64
    var monetary: Int64
    var modelVersion: Int64

    init(before: Scored, after: Scored, version: Int64) {
        from = before.code
        to = after.code
        recency = after.recency
        frequency = after.frequency
        monetary = after.monetary
        modelVersion = version
    }

    private enum CodingKeys: String, CodingKey {
        case from, to, recency, frequency, monetary
        case modelVersion = "model_version"
    }
}

extension [Int64] {
    /// The first position whose value is at least `value`, in ascending values.
    fileprivate func partitioningIndex(from value: Int64) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
