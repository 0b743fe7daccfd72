import Storage

/// What one model says of one person, as kept. Points in thousandths.
package struct ProfileScore: Sendable, Equatable {
    package var modelID: Int64
    package var total: Int64
    package var fit: Int64
    package var engagement: Int64
    package var grade: ScoreGrade
    /// The day of the workspace that it holds for.
    package var day: Int64
    /// The version of the model that weighed.
    package var version: Int64
    /// How many thresholds, from the lowest, the total has reached.
    package var reached: Int64

    static let columns = "model_id, total, fit, engagement, grade, day, version, reached"

    init(_ row: SQLRow, from first: Int = 0) throws {
        modelID = try row.int(first)
        total = try row.int(first + 1)
        fit = try row.int(first + 2)
        engagement = try row.int(first + 3)
        grade = ScoreGrade(rawValue: try row.text(first + 4)) ?? .d
        day = try row.int(first + 5)
        version = try row.int(first + 6)
        reached = try row.int(first + 7)
    }

    init(modelID: Int64, total: Int64, fit: Int64, engagement: Int64, grade: ScoreGrade) {
        self.modelID = modelID
        self.total = total
        self.fit = fit
        self.engagement = engagement
        self.grade = grade
        (day, version, reached) = (0, 1, 0)
    }

    init(_ card: ScoreCard, _ model: PublishedScore, day: Int64) {
        modelID = model.id
        total = card.total
        fit = card.fit
        engagement = card.engagement
        grade = model.definition.grades.grade(total)
        self.day = day
        version = model.version
        let total = total
        reached = Int64(model.definition.thresholds.prefix { $0.at <= total }.count)
    }

    /// The same points, whatever the day.
    func says(_ other: ProfileScore) -> Bool {
        (total, fit, engagement, grade, reached, version)
            == (other.total, other.fit, other.engagement, other.grade, other.reached, other.version)
    }
}

/// A model ready to weigh.
struct PublishedScore: Sendable {
    var id: Int64
    var name: String
    var version: Int64
    var isBuilding: Bool
    /// With the definitions of segments and tags put in.
    var definition: ScoreDefinition
}

