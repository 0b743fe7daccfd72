import Storage

/// Why somebody is not in a journey: each thing that has to be so, and whether it is.
package struct JourneyWhyNot: Sendable, Equatable {
    package enum Subject: String, Sendable {
        case live, entry, who, reentry
    }

    package struct Line: Sendable, Equatable {
        package var subject: Subject
        package var holds: Bool
        package var words: String
        package var finding: String
    }

    package var lines: [Line]
    package var runs: [JourneyRun]
    /// Conditions of the entry, one by one.
    package var conditions: SegmentExplanation?

    private static let looked = 200

    /// Throws: `JourneyError`, `ProfileError.notFound`, `StorageError`.
    package static func explain(
        _ profileID: Int64, _ journeyID: Int64, _ language: CriteriaLanguage, _ platform: Platform
    ) async throws -> JourneyWhyNot {
        let now = platform.effects.now()
        return try await platform.store.read { connection in
            let person = try ProfileDetail.resolve(profileID, connection)
            let journey = try Journeys.get(journeyID, connection)
            let world = try JourneyWorld.load(connection)
            let phrases = JourneyPhrases(language, world)
            let runs = try JourneyRuns.list(
                JourneyRunFilter(journey: journeyID, profile: person), limit: 20, connection)
            var answer = JourneyWhyNot(lines: [], runs: runs, conditions: nil)
            let states: [Journey.Status: String] = [
                .draft: language("草稿，尚未发布", "a draft, never published"), .live: language("进行中", "live"),
                .paused: language("已暂停", "paused"), .ended: language("已结束", "ended"),
            ]
            answer.lines.append(
                Line(
                    subject: .live, holds: journey.status == .live, words: language("旅程在进行", "the journey is live"),
                    finding: states[journey.status] ?? ""))
            guard let version = try Journeys.published(journeyID, connection) ?? Journeys.draft(journeyID, connection)
            else { return answer }
            let definition = try JourneyDefinition(parsing: version.definition)
            answer.lines.append(
                try entry(person, journey, definition, phrases, now, connection))
            if let criteria = definition.criteria?.expanded(world.criteria) {
                let stamp = try SegmentCache.version(connection)
                let published = try PublishedSegments.load(
                    version: stamp, try Workspace.load(connection), connection)
                if let subject = try JourneyPeople.subjects([person], published, connection)[person] {
                    let told = SegmentExplanation.explain(
                        criteria.root, subject, published.clock(now), phrases.criteria)
                    answer.conditions = told
                    answer.lines.append(
                        Line(
                            subject: .who, holds: told.holds,
                            words: definition.criteria?.words(phrases.criteria) ?? "", finding: ""))
                }
            }
            let candidate = JourneyCandidate(profile: person, cause: "", position: 0, values: [:])
            var bar = try JourneyPast.load([person], journeyID, connection).bar(candidate, definition.reentry, now)
            if bar == .noKey { bar = nil }
            let bars: [JourneyEntering.Bar: String] = [
                .never: language("已经来过", "was in it before"), .active: language("正在旅程中", "is in it now"),
                .recently: language("不久前来过", "was in it not long ago"),
            ]
            answer.lines.append(
                Line(
                    subject: .reentry, holds: bar == nil, words: definition.reentry.words(language),
                    finding: bar.flatMap { bars[$0] } ?? ""))
            return answer
        }
    }

    private static func entry(
        _ person: Int64, _ journey: Journey, _ definition: JourneyDefinition, _ phrases: JourneyPhrases,
        _ now: Timestamp, _ connection: any SQLConnection
    ) throws -> Line {
        let language = phrases.language
        let words = definition.entry.words(phrases)
        let names = definition.entry.names.sorted()
        guard !names.isEmpty else { return Line(subject: .entry, holds: true, words: words, finding: "") }
        let calendar = try Workspace.load(connection).calendar
        let ids = [person] + (try ProfileDetail.mergedIDs(into: person, connection))
        let rows = try connection.query(
            """
            SELECT e.position, e.name, e.time_ms, e.properties, e.context FROM event_outcomes o
            JOIN event_log e ON e.position = o.position
            WHERE o.profile_id IN (\(list: ids)) AND e.name IN (\(list: names)) ORDER BY e.position DESC LIMIT \(looked)
            """)
        let admitted = try rows.map { row in
            CriteriaEvent(
                position: try row.int(0), name: try row.text(1), time: Timestamp(milliseconds: try row.int(2)),
                properties: FlatValues(parsing: try row.text(3), nil), context: try row.text(4))
        }.first { definition.entry.admits($0, calendar) }
        guard let admitted else {
            return Line(
                subject: .entry, holds: false, words: words,
                finding: language("最近两天的日志里没有", "not in the log of the last two days"))
        }
        guard admitted.position > journey.fromPosition else {
            return Line(
                subject: .entry, holds: false, words: words,
                finding: language("发生在发布之前", "happened before the journey was published"))
        }
        return Line(subject: .entry, holds: true, words: words, finding: admitted.time.iso8601)
    }
}
