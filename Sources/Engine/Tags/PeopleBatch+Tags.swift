import Storage

extension PeopleBatch {
    /// Gives people the tags that a trusted source (an import, a server, a till) names in the property `tags` of an
    /// `identify`, in the processor's transaction. Unknown ones are made; what a rule keeps is passed over.
    ///
    /// Call it before `applySegments`. Throws: `StorageError`.
    mutating func applyTags(
        _ events: [LoggedEvent], _ outcomes: [(position: Int64, profileID: Int64, outcome: EventOutcome)],
        at now: Timestamp
    ) throws {
        var wanted: [(profile: Int64, path: String, cause: TagCause)] = []
        for (logged, outcome) in zip(events, outcomes) where outcome.outcome == .stored {
            guard logged.event.kind == .identify, logged.event.properties.utf8.count > 2,
                context.trustedSources.contains(logged.sourceID), let person = person(outcome.profileID)
            else { continue }
            let properties = try JSONValue(parsing: logged.event.properties)
            let names = (properties["tags"]?.arrayValue ?? []).prefix(Tags.namesOfEvent).compactMap(\.stringValue)
            let isImport = context.importSources.contains(logged.sourceID)
            let cause = TagCause(isImport ? .imported : .source, context.sourceNames[logged.sourceID] ?? "")
            wanted += names.map { (person.row.id, $0, cause) }
        }
        guard !wanted.isEmpty else { return }
        var ids: [String: Int64] = [:]
        for path in Set(wanted.map(\.path)).sorted() {
            do {
                ids[path] = try Tags.named(path, effects: context.effects, connection)
            } catch is TagError {
                // No name that a tag can have, or no more room: the person stays without it.
            }
        }
        let tree = try TagTree.load(connection)
        var present = try TagHolders.tags(of: Set(wanted.map(\.profile)).sorted(), connection).mapValues(Set.init)
        for want in wanted {
            guard let id = ids[want.path], tree.isManual(id) else { continue }
            let own = present[want.profile] ?? []
            guard !own.contains(id) else { continue }
            let gone = own.intersection(tree.rivals(of: id)).sorted().map { (tag: $0, profile: want.profile) }
            try give(id, to: want.profile, gone, want.cause, tree, at: now)
            present[want.profile] = own.subtracting(gone.map(\.tag)).union([id])
        }
    }

    private mutating func give(
        _ id: Int64, to profile: Int64, _ gone: [TagHolders.Pair], _ cause: TagCause, _ tree: TagTree,
        at now: Timestamp
    ) throws {
        let exclusive = TagCause(.exclusive, String(id))
        try TagHolders.remove(gone, exclusive, at: now, connection)
        try TagHolders.add([(id, profile)], cause, at: now, connection)
        changeProfile(profile) { _ in }
        let said =
            TagHolders.events(TagHolders.removed, gone, tree.names, exclusive, at: now)
            + TagHolders.events(TagHolders.added, [(id, profile)], tree.names, cause, at: now)
        for event in said { say(event) }
    }
}
