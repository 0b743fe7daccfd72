import Storage

/// People as rules see them, loaded when they are needed.
struct EarningPeople {
    let workspace: Workspace
    /// Nil: conditions on members ask for nothing that is kept elsewhere.
    let segments: PublishedSegments?
    let needsOrders: Bool
    let needsHoldings: Bool
    /// A profile with its document; nil when there is none any more.
    let profile: (Int64) throws -> (row: Profile, state: ProfileState)?

    var clock: CriteriaClock {
        CriteriaClock(
            now: Timestamp(milliseconds: 0), calendar: workspace.calendar,
            currencyDigits: CurrencyScale.digits(workspace.currency))
    }

    /// From the store alone. Throws: `StorageError`.
    init(
        _ criteria: [Criteria], _ workspace: Workspace, segments: SegmentCache, _ connection: any SQLConnection
    ) throws {
        try self.init(criteria, workspace, segments: segments, connection) { id in
            guard let row = try ProfileRows.load([id], connection).first, row.isLiving else { return nil }
            return (row, try ProfileState(parsing: row.state))
        }
    }

    /// - Parameter criteria: all that is to be held against these people.
    init(
        _ criteria: [Criteria], _ workspace: Workspace, segments cache: SegmentCache,
        _ connection: any SQLConnection, profile: @escaping (Int64) throws -> (row: Profile, state: ProfileState)?
    ) throws {
        self.workspace = workspace
        self.profile = profile
        segments = criteria.isEmpty ? nil : try cache.load(workspace, connection)
        needsOrders = criteria.contains(where: \.needsOrders)
        needsHoldings = criteria.contains(where: \.needsHoldings)
    }

    func subjects(_ ids: Set<Int64>, _ connection: any SQLConnection) throws -> [Int64: CriteriaSubject] {
        let calendar = workspace.calendar
        var subjects: [Int64: CriteriaSubject] = [:]
        for id in ids {
            guard let found = try profile(id) else { continue }
            subjects[id] = CriteriaSubject(found.row, found.state, calendar)
        }
        guard let segments, !subjects.isEmpty else { return subjects }
        let ids = subjects.keys.sorted()
        let lists = try SegmentMembers.segments(of: ids, connection)
        let tags = try TagHolders.tags(of: ids, connection)
        let scores = try ScoreRows.scores(of: ids, connection)
        let states = segments.features.isEmpty ? [:] : try KeptFeatures.states(of: ids, connection)
        let orders =
            needsOrders ? try CriteriaOrder.load(of: ids, currency: workspace.currency, connection) : [:]
        let holdings = needsHoldings ? try CriteriaHoldings.load(of: ids, calendar, connection) : [:]
        for id in ids {
            subjects[id]?.holdings = holdings[id] ?? CriteriaHoldings()
            subjects[id]?.lists = Set(lists[id] ?? [])
            subjects[id]?.tags = Set(tags[id] ?? [])
            for score in scores[id] ?? [] { subjects[id]?.scores[score.modelID] = score }
            subjects[id]?.orders = orders[id] ?? []
            for kept in segments.features {
                if let state = states[id]?[kept.id] { subjects[id]?.features[kept.feature] = state }
            }
        }
        return subjects
    }
}
