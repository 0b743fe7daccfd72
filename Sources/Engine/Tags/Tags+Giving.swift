import Storage

extension Tags {
    /// People in one request.
    package static let requestLimit = 10_000

    /// Gives living people a manual tag and tells so; of an exclusive group the one they had goes. Merged ids lead to the
    /// winner. Returns how many did not have it. Throws: `TagError`, `StorageError`.
    @discardableResult
    package static func give(
        _ id: Int64, to profileIDs: [Int64], _ cause: TagCause, effects: Effects, _ connection: any SQLConnection
    ) throws -> Int {
        let tag = try manual(id, profileIDs, connection)
        let tree = try TagTree.load(connection)
        let rivals = tree.rivals(of: id)
        let present = try holding(profileIDs, connection)
        let new = present.filter { !$0.value.contains(id) }.keys.sorted()
        let gone = new.flatMap { profile in
            (present[profile] ?? []).intersection(rivals).sorted().map { (tag: $0, profile: profile) }
        }
        let now = effects.now()
        let exclusive = TagCause(.exclusive, String(id))
        let pairs = new.map { (tag: id, profile: $0) }
        try TagHolders.remove(gone, exclusive, at: now, connection)
        try TagHolders.add(pairs, cause, at: now, connection)
        let names = tree.names.merging([id: tree.path(of: tag.id)]) { $1 }
        try tell(
            TagHolders.events(TagHolders.removed, gone, names, exclusive, at: now)
                + TagHolders.events(TagHolders.added, pairs, names, cause, at: now), at: now, effects, connection)
        return new.count
    }

    /// Takes a manual tag from people and tells so. Returns how many had it. Throws: `TagError`, `StorageError`.
    @discardableResult
    package static func take(
        _ id: Int64, from profileIDs: [Int64], _ cause: TagCause, effects: Effects, _ connection: any SQLConnection
    ) throws -> Int {
        _ = try manual(id, profileIDs, connection)
        let names = try TagTree.load(connection).names
        let pairs = try holding(profileIDs, connection).filter { $0.value.contains(id) }.keys.sorted().map {
            (tag: id, profile: $0)
        }
        let now = effects.now()
        try TagHolders.remove(pairs, cause, at: now, connection)
        try tell(
            TagHolders.events(TagHolders.removed, pairs, names, cause, at: now), at: now, effects, connection)
        return pairs.count
    }

    private static func manual(_ id: Int64, _ profileIDs: [Int64], _ connection: any SQLConnection) throws -> Tag {
        guard profileIDs.count <= requestLimit else { throw TagError.tooManyPeople(limit: requestLimit) }
        let tag = try get(id, connection)
        guard tag.kind == .manual else { throw TagError.wrongKind(.rule) }
        return tag
    }

    /// The living people behind the ids, locked, with the tags that they have.
    private static func holding(
        _ profileIDs: [Int64], _ connection: any SQLConnection
    ) throws -> [Int64: Set<Int64>] {
        let owners = Set(try ProfileRows.owners(profileIDs, connection).values)
        let present = try TagHolders.tags(of: owners.sorted(), connection)
        return Dictionary(uniqueKeysWithValues: owners.map { ($0, Set(present[$0] ?? [])) })
    }

    private static func tell(
        _ events: [SystemEvent], at now: Timestamp, _ effects: Effects, _ connection: any SQLConnection
    ) throws {
        let people = Set(events.map(\.profileID))
        guard !people.isEmpty else { return }
        try ProfileRows.raiseVersions(people.sorted(), connection)
        let reviewed = try SegmentReview.review(people, at: now, connection)
        try SystemEventLog.append(events + reviewed, now: now, effects: effects, to: connection)
    }

    /// The tag of a path (`会员/高价值`), or of a name that only one tag has; what is not there is made, manual.
    /// Throws: `TagError`, `StorageError`.
    package static func named(_ path: String, effects: Effects, _ connection: any SQLConnection) throws -> Int64 {
        let tree = try TagTree.load(connection)
        if let known = tree.find(path) { return known }
        var parent: Int64 = 0
        for part in path.split(separator: "/").map({ Whitespace.trim(String($0)) }) {
            let present = try TagTree.load(connection)
            let known = present.children[parent]?.first { present.nodes[$0]?.name == part }
            parent =
                try known ?? create(TagDraft(name: part, parentID: parent), effects: effects, connection).id
        }
        guard parent != 0 else { throw TagError.nameMissing }
        return parent
    }
}
