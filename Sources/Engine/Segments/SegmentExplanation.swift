import Storage

/// Why a person is in a segment or not, condition by condition, with what was found for each.
package struct SegmentExplanation: Sendable, Codable, Equatable {
    package var words: String
    package var holds: Bool
    /// What the person has: `3`, `北京`, `none`. Empty of all, any and not.
    package var finding: String
    /// `all`, `any`, `not`, or the kind of condition.
    package var kind: String
    package var parts: [SegmentExplanation]

    /// From the recorded facts as of now. Throws: `SegmentError.notFound`, `ProfileError.notFound`, `StorageError`.
    package static func explain(
        _ profileID: Int64, in segmentID: Int64, _ language: CriteriaLanguage, _ platform: Platform
    ) async throws -> SegmentExplanation {
        let (segment, world, workspace) = try await platform.store.read { connection in
            (
                try Segments.get(segmentID, connection), try CriteriaWorld.load(connection),
                try Workspace.load(connection)
            )
        }
        let clock = PublishedSegments(version: 0, workspace: workspace).clock(platform.effects.now())
        let phrases = CriteriaPhrases(language, world)
        guard segment.kind == .dynamic, let criteria = Criteria.readable(segment.criteria)?.expanded(world) else {
            return try await listed(profileID, segment, phrases, platform)
        }
        let subject = try await PersonHistory.subject(
            profileID, criteria, currency: workspace.currency, clock.calendar, platform)
        return explain(criteria.root, subject, clock, phrases)
    }

    private static func listed(
        _ profileID: Int64, _ segment: Segment, _ phrases: CriteriaPhrases, _ platform: Platform
    ) async throws -> SegmentExplanation {
        let isIn = try await platform.store.read { connection in
            let id = try ProfileDetail.resolve(profileID, connection)
            return try SegmentMembers.segments(of: [id], connection)[id]?.contains(segment.id) ?? false
        }
        return SegmentExplanation(
            words: phrases.language("在名单“\(segment.name)”上", "is on the list “\(segment.name)”"), holds: isIn,
            finding: "", kind: segment.kind.rawValue, parts: [])
    }

    /// Pure.
    static func explain(
        _ node: CriteriaNode, _ subject: CriteriaSubject, _ clock: CriteriaClock, _ phrases: CriteriaPhrases
    ) -> SegmentExplanation {
        let holds = node.holds(for: subject, clock)
        func group(_ words: String, _ kind: String, _ nodes: [CriteriaNode]) -> SegmentExplanation {
            SegmentExplanation(
                words: words, holds: holds, finding: "", kind: kind,
                parts: nodes.map { explain($0, subject, clock, phrases) })
        }
        switch node {
        case .all(let nodes): return group(phrases.language("满足全部", "all of"), "all", nodes)
        case .any(let nodes): return group(phrases.language("满足任一", "any of"), "any", nodes)
        case .not(let inner): return group(phrases.language("不满足", "not"), "not", [inner])
        case .condition(let condition):
            return SegmentExplanation(
                words: condition.words(phrases), holds: holds, finding: condition.finding(subject, clock, phrases),
                kind: type(of: condition).kind, parts: [])
        }
    }
}

/// Everything that a definition can ask about one person, read from both stores.
enum PersonHistory {
    /// Events of one person that are looked at.
    private static let eventsLimit = 50_000

    /// Throws: `ProfileError.notFound`, `StorageError`.
    static func subject(
        _ profileID: Int64, _ criteria: Criteria, currency: String, _ calendar: LocalCalendar, _ platform: Platform
    ) async throws -> CriteriaSubject {
        let features = criteria.features
        let names = Set(features.flatMap(\.filter.names)).sorted()
        let (base, recent) = try await platform.store.read { connection in
            let detail = try ProfileDetail.load(profileID, connection)
            let id = detail.profile.id
            var subject = CriteriaSubject(detail.profile, detail.state, calendar)
            subject.lists = Set(try SegmentMembers.segments(of: [id], connection)[id] ?? [])
            subject.tags = Set(try TagHolders.tags(of: [id], connection)[id] ?? [])
            for score in try ScoreRows.scores(of: [id], connection)[id] ?? [] { subject.scores[score.modelID] = score }
            if criteria.needsOrders {
                subject.orders = try CriteriaOrder.load(of: [id], currency: currency, connection)[id] ?? []
            }
            if criteria.needsHoldings {
                subject.holdings = try CriteriaHoldings.load(of: [id], calendar, connection)[id] ?? CriteriaHoldings()
            }
            let recent = try RecentEvents.load(
                of: id, Timeline.Filter(names: names), before: nil, limit: eventsLimit, connection)
            return (subject, recent)
        }
        guard !names.isEmpty else { return base }
        var events = recent.entries.filter { $0.kind != EventKind.system.rawValue }.map { entry in
            CriteriaEvent(
                position: entry.position, name: entry.name, time: Timestamp(milliseconds: entry.timeMS),
                properties: FlatValues(parsing: entry.properties, nil), context: entry.context)
        }
        events += try await PersonRefill.archivedEvents(
            recent.profileIDs, names, through: recent.archived, limit: eventsLimit, platform.analytics)
        var subject = base
        for feature in features { subject.features[feature] = FeatureState(feature, events: events, calendar) }
        return subject
    }
}
