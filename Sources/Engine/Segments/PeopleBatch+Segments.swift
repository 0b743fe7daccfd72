import Storage

extension PeopleBatch {
    /// Keeps the features of everybody who did something, and moves them in and out of segments, in the processor's
    /// transaction, and gives and takes the tags that rules keep. Does nothing while nothing is published.
    ///
    /// Call it when everything else about the people is final, before `save`. Throws: `StorageError`.
    mutating func applySegments(
        _ events: [LoggedEvent], _ outcomes: [(position: Int64, profileID: Int64, outcome: EventOutcome)],
        _ cache: SegmentCache, at now: Timestamp
    ) throws {
        let published = try cache.load(context.workspace, connection)
        guard !published.isEmpty else { return }
        let losers = merges.map { (loser: $0.loserID, winner: person($0.winnerID)?.row.id ?? $0.winnerID) }
        let living = people.values.filter { $0.row.isLiving && ($0.isNew || $0.isChanged || $0.isTouched) }
            .sorted { $0.row.id < $1.row.id }
        var keeping = try FeatureKeeping(
            published, people: living.map(\.row.id), merged: losers, connection)
        for (event, outcome) in zip(events, outcomes) where outcome.outcome == .stored {
            guard let person = person(outcome.profileID) else { continue }
            keeping.take(event, by: person.row.id)
        }
        try keeping.save(connection)
        try SegmentMembers.move(losers, lists: published.lists, at: now, connection)
        try TagHolders.move(losers, published.tags, at: now, connection)
        var subjects: [CriteriaSubject] = []
        let orders =
            published.needsOrders
            ? try CriteriaOrder.load(
                of: living.filter { $0.row.orderCount > 0 }.map(\.row.id), currency: published.workspace.currency,
                connection) : [:]
        let holdings =
            published.needsHoldings
            ? try CriteriaHoldings.load(of: living.map(\.row.id), published.calendar, connection) : [:]
        for person in living {
            var subject = CriteriaSubject(person.row, try person.state(), published.calendar)
            subject.orders = orders[person.row.id] ?? []
            subject.holdings = holdings[person.row.id] ?? CriteriaHoldings()
            subject.features = keeping.features(of: person.row.id)
            subjects.append(subject)
        }
        try ScoreRows.forget(losers.map(\.loser), connection)
        let told = try SegmentMembers.bringUpToDate(subjects, published, only: nil, at: now, connection)
        for event in told.events { say(event) }
    }
}

/// The features of the people of one batch: loaded once, changed in memory, written once.
struct FeatureKeeping {
    private let published: PublishedSegments
    private var states: [Int64: [Int64: FeatureState]] = [:]
    private var changed: Set<Key> = []
    private var gone: [Int64] = []

    private struct Key: Hashable {
        var profile: Int64
        var feature: Int64
    }

    init(
        _ published: PublishedSegments, people: [Int64], merged: [(loser: Int64, winner: Int64)],
        _ connection: any SQLConnection
    ) throws {
        self.published = published
        guard !published.features.isEmpty else { return }
        let losers = merged.map(\.loser)
        states = try KeptFeatures.states(of: Set(people + losers + merged.map(\.winner)).sorted(), connection)
        for (loser, winner) in merged {
            for (feature, state) in states[loser] ?? [:] {
                states[winner, default: [:]][feature, default: FeatureState()].merge(state)
                changed.insert(Key(profile: winner, feature: feature))
            }
            states[loser] = nil
            changed = changed.filter { $0.profile != loser }
        }
        gone = losers
    }

    mutating func take(_ logged: LoggedEvent, by profileID: Int64) {
        guard let places = published.featuresByEvent[logged.event.name] else { return }
        let event = CriteriaEvent(
            position: logged.position, name: logged.event.name, time: logged.event.time,
            properties: FlatValues(parsing: logged.event.properties, nil), context: logged.event.context)
        for place in places {
            let kept = published.features[place]
            guard logged.position > kept.fromPosition, kept.feature.filter.matches(event, published.calendar) else {
                continue
            }
            states[profileID, default: [:]][kept.id, default: FeatureState()]
                .add(event, kept.feature, published.calendar)
            changed.insert(Key(profile: profileID, feature: kept.id))
        }
    }

    func save(_ connection: any SQLConnection) throws {
        try KeptFeatures.save(
            changed.compactMap { key in
                states[key.profile]?[key.feature].map { (key.profile, key.feature, $0) }
            }, connection)
        try KeptFeatures.forget(gone, connection)
    }

    func features(of profileID: Int64) -> [Feature: FeatureState] {
        guard let own = states[profileID] else { return [:] }
        var features: [Feature: FeatureState] = [:]
        for kept in published.features {
            if let state = own[kept.id] { features[kept.feature] = state }
        }
        return features
    }
}
