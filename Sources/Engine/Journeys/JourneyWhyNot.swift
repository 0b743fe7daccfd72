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
        /// When it happened, where the finding is that alone: to be written as whoever reads it writes times.
        package var at: Timestamp?
    }

    /// One message node, and what became of it for this person.
    package struct MessageLine: Sendable, Equatable {
        package enum Finding: Sendable, Equatable {
            /// The message as it stands.
            case message(SentMessage)
            /// Was in the journey and never came to the node: left before it, or went another way.
            case missed(JourneyRun.Ending)
            /// Is on the way; `node`: where.
            case ahead(node: String)
            case neverIn
        }

        package var node: String
        package var words: String
        package var finding: Finding
    }

    package var lines: [Line]
    package var runs: [JourneyRun]
    /// Messages of the journey, in its order.
    package var messages: [MessageLine] = []
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
            let world = try JourneyWorld.load(connection, .current)
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
            // Nobody comes into a draft; one that is not complete has nothing more to say.
            guard let definition = JourneyDefinition.readable(version.definition) else { return answer }
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
            answer.messages = try messages(person, journeyID, definition, runs, phrases, connection)
            return answer
        }
    }

    private static func messages(
        _ person: Int64, _ journeyID: Int64, _ definition: JourneyDefinition, _ runs: [JourneyRun],
        _ phrases: JourneyPhrases, _ connection: any SQLConnection
    ) throws -> [MessageLine] {
        var filter = MessageList.Filter()
        (filter.origin, filter.originID) = ("journey", journeyID)
        filter.profileIDs = [person] + (try ProfileDetail.mergedIDs(into: person, connection))
        // The last of each node: of several ways the newest is asked about.
        var sent: [String: SentMessage] = [:]
        for message in try MessageList.page(filter, before: nil, limit: looked, connection) {
            guard let node = message.originProperties["node"]?.stringValue, sent[node] == nil else { continue }
            sent[node] = message
        }
        var lines: [MessageLine] = []
        definition.visit { step, _ in
            guard step.node is MessageNode else { return }
            let finding: MessageLine.Finding
            if let message = sent[step.id] {
                finding = .message(message)
            } else if let run = runs.first {
                finding = run.ending.map { .missed($0) } ?? .ahead(node: run.node)
            } else {
                finding = .neverIn
            }
            lines.append(MessageLine(node: step.id, words: step.node.words(phrases), finding: finding))
        }
        return lines
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
        return Line(
            subject: .entry, holds: true, words: words, finding: admitted.time.iso8601, at: admitted.time)
    }
}