/// The kept scores: read, brought up to date, told.
package enum ScoreRows {
    package static let thresholdReached = "Score Threshold Reached"
    package static let gradeChanged = "Score Grade Changed"

    /// The scores of these people, by person. Throws: `StorageError`.
    package static func scores(
        of profileIDs: [Int64], _ connection: any SQLConnection
    ) throws -> [Int64: [ProfileScore]] {
        guard !profileIDs.isEmpty, try connection.first("SELECT 1 FROM score_models LIMIT 1") != nil else { return [:] }
        let answers = try connection.queryMany(
            "SELECT \(ProfileScore.columns) FROM profile_scores WHERE profile_id = ? ORDER BY model_id",
            profileIDs.map { [.integer($0)] })
        var scores: [Int64: [ProfileScore]] = [:]
        for (id, rows) in zip(profileIDs, answers) where !rows.isEmpty {
            scores[id] = try rows.map { try ProfileScore($0) }
        }
        return scores
    }

    /// Weighs these people by every model, writes what changed, gives each their scores, and returns what to say of it
    /// and whose points changed. Throws: `StorageError`.
    static func bringUpToDate(
        _ subjects: inout [CriteriaSubject], _ published: PublishedSegments, at now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> (events: [SystemEvent], changed: Set<Int64>) {
        guard !published.scores.isEmpty else { return ([], []) }
        let clock = published.clock(now)
        let present = try scores(of: subjects.map(\.profile.id), connection)
        var writes: [(profile: Int64, score: ProfileScore)] = []
        var events: [SystemEvent] = []
        var changed: Set<Int64> = []
        for index in subjects.indices {
            let id = subjects[index].profile.id
            let before = Dictionary((present[id] ?? []).map { ($0.modelID, $0) }) { first, _ in first }
            for model in published.scores {
                let card = ScoreCard(model.definition, subjects[index], clock)
                let (old, new) = (before[model.id], ProfileScore(card, model, day: clock.today))
                subjects[index].scores[model.id] = new
                // A row stays when the last receipt went: so the mirror learns that nothing is left.
                if card.receipts.isEmpty, old == nil { continue }
                guard old != new else { continue }
                writes.append((id, new))
                if old?.says(new) != true { changed.insert(id) }
                events += told(old, new, model, of: id, at: now)
            }
        }
        try save(writes, at: now, connection)
        return (events, changed)
    }

    /// What a change says. Being weighed anew under another version, or for the first time, is no news.
    private static func told(
        _ old: ProfileScore?, _ new: ProfileScore, _ model: PublishedScore, of id: Int64, at now: Timestamp
    ) -> [SystemEvent] {
        guard !model.isBuilding, old.map({ $0.version == model.version }) ?? true else { return [] }
        let head: [String: JSONValue] = [
            "model_id": .string(String(model.id)), "model": .string(model.name),
            "score": NumberRange.json(new.total * 10),
        ]
        func event(_ name: String, _ more: [String: JSONValue]) -> SystemEvent {
            SystemEvent(
                name: name, profileID: id, time: now, properties: JSONValue.object(head.merging(more) { $1 }).text())
        }
        var events: [SystemEvent] = []
        for place in Int(old?.reached ?? 0)..<max(Int(new.reached), Int(old?.reached ?? 0)) {
            let threshold = model.definition.thresholds[place]
            events.append(
                event(
                    thresholdReached,
                    ["threshold": .string(threshold.name), "at": NumberRange.json(threshold.at * 10)]))
        }
        let from = old?.grade ?? .d
        if from != new.grade {
            events.append(
                event(gradeChanged, ["from": .string(from.rawValue), "to": .string(new.grade.rawValue)]))
        }
        return events
    }

    private static func save(
        _ rows: [(profile: Int64, score: ProfileScore)], at now: Timestamp, _ connection: any SQLConnection
    ) throws {
        guard !rows.isEmpty else { return }
        try connection.executeMany(
            """
            INSERT INTO profile_scores (profile_id, model_id, total, fit, engagement, grade, day, version, reached,
                changed_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (model_id, profile_id) DO UPDATE SET total = excluded.total, fit = excluded.fit,
                engagement = excluded.engagement, grade = excluded.grade, day = excluded.day,
                version = excluded.version, reached = excluded.reached, changed_ms = excluded.changed_ms
            """,
            rows.map { profile, score in
                [
                    .integer(profile), .integer(score.modelID), .integer(score.total), .integer(score.fit),
                    .integer(score.engagement), .text(score.grade.rawValue), .integer(score.day),
                    .integer(score.version), .integer(score.reached), .integer(now.milliseconds),
                ]
            })
    }

    /// Takes merged and erased people out. Throws: `StorageError`.
    static func forget(_ profileIDs: [Int64], _ connection: any SQLConnection) throws {
        guard !profileIDs.isEmpty else { return }
        try connection.executeMany(
            "DELETE FROM profile_scores WHERE profile_id = ?", profileIDs.map { [.integer($0)] })
    }

    /// The people of a model, highest first. `grade`: only these. Throws: `StorageError`.
    package static func people(
        _ model: Int64, grade: ScoreGrade? = nil, limit: Int, offset: Int = 0, _ connection: any SQLConnection
    ) throws -> [(profileID: Int64, score: ProfileScore)] {
        let narrowed: SQL = grade.map { " AND grade = \($0.rawValue)" } ?? ""
        return try connection.query(
            """
            SELECT profile_id, \(raw: ProfileScore.columns) FROM profile_scores WHERE model_id = \(model)\(narrowed)
            ORDER BY total DESC, profile_id LIMIT \(limit) OFFSET \(offset)
            """
        ).map { (try $0.int(0), try ProfileScore($0, from: 1)) }
    }
}
