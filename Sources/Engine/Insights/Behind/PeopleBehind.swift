import Storage

/// The people that a mark counts, all of them, by id.
///
/// Each mark is answered by the store that counted it: figures and RFM by the analytics store, stages and the sentences
/// of what changed by the operational one.
package struct PeopleBehind: Sendable, Equatable {
    package var ids: [Int64]
    /// Who spent most stands first; longer lists stand in the order in which people came.
    package var isBySpend: Bool

    /// Lists up to this long are put in order by spend.
    package static let sortedPeopleMax = 5_000

    /// Throws: `RFMError`, `ReportError`, `StorageError`; `CancellationError` when the task was cancelled.
    package static func find(_ mark: Mark, _ platform: Platform) async throws -> PeopleBehind {
        let ids = try await ids(mark, platform)
        guard ids.count <= sortedPeopleMax else { return PeopleBehind(ids: ids, isBySpend: false) }
        let sorted = try await platform.store.read { connection in
            let spends = try connection.queryMany(
                "SELECT net_spend FROM profiles WHERE id = ?", ids.map { [.integer($0)] })
            return try zip(ids, spends).map { id, rows in (id: id, spend: try rows.first?.int(0) ?? .min) }
                .sorted { ($1.spend, $0.id) < ($0.spend, $1.id) }
        }
        return PeopleBehind(ids: sorted.map(\.id), isBySpend: true)
    }

    /// People of the list from a place on, without their documents; who is no longer there is nil.
    /// Throws: `StorageError`.
    package func page(
        from place: Int, limit: Int, _ connection: any SQLConnection
    ) throws -> [(id: Int64, profile: Profile?)] {
        let wanted = ids.dropFirst(max(0, place)).prefix(limit)
        guard !wanted.isEmpty else { return [] }
        let rows = try connection.queryMany(
            "SELECT \(ProfileList.columns) FROM profiles WHERE id = ?", wanted.map { [.integer($0)] })
        return try zip(wanted, rows).map { id, found in (id, try found.first.map(Profile.init)) }
    }

    private static func ids(_ mark: Mark, _ platform: Platform) async throws -> [Int64] {
        switch mark {
        case .people, .new, .identified, .active, .buyers, .repeatBuyers:
            let zone = try await platform.store.read { try Workspace.load($0).timeZone }
            return try await FigurePeople(analytics: platform.analytics, timeZone: zone).ids(mark)
        case .firstSeen, .ordered, .merged, .conflicts, .stage, .moved, .model:
            let now = platform.effects.now()
            return try await platform.store.read { connection in
                try connection.query(RecordedPeople.statement(mark, now: now)).map { try $0.int(0) }
            }
        case .reckoned(let stage, let day): return try await LifecycleReport.people(in: stage, asOf: day, platform)
        case .rfm(let selection, let settings, let day):
            return try await RFM.compute(platform, settings: settings, asOf: day).people(in: selection, limit: .max)
        case .report(let name, let values, let place):
            let report = try ReportCatalog.report(name)
            return try await report.people(at: place, try await ReportQuestion(report, values, platform))
        case .experiment(let people): return try await people.ids(platform)
        case .variant(let people): return try await people.ids(platform)
        case .reach(let people): return try await people.ids(platform)
        case .channel(let people): return try await people.ids(platform.analytics)
        case .rfmMoved(let from, let to, let settings, let start, let end):
            let before = try await RFM.compute(platform, settings: settings, asOf: start)
            let after = try await RFM.compute(platform, settings: settings, asOf: end)
            return RFMMovement.people(before, after, from: from, to: to)
        }
    }
}
