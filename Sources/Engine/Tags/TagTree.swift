import Storage

/// How tags hang together: parents, exclusive groups, rules. Read whole; there are at most `Tags.limit`.
package struct TagTree: Sendable {
    package struct Node: Sendable, Equatable {
        package var id: Int64
        package var parentID: Int64
        package var name: String
        package var colour: TagColour
        /// Nil: manual.
        package var criteria: String?
        package var isExclusive: Bool
        package var rank: Int64
    }

    package private(set) var nodes: [Int64: Node] = [:]
    /// In the order of their ranks.
    private(set) var children: [Int64: [Int64]] = [:]
    /// Tags that were merged into others, by whom they stand for now.
    private(set) var aliases: [Int64: Int64] = [:]
    /// What merged tags were called: histories name them.
    private var formerNames: [Int64: String] = [:]

    package init() {}

    package init(_ list: [Node], aliases: [Int64: Int64] = [:]) {
        for node in list { nodes[node.id] = node }
        for node in list.sorted(by: { ($0.rank, $0.id) < ($1.rank, $1.id) }) {
            children[nodes[node.parentID] == nil ? 0 : node.parentID, default: []].append(node.id)
        }
        self.aliases = aliases
    }

    /// Throws: `StorageError`.
    package static func load(_ connection: any SQLConnection) throws -> TagTree {
        var nodes: [Node] = []
        var aliases: [Int64: Int64] = [:]
        var formerNames: [Int64: String] = [:]
        let rows = try connection.query(
            """
            SELECT id, parent_id, name, colour, kind, criteria, exclusive, tag_rank, merged_into FROM tags
            WHERE deleted_ms IS NULL OR merged_into IS NOT NULL
            """)
        for row in rows {
            if let other = try row.intOrNil(8) {
                aliases[try row.int(0)] = other
                formerNames[try row.int(0)] = try row.text(2)
                continue
            }
            nodes.append(
                Node(
                    id: try row.int(0), parentID: try row.int(1), name: try row.text(2),
                    colour: TagColour(rawValue: try row.text(3)) ?? .grey,
                    criteria: try row.text(4) == TagKind.rule.rawValue ? try row.text(5) : nil,
                    isExclusive: try row.int(6) == 1, rank: try row.int(7)))
        }
        var tree = TagTree(nodes, aliases: aliases)
        tree.formerNames = formerNames
        return tree
    }

    /// What a tag is called, or was before it was merged into another; nil when it was deleted.
    package func name(of id: Int64) -> String? { nodes[id]?.name ?? formerNames[id] }

    package var isEmpty: Bool { nodes.isEmpty }
    package var names: [Int64: String] { nodes.mapValues { path(of: $0.id) } }

    func isManual(_ id: Int64) -> Bool { nodes[id].map { $0.criteria == nil } ?? false }

    /// The tag that an id stands for: merged ones lead on.
    package func standing(_ id: Int64) -> Int64? {
        var current = id
        for _ in 0..<Tags.limit {
            if nodes[current] != nil { return current }
            guard let next = aliases[current] else { return nil }
            current = next
        }
        return nil
    }

    /// Merged tags that stand for this one, and may still be on people.
    func formerly(_ id: Int64) -> [Int64] { aliases.keys.filter { standing($0) == id }.sorted() }

    /// The tag and all below it, parents first.
    package func below(_ id: Int64) -> [Int64] {
        var found = [id]
        var next = 0
        while next < found.count, found.count <= Tags.limit {
            found += children[found[next]] ?? []
            next += 1
        }
        return found
    }

    /// From the first level to the tag itself.
    package func ancestry(_ id: Int64) -> [Int64] {
        var way: [Int64] = []
        var current = id
        while let node = nodes[current], way.count <= Tags.depth {
            way.append(current)
            current = node.parentID
        }
        return way.reversed()
    }

    /// `会员/高价值`.
    package func path(of id: Int64) -> String {
        ancestry(id).compactMap { nodes[$0]?.name }.joined(separator: "/")
    }

    /// Tags that a person cannot have together with this one.
    func rivals(of id: Int64) -> Set<Int64> {
        guard let node = nodes[id], nodes[node.parentID]?.isExclusive == true else { return [] }
        return Set(children[node.parentID] ?? []).subtracting([id])
    }

    /// Rules of an exclusive group that come before this one.
    func earlierRules(_ id: Int64) -> [Int64] {
        guard let node = nodes[id], nodes[node.parentID]?.isExclusive == true else { return [] }
        return (children[node.parentID] ?? []).prefix { $0 != id }.filter { !isManual($0) }
    }

    /// The tag of a path or of a name that only one tag has.
    package func find(_ words: String) -> Int64? {
        let parts = words.split(separator: "/").map { Whitespace.trim(String($0)) }
        guard let first = parts.first else { return nil }
        if parts.count == 1 {
            let named = nodes.values.filter { $0.name == first }
            if named.count == 1 { return named.first?.id }
        }
        var current: Int64 = 0
        for part in parts {
            guard let next = (children[current] ?? []).first(where: { nodes[$0]?.name == part }) else { return nil }
            current = next
        }
        return current
    }
}
